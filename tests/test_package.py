import importlib
import importlib.metadata
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mdesign
from mdesign import paths
from mdesign.physics import CrackedComposite
from mdesign.physics.fracture.banded import energy_ratio

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


def test_saved_networks_load_once_the_models_are_imported(tmp_path):
    from mdesign.models import gidn, mdn
    from mdesign.models.localization.whole_field_network import build_whole_field

    mixture = mdn.build_mdn(2, n_components=3, scale="elu", seed=0)
    mixture.compile("adam", mdn.MixtureLoss(3))
    predictor = gidn.build_predictor(4, hidden=(3,), seed=0)
    ends = {"constraint": gidn.VolumeFraction(0.5), "regularizer": gidn.VolumePenalty(0.5)}
    designer = gidn.build_designer(predictor, [[0.5] * 4], **ends)
    for model in (mixture, designer, build_whole_field(2, 1, seed=0)):
        model.save(tmp_path / f"{model.name}.keras")
    _loaded_after(
        "import keras, mdesign.models, pathlib\n"
        f"files = sorted(pathlib.Path({str(tmp_path)!r}).glob('*.keras'))\n"
        "assert [keras.models.load_model(file).name for file in files] == "
        "['designer', 'mdn', 'whole_field']"
    )


def test_every_registered_class_is_registered_with_the_models():
    folder = Path(mdesign.__path__[0])
    registering = {
        ".".join(["mdesign", *path.relative_to(folder).with_suffix("").parts])
        for path in folder.rglob("*.py")
        if "register_keras_serializable" in path.read_text(encoding="utf-8")
    }
    assert len(registering) >= 4
    program = f"import mdesign.models, sys\nassert {registering} <= set(sys.modules)"
    _loaded_after(program)


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


def test_what_functions_inside_functions_refer_to_is_not_kept():
    """Checks that decorate them in every call would keep the arrays of every call."""
    plate, moduli = CrackedComposite(), np.full((4, 128), 10.0)
    before = sys.getrefcount(moduli)
    for _ in range(3):
        energy_ratio(plate._mesh, moduli, "tip")
    assert sys.getrefcount(moduli) == before
