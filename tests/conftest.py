"""Fixtures shared by the unit tests."""

from pathlib import Path

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch):
    """A mirror of the user must not change what a test does."""
    monkeypatch.delenv("MDESIGN_DATA_MIRROR", raising=False)


@pytest.fixture
def home(monkeypatch, tmp_path) -> Path:
    """A home of its own for one test, empty at first."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MDESIGN_HOME", str(folder))
    return folder
