import keras
import numpy as np
import pytest
from scipy.stats import norm

from mdesign.analysis.uncertainty import (
    conformal_intervals,
    ensemble_prediction,
    interval_quality,
    normal_intervals,
    repeated_prediction,
)
from mdesign.models.elemnet.network import ActiveDropout


def noisy(rng, n):
    """Values around zero with a deviation that varies from one to the next."""
    deviations = rng.uniform(0.2, 3.0, n)
    return deviations, deviations * rng.standard_normal(n)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("scaled", [False, True])
def test_conformal_intervals_cover_what_they_promise(level, scaled):
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(40):
        (held_deviations, held), (deviations, values) = noisy(rng, 500), noisy(rng, 500)
        widths = (deviations, held_deviations) if scaled else None
        intervals = conformal_intervals(
            np.zeros(500), (np.zeros(500), held), deviations=widths, level=level
        )
        covered.append(interval_quality(intervals, values, level=level).coverage)
    # 20,000 values and 40 calibrations of 500: the spread of the mean is below 0.005.
    assert np.mean(covered) == pytest.approx(level, abs=0.012)


def test_a_known_spread_makes_sharper_intervals():
    rng = np.random.default_rng(1)
    (held_deviations, held), (deviations, values) = noisy(rng, 4_000), noisy(rng, 4_000)
    guessed = np.zeros(4_000)
    constant = conformal_intervals(guessed, (guessed, held))
    scaled = conformal_intervals(guessed, (guessed, held), deviations=(deviations, held_deviations))
    one, other = interval_quality(constant, values), interval_quality(scaled, values)
    assert other.score < 0.9 * one.score
    assert np.isnan(one.rank_correlation)
    assert other.rank_correlation > 0.4


def test_overconfident_deviations_are_calibrated_but_normal_intervals_are_not():
    rng = np.random.default_rng(2)
    (held_deviations, held), (deviations, values) = noisy(rng, 4_000), noisy(rng, 4_000)
    guessed = np.zeros(4_000)
    too_small = (deviations / 4, held_deviations / 4)
    normal = normal_intervals(guessed, too_small[0])
    expected = 2 * norm.cdf(norm.ppf(0.95) / 4) - 1
    assert interval_quality(normal, values).coverage == pytest.approx(expected, abs=0.03)
    calibrated = conformal_intervals(guessed, (guessed, held), deviations=too_small)
    assert interval_quality(calibrated, values).coverage == pytest.approx(0.9, abs=0.02)


def test_interval_score_in_closed_form():
    quality = interval_quality([[0, 2], [0, 2], [1, 2]], [1, 3, 0.5], level=0.8)
    assert quality.coverage == pytest.approx(1 / 3)
    assert quality.width == pytest.approx(5 / 3)
    assert quality.score == pytest.approx((2 + (2 + 10) + (1 + 5)) / 3)


def test_too_few_held_out_values_are_refused():
    conformal_intervals([0.0], (np.zeros(9), np.arange(9)), level=0.9)
    with pytest.raises(ValueError, match=r"at least 9 values for the level 0\.9; got 8"):
        conformal_intervals([0.0], (np.zeros(8), np.arange(8)), level=0.9)


def test_ensemble():
    mean, deviation = ensemble_prediction([[1.0, 2.0], [3.0, 2.0]])
    np.testing.assert_allclose(mean, [2, 2])
    np.testing.assert_allclose(deviation, [np.sqrt(2), 0])
    with pytest.raises(ValueError, match="two networks or more; got 1"):
        ensemble_prediction([[1.0]])


def test_repeated_prediction_has_the_spread_of_the_dropout():
    inputs = keras.Input((400,))
    dropped = ActiveDropout(0.5, seed=0)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(dropped))
    model.set_weights([np.full((400, 1), 1 / 400)])
    mean, deviation = repeated_prediction(model, np.ones((3, 400)), repeats=400)
    # A mean of 400 terms that are 0 or 2: the deviation is 1 / sqrt(400).
    np.testing.assert_allclose(mean, 1, atol=0.015)
    np.testing.assert_allclose(deviation, 0.05, rtol=0.15)
    with pytest.raises(ValueError, match=r"inputs must have shape \(n, 400\); got \(3, 4\)"):
        repeated_prediction(model, np.ones((3, 4)))


def test_a_network_that_is_not_random_is_refused():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dropout(0.5)(keras.layers.Dense(1)(inputs)))
    with pytest.raises(ValueError, match="model must be random in prediction"):
        repeated_prediction(model, np.ones((3, 4)), repeats=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": 1.0}, "level must"),
        ({"predictions": [np.nan]}, "predictions must"),
        ({"calibration": (np.zeros(20), np.zeros(19))}, "as many values; got 20, 19"),
        ({"deviations": ([0.0], np.ones(20))}, r"deviations\[0\] must"),
        ({"deviations": ([1.0], np.ones(19))}, r"deviations\[1\] must have shape \(20,\)"),
    ],
)
def test_bad_intervals_are_refused(change, message):
    call = {"predictions": [0.0], "calibration": (np.zeros(20), np.zeros(20))} | change
    with pytest.raises(ValueError, match=message):
        conformal_intervals(call.pop("predictions"), call.pop("calibration"), **call)
