"""Keep every test and every notebook that pytest runs out of the user's own folders."""

import os
import shutil
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    home = tempfile.mkdtemp(prefix="mdesign-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    os.environ["MDESIGN_HOME"] = home  # kernels started by nbval inherit it
