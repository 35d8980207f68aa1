"""Keep the notebooks that pytest runs out of the user's own folders."""

import os
import shutil
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts a home of their own; they inherit the environment."""
    home = tempfile.mkdtemp(prefix="mdesign-notebooks-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["MDESIGN_HOME"] = home
