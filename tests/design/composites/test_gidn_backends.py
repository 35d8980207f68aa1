"""The loop of active learning under JAX: its numbers are those of TensorFlow."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from mdesign.design.composites import GidnSettings, Stopping, active_learning
from mdesign.models.gidn import VolumeFraction, build_designer, build_predictor, run_designer
from mdesign.physics import CrackedComposite
from mdesign.storage import result_name
from mdesign.training.batches import MixedBatches
from mdesign.training.compiled_loop import fit_mixed

PLATE = CrackedComposite(nx=4, ny=2, crack_length=1)
PAPERS = GidnSettings(
    n_random=400,
    n_starts=60,
    hidden=(16, 16),
    dropout=0.5,
    epochs=20,
    batch_size=20,
    decay=False,
    target_scale="linear",
    warm_start=False,
    design_steps=20,
    seed=1,
)


def from_given_weights():
    """Predictions and designs of a predictor after each of two trainings."""
    rng = np.random.default_rng(0)
    predictor = build_predictor(8, hidden=(24, 24), dropout=0.0, seed=0)
    predictor.set_weights([rng.normal(0, 0.2, w.shape) for w in predictor.get_weights()])
    predictor.compile(keras.optimizers.Adam(1e-3), "mse")
    designer = build_designer(predictor, np.zeros((5, 8)), constraint=VolumeFraction(0.25))
    groups = [(rng.integers(0, 2, (n, 8), np.uint8), rng.random(n)) for n in (90, 30)]
    starts = rng.normal(0.75, 0.25, (12, 8)).astype(np.float32)
    arrays = {"predicted 0": keras.ops.convert_to_numpy(predictor(starts))}
    for number in (1, 2):
        batches = MixedBatches(groups, [0.5, 0.5], batch_size=30, n_batches=7, rng=rng)
        fit_mixed(predictor, batches, epochs=2, label="training", progress=False)
        arrays[f"predicted {number}"] = keras.ops.convert_to_numpy(predictor(starts))
        arrays[f"designs {number}"] = run_designer(designer, starts, steps=15)
    return arrays


def of_the_loop(folder):
    """What two iterations give with the choices of the paper: at once, and resumed after one."""
    active_learning(PLATE, PAPERS, Stopping(1), checkpoint=folder)
    resumed = active_learning(PLATE, PAPERS, Stopping(2), checkpoint=folder)
    at_once = active_learning(PLATE, PAPERS, Stopping(2))
    return {
        f"{name} {how}": getattr(iteration, name)
        for how, run in (("resumed", resumed), ("at once", at_once))
        for iteration in run.iterations[1:]
        for name in ("designs", "toughness", "predicted", "training_error")
    }


@pytest.fixture(scope="module")
def of_jax(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jax")
    subprocess.run(
        [sys.executable, __file__, str(folder)],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
        timeout=300,
    )
    (kept,) = (path.name for path in folder.iterdir() if path.is_dir())
    with np.load(folder / "arrays.npz") as arrays:
        return {"kept as": kept, **arrays}


def test_both_backends_predict_train_and_design_alike(of_jax):
    for name, ours in from_given_weights().items():
        # Rounding grows along the steps: 28 of training and 15 of design at most.
        tolerance = 1e-6 if name == "predicted 0" else 1e-4
        np.testing.assert_allclose(of_jax[name], ours, atol=tolerance, err_msg=name)


def test_a_second_training_changes_what_the_designer_sees(of_jax):
    assert abs(of_jax["designs 2"] - of_jax["designs 1"]).max() > 1e-2


def test_a_resumed_loop_gives_the_same_numbers(of_jax):
    for name in ("designs", "toughness", "predicted", "training_error"):
        resumed, at_once = (of_jax[f"{name} {how}"] for how in ("resumed", "at once"))
        np.testing.assert_array_equal(resumed, at_once, err_msg=name)
    assert (of_jax["designs resumed"].sum(axis=1) == 6).all()


def test_what_one_backend_keeps_is_not_that_of_another(of_jax):
    own = result_name("gidn", PLATE, PAPERS, code=(active_learning, CrackedComposite))
    assert of_jax["kept as"] != own


if __name__ == "__main__":
    from pathlib import Path

    folder = Path(sys.argv[1])
    np.savez(folder / "arrays.npz", **from_given_weights(), **of_the_loop(folder))
