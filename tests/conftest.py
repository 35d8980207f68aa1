"""Fixtures shared by the unit tests."""

import os
from pathlib import Path

import matplotlib
import pytest
from hypothesis import settings

from mdesign.reproduce.processes import environment

matplotlib.use("Agg")

# The same examples in every run; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Give each process its share of the cores."""
    if not hasattr(config, "workerinput"):
        os.environ.update(environment(config.getoption("numprocesses") or 1))


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path) -> Path:
    """A home of its own for each test, empty at first; no mirror of the user."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MDESIGN_HOME", str(folder))
    monkeypatch.delenv("MDESIGN_DATA_MIRROR", raising=False)
    return folder
