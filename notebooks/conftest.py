"""Run notebooks outside of the user's own folders, and skip those whose data are missing."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import nbformat
import pytest

from mdesign import data, paths
from mdesign.reproduce.processes import environment


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels that nbval starts one home and a share of the cores; they inherit both."""
    if hasattr(config, "workerinput"):  # of pytest-xdist: inherits them too
        return
    home = tempfile.mkdtemp(prefix="mdesign-notebooks-")
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    # Public data that the user has are read, but none are downloaded.
    os.environ.setdefault("MDESIGN_DATA_MIRROR", str(paths.data_cache()))
    os.environ["MDESIGN_HOME"] = home
    os.environ.update(environment(config.getoption("numprocesses") or 1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the cells of notebooks whose public data are not on this machine."""
    for item in items:
        missing = _missing_data(item.path) if item.path.suffix == ".ipynb" else ""
        if missing:
            item.add_marker(pytest.mark.skip(f"needs: mdesign data fetch {missing}"))


@cache
def _missing_data(notebook: Path) -> str:
    """Names of the public data that a notebook needs and the mirror lacks."""
    needed = nbformat.read(notebook, as_version=4).metadata.mdesign.data
    mirror = Path(os.environ["MDESIGN_DATA_MIRROR"])
    lacking = {
        name for name in needed for file in data.find(name) if not (mirror / file.key).is_file()
    }
    return " ".join(sorted(lacking))
