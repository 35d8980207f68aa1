import numpy as np
import pytest

from mdesign.microstructure import (
    autocorrelation,
    radial_average,
    random_media,
    volume_fraction,
)
from mdesign.microstructure.random_media import STATISTICS


@pytest.fixture(scope="module", params=STATISTICS)
def system(request):
    images = random_media(60, 200, np.random.default_rng(0), like=request.param)
    return images, STATISTICS[request.param]


@pytest.fixture(scope="module")
def images():
    return random_media(60, 200, np.random.default_rng(0))


def test_solid_fractions_vary_as_the_systems(system):
    images, statistics = system
    fractions = volume_fraction(images)
    # Sixty draws: the mean is known to an eighth of the spread, the spread to a tenth of itself.
    assert abs(fractions.mean() - statistics.solid_fraction) < 0.4 * statistics.spread
    assert fractions.std() == pytest.approx(statistics.spread, rel=0.3)
    assert set(np.unique(images)) == {0, 1}


def test_pores_have_the_systems_size(system):
    images, statistics = system
    last = len(statistics.autocorrelation) - 1
    maps = autocorrelation(1 - images, periodic=False).mean(axis=0, keepdims=True)
    found = radial_average(maps, max_lag=last)[0]
    # Scatter of sixty images: 0.02; statistics that no field has exactly: 0.03.
    assert found == pytest.approx(statistics.autocorrelation, abs=0.05)


def test_no_direction_is_preferred(images):
    maps = autocorrelation(1 - images, periodic=False).mean(axis=0)
    assert maps[:10, 0] == pytest.approx(maps[0, :10], abs=0.06)


def test_the_same_stream_gives_the_same_images():
    first, again, other = (random_media(2, 32, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_none_is_an_answer():
    assert random_media(0, 32, np.random.default_rng(0)).shape == (0, 32, 32)


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"like must be one of \['sandstone'.*got 'granite'"):
        random_media(1, 32, np.random.default_rng(0), like="granite")
    with pytest.raises(ValueError, match="n must be at least 0; got -1"):
        random_media(-1, 32, np.random.default_rng(0))
    with pytest.raises(ValueError, match="size must be at least 1; got 0"):
        random_media(1, 0, np.random.default_rng(0))


def test_small_integer_types_do_not_overflow():
    wanted = random_media(1, 200, np.random.default_rng(0))
    found = random_media(np.uint8(1), np.int16(200), np.random.default_rng(0))
    np.testing.assert_array_equal(found, wanted)
