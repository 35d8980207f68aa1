"""Keep the notebooks that pytest runs out of the user's own folders."""

import os
import shutil
import tempfile

import pytest

from mdesign.reproduce.processes import environment


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts one home and a share of the cores; they inherit both."""
    if hasattr(config, "workerinput"):  # of pytest-xdist: inherits them too
        return
    home = tempfile.mkdtemp(prefix="mdesign-notebooks-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["MDESIGN_HOME"] = home
    os.environ.update(environment(config.getoption("numprocesses") or 1))
