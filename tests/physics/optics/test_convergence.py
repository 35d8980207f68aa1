from dataclasses import replace

import numpy as np
import pytest

from mdesign.physics import (
    NotConverged,
    OpticalStack,
    absorptance,
    converged_orders,
    truncation_errors,
)

#: Silver stripes in air on glass, with 256 pixels so that many orders are possible.
STRIPES = np.zeros((1, 256, 256), dtype=int)
STRIPES[:, :100] = 1
SILVER = OpticalStack(
    wavelength_nm=650.0,
    period_nm=500.0,
    thickness_nm=100.0,
    pattern_indices=(1.0, "silver"),
    layers_above=(),
    substrate_index=1.45,
    orders=(11, 1),
    rule="li",
    edge_nm=0.0,
)


def test_error_is_that_against_many_orders():
    orders, error = converged_orders(STRIPES, SILVER, 0.02, largest=61)
    assert orders[1] == 1
    fine = absorptance(STRIPES, replace(SILVER, orders=(101, 1)))
    coarse = absorptance(STRIPES, replace(SILVER, orders=orders))
    assert abs(fine - coarse).max() < error <= 0.02


@pytest.mark.filterwarnings("ignore:Laurent's rule")
def test_laurents_rule_is_not_converged_for_a_metal():
    with pytest.raises(NotConverged, match=r"above 0.01, at up to 121 orders .*rule \"li\""):
        converged_orders(STRIPES, replace(SILVER, rule="laurent"), 0.01, largest=121)


def test_a_tighter_tolerance_takes_more_orders():
    pattern = np.zeros((1, 64, 64), dtype=int)
    pattern[:, 10:40, 20:50] = 1
    stack = OpticalStack(thickness_nm=800.0, edge_nm=0.0)
    loose, _ = converged_orders(pattern, stack, 0.05, largest=15)
    tight, error = converged_orders(pattern, stack, 0.005, largest=21)
    assert loose[0] == loose[1] < tight[0]
    assert error <= 0.005


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tolerance": 0.0}, r"tolerance must lie in \(0, 1\); got 0"),
        ({"tolerance": float("nan")}, r"tolerance must lie in \(0, 1\); got nan"),
        ({"largest": 9}, "largest and the pixels must allow at least 11 orders"),
        ({"stack": replace(SILVER, orders=(1, 1))}, "more than one order in a direction"),
    ],
)
def test_bad_arguments(settings, message):
    with pytest.raises(ValueError, match=message):
        converged_orders(**({"patterns": STRIPES, "stack": SILVER} | settings))


def test_the_error_of_given_orders_bounds_that_against_many():
    stack = replace(SILVER, orders=(31, 1))
    fine = absorptance(STRIPES, replace(SILVER, orders=(121, 1)))
    [error] = truncation_errors(STRIPES, stack)
    assert abs(fine - absorptance(STRIPES, stack))[0] < error < 0.05
    with pytest.raises(ValueError, match="more than one order in a direction"):
        truncation_errors(STRIPES, replace(SILVER, orders=(1, 1)))
