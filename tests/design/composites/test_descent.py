"""Gradient descent with its path."""

import numpy as np
import pytest

from mdesign.design.composites.descent import gradient_descent


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
