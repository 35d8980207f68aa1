"""Topology optimisation: gradients agree, constraints hold, small optima are bounded."""

import numpy as np
import pytest

from mdesign.design.composites.topology import central_difference_gradient, optimise_topology
from mdesign.physics import CrackedComposite

SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)
SEVEN_SOFT = 7 / 32
BEST_OF_SEVEN = 57.2928


def test_central_differences_agree_with_the_adjoint_gradient():
    design = np.random.default_rng(0).uniform(0.1, 0.9, SMALL.n_elements)
    exact = SMALL.toughness_and_gradient(design[np.newaxis])[1][0]
    errors = [
        np.abs(central_difference_gradient(SMALL, design, step) - exact).max()
        for step in (1e-2, 1e-3)
    ]
    # Second order: a tenth of the step leaves a hundredth of the error.
    assert errors[1] < 0.02 * errors[0]
    assert errors[1] < 1e-3 * np.abs(exact).max()


def test_differences_at_a_bound_stay_inside():
    stiff = np.ones(SMALL.n_elements)
    exact = SMALL.toughness_and_gradient(stiff[np.newaxis])[1][0]
    found = central_difference_gradient(SMALL, stiff, 1e-6)
    np.testing.assert_allclose(found, exact, atol=1e-4 * np.abs(exact).max())


@pytest.mark.parametrize("gradient", ["central", "adjoint"])
@pytest.mark.parametrize("objective", ["toughness", "log toughness"])
def test_constraints_hold_and_the_optimum_is_bounded(gradient, objective):
    found = optimise_topology(SMALL, SEVEN_SOFT, gradient=gradient, objective=objective)
    assert found.continuous.mean() == pytest.approx(1 - SEVEN_SOFT, abs=1e-9)
    assert found.continuous.min() >= 0
    assert found.continuous.max() <= 1
    assert (found.design == 0).sum() == 7
    assert found.history[0] == pytest.approx(1)
    assert found.history[-1] == pytest.approx(found.continuous_toughness)
    # Far above the mean of random designs, 1.79, and never above the best of all.
    assert 20 < found.toughness < BEST_OF_SEVEN + 1e-3


def test_best_of_a_few_random_starts_comes_near_the_enumerated_optimum():
    rng = np.random.default_rng(0)
    starts = rng.normal(1 - SEVEN_SOFT, 0.25, (10, SMALL.n_elements))
    best = max(optimise_topology(SMALL, SEVEN_SOFT, start=start).toughness for start in starts)
    assert 0.8 * BEST_OF_SEVEN < best < BEST_OF_SEVEN + 1e-3


def test_finite_differences_cost_two_solutions_an_element():
    central = optimise_topology(SMALL, SEVEN_SOFT, gradient="central")
    adjoint = optimise_topology(SMALL, SEVEN_SOFT, gradient="adjoint")
    assert central.n_evaluations > 2 * SMALL.n_elements * (len(central.history) - 1)
    assert adjoint.n_evaluations < 0.1 * central.n_evaluations


def test_a_start_is_projected_to_the_allowed_designs():
    start = np.linspace(-1, 2, SMALL.n_elements)
    found = optimise_topology(SMALL, SEVEN_SOFT, start=start)
    assert found.continuous.mean() == pytest.approx(1 - SEVEN_SOFT, abs=1e-9)


def test_a_search_that_does_not_converge_raises_with_residual_and_iterations():
    with pytest.raises(RuntimeError, match=r"after 2 iterations with residual \d"):
        optimise_topology(SMALL, SEVEN_SOFT, iterations=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gradient": "forward"}, "gradient must be one of .* got 'forward'"),
        ({"objective": "strength"}, "objective must be one of .* got 'strength'"),
        ({"soft_fraction": 1.0}, "soft_fraction must lie in .* got 1.0"),
        ({"start": np.ones(3)}, r"start must have shape \(32,\); got \(3,\)$"),
        ({"gradient": "central", "step": 0.0}, "step must lie in .* got 0.0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        optimise_topology(SMALL, **{"soft_fraction": SEVEN_SOFT, **arguments})
