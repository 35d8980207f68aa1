"""The sets know nothing of one another."""

import os
from itertools import combinations

import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data import porous as public
from mdesign.design.porous import CROP_SIZE, GAP, RANDOM_FIELDS, SETS, authentic
from mdesign.microstructure import crops, reduced

USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())


@pytest.fixture
def sets(monkeypatch):
    """Maker of sets; the test is skipped where the images cannot be had."""
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)

    def make(system, **options):
        try:
            return authentic(system, **options)
        except data.DataNotReachable as error:
            pytest.skip(str(error))

    return make


@pytest.mark.parametrize("system", [RANDOM_FIELDS, *public.SYSTEMS])
def test_no_image_and_no_crop_lies_in_two_sets(sets, system):
    found = sets(system)
    for one, other in combinations(SETS, 2):
        assert not set(found.sources[one]) & set(found.sources[other])
        crops_of = [{crop.tobytes() for crop in getattr(found, name)} for name in (one, other)]
        assert not crops_of[0] & crops_of[1]


@pytest.mark.parametrize("system", ["sandstone", "alloy", "hard_spheres"])
def test_each_set_is_one_whole_stack_of_sections(sets, system):
    found = sets(system, size=32)
    stacks = {name: set(found.sources[name] // 20) for name in SETS}
    assert sorted(map(sorted, stacks.values())) == [[0], [1], [2]]
    assert all(len(set(found.sources[name])) == 20 for name in SETS)


@pytest.mark.parametrize("system", ["berea", "ketton"])
def test_slices_of_a_tomograph_keep_their_distance(sets, system):
    found = sets(system, size=32)
    for one, other in combinations(SETS, 2):
        apart = np.abs(np.subtract.outer(found.sources[one], found.sources[other]))
        assert apart.min() > GAP


def test_crops_are_those_of_their_sources(sets):
    found = sets("sandstone")
    images = public.images("sandstone")
    for name in SETS:
        sources = found.sources[name]
        cut, _ = crops(images[np.unique(sources)], CROP_SIZE)
        assert (getattr(found, name) == cut).all()


def test_small_images_are_large_ones_reduced():
    large = authentic(RANDOM_FIELDS, n_per_set=7)
    for size in (64, 32):
        small = authentic(RANDOM_FIELDS, size=size, n_per_set=7)
        assert small.test.shape == (7, size, size)
        assert (small.test == reduced(large.test, 128 // size)).all()


def test_random_fields_need_no_download(home):
    found = authentic(RANDOM_FIELDS, size=32)
    assert (found.known == np.concatenate([found.train, found.validation])).all()
    assert len(found.known) == 200
    assert found.known.mean() == pytest.approx(0.904, abs=0.02)
    assert not (home / "data").exists()


def test_a_seed_gives_the_same_sets_and_another_seed_others():
    first, again, other = (
        authentic(RANDOM_FIELDS, size=32, n_per_set=10, seed=s) for s in (3, 3, 4)
    )
    assert (first.test == again.test).all()
    assert (first.test != other.test).any()


def test_the_seed_decides_which_stack_is_the_test(sets):
    tests = {int(sets("sandstone", size=32, seed=s).sources["test"][0]) // 20 for s in range(6)}
    assert len(tests) > 1


def test_few_crops_come_from_all_over_the_stack(sets):
    found = sets("sandstone", size=32, n_per_set=10)
    for name in SETS:
        assert np.ptp(found.sources[name]) == 19


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"system": "granite"}, r"system must be one of \['random_fields'.*got 'granite'"),
        ({"size": 48}, "size must divide 128; got 48"),
        ({"n_per_set": 0}, "n_per_set must be at least 1; got 0"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_says_what_is_wrong(options, said):
    with pytest.raises(ValueError, match=said):
        authentic(**({"system": RANDOM_FIELDS} | options))


def test_more_than_the_images_hold_is_refused(sets):
    sets("sandstone", size=32, n_per_set=1)
    with pytest.raises(ValueError, match="the 20 images of sandstone"):
        sets("sandstone", n_per_set=101)
