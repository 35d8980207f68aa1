import doctest
import importlib

import pytest

from mdesign import paths

ROOT = paths.repository()
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "mdesign").rglob("*.py")
    if "\n>>> " in path.read_text(encoding="utf-8").replace("\n    ", "\n").replace("\n    ", "\n")
)


def test_there_are_modules_with_examples():
    assert len(MODULES) >= 4


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted > 0
    assert outcome.failed == 0
