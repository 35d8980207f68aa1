import importlib
import importlib.metadata
import os
import pkgutil
import shutil
import subprocess
import sys

import pytest

import mdesign
from mdesign import paths

LIGHT = ("mdesign.physics", "mdesign.papers", "mdesign.paths", "mdesign.seeding")


def test_version_is_the_installed_one():
    assert mdesign.__version__ == importlib.metadata.version("mdesign")


def test_every_advertised_name_exists():
    modules = set(mdesign.__all__) - {"__version__"}
    found = {module.name for module in pkgutil.iter_modules(mdesign.__path__)}
    assert modules == found
    assert set(mdesign.__all__) == set(dir(mdesign))
    assert mdesign.papers is importlib.import_module("mdesign.papers")


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        mdesign.nonsense  # noqa: B018


def _loaded_after(statement: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter after a statement."""
    program = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_mdesign_loads_no_heavy_library():
    heavy = {"tensorflow", "keras", "numpy", "numba", "scipy", "matplotlib", "pooch"}
    assert not heavy & _loaded_after("import mdesign")


def test_lower_layers_and_plotting_load_no_tensorflow():
    loaded = _loaded_after(f"import {', '.join(('mdesign', *LIGHT, 'mdesign.plotting'))}")
    assert "numba" in loaded  # the physics was there
    assert "matplotlib" in loaded  # the plotting was there
    assert not {"tensorflow", "keras"} & loaded


def test_models_do_load_keras():
    # Otherwise the test above could not fail.
    assert "keras" in _loaded_after("import mdesign.models.gidn.predictor")


def test_tensorflow_starts_without_messages():
    program = "import mdesign, os, tensorflow; tensorflow.zeros(1); os.write(2, b'after')"
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b"after"


def test_a_notebook_outside_a_checkout_says_so_at_its_start(tmp_path):
    shutil.copytree(paths.repository() / "mdesign", tmp_path / "mdesign")
    start = "import ipykernel; import mdesign.reproduce"
    ended = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "clone the repository and install it" in ended.stderr.splitlines()[-1]
