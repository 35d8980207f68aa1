"""Predictions in blocks."""

import keras
import numpy as np
import pytest

from mdesign.training.predict import predict_in_blocks

INPUTS = np.arange(14.0, dtype=np.float32).reshape(7, 2)


@pytest.fixture(scope="module")
def models():
    """One with an output, one with two, the first of which counts."""
    inputs = keras.Input((2,))
    double, sums = keras.layers.Rescaling(2.0)(inputs), keras.layers.Dense(3)(inputs)
    return keras.Model(inputs, double), keras.Model(inputs, [double, sums])


@pytest.mark.parametrize("compiled", [False, True])
def test_blocks_change_nothing(models, compiled):
    for model in models:
        for size in (3, 7, 100):
            outputs = predict_in_blocks(model, INPUTS, size=size, compiled=compiled)
            np.testing.assert_array_equal(outputs, 2 * INPUTS)
        assert predict_in_blocks(model, INPUTS[:0], size=3).shape == (0, 2)


def test_blocks_are_prepared_one_by_one(models):
    seen = []

    def prepare(rows):
        seen.append(len(rows))
        return INPUTS[rows]

    outputs = predict_in_blocks(models[0], np.arange(7), size=3, prepare=prepare)
    np.testing.assert_array_equal(outputs, 2 * INPUTS)
    assert seen == [3, 3, 1]
