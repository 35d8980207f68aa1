"""The designer moves designs, nothing else, and keeps its constraint."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import ops
from scipy.optimize import brentq

from mdesign.models.gidn import (
    Box,
    VolumeFraction,
    VolumePenalty,
    build_designer,
    build_predictor,
    optimise_designs,
    project,
)


@pytest.fixture(scope="module")
def predictor():
    return build_predictor(12, hidden=(24, 24), dropout=0.5, seed=0)


def starts(n=6, n_inputs=12):
    return np.random.default_rng(1).normal(0.75, 0.25, (n, n_inputs)).astype(np.float32)


def values(predictor, designs):
    return ops.convert_to_numpy(predictor(designs))


def projected(row, mean):
    """The projection by the root of its shift, in float64."""

    def excess(shift):
        return np.clip(row + shift, 0, 1).mean() - mean

    return np.clip(row + brentq(excess, -row.max(), 1 - row.min(), xtol=1e-12), 0, 1)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, (3, 10), elements=st.floats(-3, 3, width=32)),
    st.floats(0.05, 0.95),
)
def test_the_projection_agrees_with_a_root_finder(designs, mean):
    found = ops.convert_to_numpy(project(ops.convert_to_tensor(designs), mean))
    expected = np.array([projected(row.astype(np.float64), mean) for row in designs])
    np.testing.assert_allclose(found.mean(axis=1), mean, atol=3e-6)
    # A mean within 1e-6 leaves each of ten elements at most 1e-5 off, and float32 a little more.
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_the_projection_is_the_nearest_feasible_point():
    row, mean = starts(1), 0.6
    found = ops.convert_to_numpy(project(ops.convert_to_tensor(row), mean))
    rng = np.random.default_rng(2)
    others = np.array([projected(rng.normal(0.6, 0.4, 12), mean) for _ in range(200)])
    assert np.linalg.norm(found - row) <= np.linalg.norm(others - row, axis=1).min() + 1e-6


@pytest.mark.parametrize("maximise", [True, False])
def test_designs_improve_and_the_predictor_stays(predictor, maximise):
    before = [array.copy() for array in predictor.get_weights()]
    initial = VolumeFraction(0.25)(starts())
    found = optimise_designs(
        predictor, starts(), steps=30, constraint=VolumeFraction(0.25), maximise=maximise
    )
    gain = ops.convert_to_numpy(predictor(found) - predictor(initial))[:, 0]
    assert (gain > 0).all() if maximise else (gain < 0).all()
    for old, new in zip(before, predictor.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert len(predictor.trainable_variables) == len(before)


def test_only_the_designs_are_trainable(predictor):
    designer = build_designer(predictor, starts())
    assert [variable.path for variable in designer.trainable_variables] == ["designs/designs"]
    assert designer.layers[-1] is predictor


def test_the_designer_follows_a_predictor_that_learns_on():
    predictor = build_predictor(12, hidden=(8,), dropout=0.0, seed=0)
    designer = build_designer(predictor, starts())
    clock = np.zeros((6, 1), np.float32)
    np.testing.assert_array_equal(
        designer.predict(clock, batch_size=6, verbose=0), values(predictor, starts())
    )
    predictor.set_weights([array + 0.1 for array in predictor.get_weights()])
    np.testing.assert_array_equal(
        designer.predict(clock, batch_size=6, verbose=0), values(predictor, starts())
    )


def test_the_path_begins_at_the_start_and_keeps_the_constraint(predictor):
    path = optimise_designs(
        predictor, starts(), steps=9, constraint=VolumeFraction(0.25), path=True
    )
    assert path.shape == (10, 6, 12)
    np.testing.assert_array_equal(path[0], ops.convert_to_numpy(VolumeFraction(0.25)(starts())))
    np.testing.assert_allclose(path.mean(axis=2), 0.75, atol=2e-6)
    assert path.min() >= 0
    assert path.max() <= 1
    assert (np.abs(np.diff(path, axis=0)).max(axis=(1, 2)) > 0).all()


def test_chunks_do_not_change_the_result(predictor):
    whole, parts = (
        optimise_designs(
            predictor, starts(), steps=5, constraint=VolumeFraction(0.25), chunk_size=size
        )
        for size in (6, 4)
    )
    # The order of summation in a matrix product may follow its number of rows.
    np.testing.assert_allclose(whole, parts, atol=1e-5)


def test_a_box_keeps_bounds_and_a_penalty_pulls_to_the_fraction(predictor):
    boxed = optimise_designs(
        predictor, starts(), steps=60, constraint=Box(-0.2, 0.8), learning_rate=0.1
    )
    assert boxed.min() == np.float32(-0.2)
    assert boxed.max() == np.float32(0.8)
    penalised = optimise_designs(
        predictor,
        starts(),
        steps=200,
        constraint=Box(),
        regularizer=VolumePenalty(0.25, weight=1e3),
        learning_rate=0.005,
    )
    np.testing.assert_allclose(penalised.mean(axis=1), 0.75, atol=0.02)


def test_a_saved_designer_is_the_same_and_goes_on_alike(predictor, tmp_path):
    clock = np.zeros((6, 1), np.float32)
    designer = build_designer(
        predictor, starts(), constraint=VolumeFraction(0.25), regularizer=VolumePenalty(0.25)
    )
    designer.fit(clock, clock, batch_size=6, verbose=0)
    designer.save(tmp_path / "designer.keras")
    loaded = keras.models.load_model(tmp_path / "designer.keras")
    np.testing.assert_array_equal(loaded.designs, designer.designs)
    for model in (designer, loaded):
        model.fit(clock, clock, batch_size=6, verbose=0)
    np.testing.assert_array_equal(loaded.designs, designer.designs)


def test_designs_that_overflow_are_an_error(predictor):
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        optimise_designs(predictor, starts(), steps=5, learning_rate=1e38)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: build_designer(p, np.zeros((2, 3))), r"starts must have shape \(n, 12\)"),
        (lambda p: build_designer(p, np.zeros((0, 12))), "starts must be at least one"),
        (lambda p: optimise_designs(p, starts(), steps=0), "steps must be at least"),
        (lambda p: VolumeFraction(1.2), "soft_fraction must lie in"),
        (lambda p: VolumePenalty(-0.1), "soft_fraction must lie in"),
        (lambda p: Box(1.0, 1.0), "low must be below high"),
    ],
)
def test_nonsense_is_refused(predictor, call, message):
    with pytest.raises(ValueError, match=message):
        call(predictor)
