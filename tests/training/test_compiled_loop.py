"""The compiled loop of JAX, which needs a process with this backend of Keras."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from mdesign.training.compiled_loop import runs_compiled_loops, take_steps

needs_jax = pytest.mark.skipif(not runs_compiled_loops(), reason="Keras has another backend")
INPUTS = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)
TARGETS = INPUTS @ np.array([[1.0], [-2.0]], np.float32)
ROWS = np.arange(8, dtype=np.int32)[np.newaxis]


def line(rate):
    initial = keras.initializers.GlorotUniform(seed=0)
    layer = keras.layers.Dense(1, kernel_initializer=initial)
    model = keras.Sequential([keras.Input((2,)), layer], name="line")
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


@pytest.mark.skipif(runs_compiled_loops(), reason="these tests run here")
def test_all_tests_of_this_file_under_jax():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", __file__],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout
    assert "3 passed" in run.stdout


@needs_jax
def test_a_network_that_is_compiled_again_has_its_new_optimiser_and_loss():
    model = line(0.1)
    take_steps(model, (INPUTS, TARGETS), [ROWS])
    model.compile(keras.optimizers.SGD(0.0), "mae")
    before = model.get_weights()
    error = np.abs(TARGETS - keras.ops.convert_to_numpy(model(INPUTS))).mean()
    assert take_steps(model, (INPUTS, TARGETS), [ROWS]) == pytest.approx([error], rel=1e-5)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@needs_jax
def test_a_loss_that_is_not_finite_ends_the_training_and_leaves_the_weights():
    model, taken = line(1e15), []

    def blocks():
        for block in range(100):
            taken.append(block)
            yield ROWS

    before = model.get_weights()
    with pytest.raises(FloatingPointError, match="loss of line is not finite in steps 3 to 3; try"):
        take_steps(model, (INPUTS, TARGETS), blocks())
    assert taken == [0, 1, 2, 3]  # the block after the bad one was on its way
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@needs_jax
def test_weights_that_are_not_finite_are_not_kept():
    model = line(1e38)
    before = model.get_weights()
    with pytest.raises(FloatingPointError, match="weights of line are not finite; try"):
        take_steps(model, (INPUTS, 1e6 * TARGETS), [ROWS])
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
