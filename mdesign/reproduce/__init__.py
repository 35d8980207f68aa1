"""Run the notebooks, keep what they found, and set it beside the papers.

Importing this package loads no more than a notebook needs, `mdesign.reproduce.record`; the
runner's modules are loaded by the command line.
"""

from mdesign.reproduce.record import Comparison, Row, record, recorded

__all__ = ["Comparison", "Row", "record", "recorded"]
