"""The peaks function, its gradient, and the descent of Fig. S1."""

import numpy as np
import pytest

from mdesign.design.composites.peaks import (
    GLOBAL_MINIMUM,
    gradient_descent,
    peaks,
    peaks_gradient,
)

ORIGIN_MINIMUM = (0.29644556, 0.32019621)
"""The shallow minimum beside the origin, which traps a descent."""


def slope(points):
    return np.stack(peaks_gradient(*points.T), axis=1)


def test_values_by_hand():
    bell = np.exp(-1)
    assert peaks(0, 0) == pytest.approx(3 * bell - bell / 3, abs=1e-14)
    # At (1, 0) the first term vanishes: -10 (1/5 - 1) / e - exp(-4) / 3.
    assert peaks(1, 0) == pytest.approx(8 * bell - np.exp(-4) / 3, abs=1e-14)
    # At (0, 1) the fifth power of y counts: 3 exp(-4) + 10 / e - exp(-2) / 3.
    assert peaks(0, 1) == pytest.approx(3 * np.exp(-4) + 10 * bell - np.exp(-2) / 3, abs=1e-14)


def test_gradient_against_central_differences():
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 200))
    step = 1e-5
    by_x, by_y = peaks_gradient(x, y)
    # Second-order differences of a function of size 10 are good to about 1e-9 at this step.
    np.testing.assert_allclose(
        by_x, (peaks(x + step, y) - peaks(x - step, y)) / 2 / step, atol=1e-8
    )
    np.testing.assert_allclose(
        by_y, (peaks(x, y + step) - peaks(x, y - step)) / 2 / step, atol=1e-8
    )


def test_published_global_minimum_is_the_lowest_point():
    axis = np.linspace(-3, 3, 601)
    z = peaks(axis[:, None], axis[None, :])
    ix, iy = np.unravel_index(z.argmin(), z.shape)
    assert (round(axis[ix], 2), round(axis[iy], 2)) == (0.23, -1.63)
    assert z.min() == pytest.approx(-6.55, abs=5e-3)


@pytest.mark.parametrize("point", [GLOBAL_MINIMUM, ORIGIN_MINIMUM])
def test_constants_are_minima(point):
    assert np.abs(peaks_gradient(*point)).max() < 1e-6
    ring = np.linspace(0, 2 * np.pi, 16)
    assert (
        peaks(point[0] + 0.05 * np.cos(ring), point[1] + 0.05 * np.sin(ring)) > peaks(*point)
    ).all()


def test_descent_from_the_origin_is_trapped_where_the_paper_says():
    path = gradient_descent(slope, [[0.0, 0.0]], rate=0.02, steps=500)
    assert path.shape == (1, 501, 2)
    assert path[0, -1].round(2).tolist() == [0.30, 0.32]
    np.testing.assert_allclose(path[0, -1], ORIGIN_MINIMUM, atol=1e-6)
    assert (np.diff(peaks(*path[0].T)) < 1e-12).all()


def test_shapes_broadcast():
    assert peaks(np.zeros((4, 1)), np.zeros(3)).shape == (4, 3)
    assert all(part.shape == (4, 3) for part in peaks_gradient(np.zeros((4, 1)), np.zeros(3)))


def test_starts_are_independent_and_stay_in_order():
    def bowl(points):
        return 2 * points * [1.0, 3.0]

    starts = [[1.0, 1.0], [-2.0, 0.5]]
    together = gradient_descent(bowl, starts, rate=0.1, steps=4)
    alone = [gradient_descent(bowl, [start], rate=0.1, steps=4)[0] for start in starts]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together[0, :, 0], 0.8 ** np.arange(5))


def test_projection_is_applied_after_each_step():
    path = gradient_descent(
        np.ones_like, [[0.3, 0.9]], rate=0.2, steps=3, project=lambda points: points.clip(0, 1)
    )
    np.testing.assert_allclose(path[0], [[0.3, 0.9], [0.1, 0.7], [0, 0.5], [0, 0.3]], atol=1e-15)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"rate": 0.0}, "rate"), ({"steps": 0}, "steps"), ({"starts": [1.0, 2.0]}, "starts")],
)
def test_broken_arguments_are_named(changes, message):
    arguments = {"starts": [[1.0]], "rate": 0.1, "steps": 1} | changes
    with pytest.raises(ValueError, match=message):
        gradient_descent(np.ones_like, arguments.pop("starts"), **arguments)


def test_divergence_is_an_error():
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(FloatingPointError, match="smaller rate"),
    ):
        gradient_descent(lambda points: points**3, [[10.0]], rate=1.0, steps=50)
