import numpy as np
import pytest

from mdesign.microstructure import (
    autocorrelation,
    radial_average,
    sandstone_like,
    volume_fraction,
)
from mdesign.microstructure.porous import SANDSTONE_SOLID_FRACTION, SANDSTONE_SOLID_SPREAD


@pytest.fixture(scope="module")
def images():
    return sandstone_like(60, 200, np.random.default_rng(0))


def test_solid_fractions_vary_as_the_sandstones(images):
    fractions = volume_fraction(images)
    # Sixty draws: the mean is known to 0.0036, the spread to a tenth of itself.
    assert fractions.mean() == pytest.approx(SANDSTONE_SOLID_FRACTION, abs=0.011)
    assert fractions.std() == pytest.approx(SANDSTONE_SOLID_SPREAD, rel=0.3)
    assert set(np.unique(images)) == {0, 1}


def test_pores_have_the_sandstones_size(images):
    maps = autocorrelation(1 - images, periodic=False).mean(axis=0, keepdims=True)
    found = radial_average(maps, max_lag=30)[0]
    # The sandstone: one half at 6.4 pixels, a tenth at 18.5. Scatter of sixty images: 0.02.
    assert found[[3, 6, 12, 18, 30]] == pytest.approx([0.736, 0.522, 0.248, 0.107, 0.011], abs=0.05)


def test_no_direction_is_preferred(images):
    maps = autocorrelation(1 - images, periodic=False).mean(axis=0)
    assert maps[:10, 0] == pytest.approx(maps[0, :10], abs=0.06)


def test_the_same_stream_gives_the_same_images():
    first, again, other = (sandstone_like(2, 32, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_none_is_an_answer():
    assert sandstone_like(0, 32, np.random.default_rng(0)).shape == (0, 32, 32)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match="n must be zero or positive; got -1"):
        sandstone_like(-1, 32, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"at least 1 pixel; got \(0, 0\)"):
        sandstone_like(1, 0, np.random.default_rng(0))
