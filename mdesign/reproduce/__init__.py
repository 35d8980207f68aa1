"""Run the notebooks, record their results, and compare them with the papers.

This package imports only what notebooks need; the command line imports the modules of the runner.
"""

import sys

from mdesign import paths
from mdesign.reproduce.comparison import Comparison, Row
from mdesign.reproduce.record import record, recorded

__all__ = ["Comparison", "Row", "record", "recorded"]

if "ipykernel" in sys.modules:
    paths.repository()  # a notebook outside a checkout says so at its start, not at its end
