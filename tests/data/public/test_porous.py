"""The public images are read as published: shapes, phases, solid fractions."""

import os

import numpy as np
import pytest

from mdesign import data, paths
from mdesign.data.public import porous

# The user's own folders, before a test is given its own.
USERS = os.environ.get("MDESIGN_DATA_MIRROR") or str(paths.data_cache())

KNOWN = {
    "sandstone": ((60, 200, 200), 0.90437),
    "alloy": ((60, 200, 200), 0.66730),
    "hard_spheres": ((60, 200, 200), 0.55345),
    "circles": ((20, 400, 400), 0.70547),
    "berea": ((400, 400, 400), 0.80355),
    "ketton": ((256, 256, 256), 0.87314),
}


@pytest.fixture
def images(monkeypatch):
    """Reader of a system; the test is skipped where its file cannot be had."""
    monkeypatch.setenv("MDESIGN_DATA_MIRROR", USERS)

    def read(system):
        try:
            return porous.images(system)
        except data.DataNotReachable as error:
            pytest.skip(str(error))

    return read


def test_every_system_is_tested_and_in_the_registry():
    assert set(porous.SYSTEMS) == set(KNOWN)
    keys = {porous.key_of(system) for system in porous.SYSTEMS}
    assert keys == {file.key for file in data.find("porous")}


def test_a_system_must_be_known(home):
    with pytest.raises(ValueError, match=r"system must be one of \['sandstone'.*got 'limestone'"):
        porous.images("limestone")


@pytest.mark.parametrize("system", KNOWN)
def test_shape_phases_and_solid_fraction_are_as_published(images, system):
    found = images(system)
    shape, solid = KNOWN[system]
    assert found.shape == shape
    assert found.dtype == np.uint8
    assert set(np.unique(found[:20])) == {0, 1}
    assert found.mean() == pytest.approx(solid, abs=1e-5)


def test_sandstones_vary_as_published(images):
    fractions = images("sandstone").mean(axis=(1, 2))
    assert fractions.mean() == pytest.approx(0.904, abs=0.0005)
    assert fractions.std() == pytest.approx(0.028, abs=0.0005)


@pytest.mark.parametrize("system", ["sandstone", "alloy", "hard_spheres"])
def test_sixty_images_are_three_stacks_of_neighbouring_sections(images, system):
    found = images(system).reshape(60, -1).astype(float)
    normal = (found - found.mean(axis=1, keepdims=True)) / found.std(axis=1, keepdims=True)
    alike = normal @ normal.T / normal.shape[1]
    neighbours = np.diag(alike, 1)
    across = neighbours[[19, 39]]
    within = np.delete(neighbours, [19, 39])
    assert within.min() > across.max()
    assert within.mean() > 0.2
    assert np.abs(across).max() < 0.16
    assert abs(alike[:20, 20:40].mean()) < 0.05


def test_alloy_sections_of_two_directions_meet_in_a_line(images):
    stacks = images("alloy").reshape(3, 20, 200, 200)
    # Last rows of the third stack are rows of the first image of the second. The images
    # were enlarged from fewer pixels, so that some lines fell between two rows.
    found = [(stacks[1, 0] == edge).all(axis=1).any() for edge in stacks[2, :, -1]]
    by_chance = [(stacks[1, 0] == edge).all(axis=1).any() for edge in stacks[2, :, 100]]
    assert sum(found) >= 10
    assert sum(by_chance) == 0
