"""Gradient ascent from many starts."""

import numpy as np
import pytest

from mdesign.design.composites.multistart import MultistartSettings, multistart
from mdesign.physics import CrackedComposite

SMALL = CrackedComposite(nx=8, ny=4, crack_length=2)
SEVEN_SOFT = 7 / 32


def test_multistart_holds_the_fraction_and_beats_random_designs():
    rng = np.random.default_rng(0)
    quick = MultistartSettings(n_starts=64, steps=60)
    designs, toughness = multistart(SMALL, SEVEN_SOFT, rng, settings=quick)
    assert (designs.sum(axis=1) == 25).all()
    assert (np.diff(toughness) <= 0).all()
    np.testing.assert_array_equal(SMALL.toughness(designs), toughness)
    with pytest.raises(ValueError, match="n_starts must be at least 1"):
        MultistartSettings(n_starts=0)
    with pytest.raises(ValueError, match="step_size must be positive"):
        MultistartSettings(step_size=0.0)
    assert toughness[0] > 45  # the best of 3,365,856 designs has 57.29, their mean is 1.79
