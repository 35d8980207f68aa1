"""What the package offers, and what importing it costs."""

import subprocess
import sys

import pytest

import mdesign.design.composites as composites

HEAVY = {"tensorflow", "keras", "pymoo", "sklearn"}


def _loaded_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_loads_no_heavy_library():
    assert not HEAVY & _loaded_after("import mdesign.design.composites")
    # Otherwise the line above could not fail.
    assert "pymoo" in _loaded_after("from mdesign.design.composites import genetic_search")


def test_every_public_name_is_there_and_every_lazy_one_is_public():
    lazy = {name for names in composites._LAZY.values() for name in names}
    assert lazy <= set(composites.__all__) == set(dir(composites))
    for name in composites.__all__:
        assert not isinstance(getattr(composites, name), type(sys)), f"{name} is a module"


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        composites.nonsense  # noqa: B018
