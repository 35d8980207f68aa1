"""Fingerprints of sites against closed forms and a slow reference; what must not change them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mdesign.crystals.fingerprint import SHAPE, site_fingerprints
from mdesign.crystals.fingerprint_kernels import CUTOFF, N_ANGLES, N_RADII, _angle
from mdesign.crystals.graphs import periodic_neighbours
from mdesign.crystals.structure import Structure

FCC = Structure(2.0 * (1 - np.eye(3)), [[0, 0, 0]], [29])
BCC = Structure(2.0 * (1 - 2 * np.eye(3)), [[0, 0, 0]], [26])
ROCK_SALT = Structure(FCC.lattice, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])


def random_crystal(seed: int, n: int = 5) -> Structure:
    """Atoms at least 1 Å apart, in any cell."""
    rng = np.random.default_rng(seed)
    while True:
        lattice = 4.5 * (np.eye(3) + 0.3 * rng.uniform(-1, 1, (3, 3)))
        crystal = Structure(lattice, rng.uniform(-1, 2, (n, 3)), rng.integers(1, 90, n))
        if not periodic_neighbours(crystal, 1.0)[0].size:
            return crystal


def reference(crystal: Structure, site: int) -> np.ndarray:
    """The definition, a loop over all pairs of neighbours; the axes are spread by `np.interp`."""
    steps = np.array(list(product(range(-5, 6), repeat=3)))
    apart = crystal.positions - crystal.positions[site]
    vectors = ((apart[:, np.newaxis] + steps) @ crystal.lattice).reshape(-1, 3)
    lengths = np.linalg.norm(vectors, axis=1)
    lengths[lengths < 1e-9] = np.inf
    near = lengths < CUTOFF * lengths.min()
    ratios = lengths[near] / lengths.min()
    units = vectors[near] / lengths[near, np.newaxis]
    weights = (1 + np.cos(np.pi * ratios / CUTOFF)) / 2
    radii, angles = np.linspace(1, CUTOFF, N_RADII), np.linspace(0, np.pi, N_ANGLES)
    near_radii = np.array([np.interp(ratios, radii, one) for one in np.eye(N_RADII)])
    histogram = np.zeros(SHAPE)
    for j in range(len(ratios)):
        turned = np.arccos(np.clip(units @ units[j], -1, 1))
        turned[j] = 0
        near_angles = np.array([np.interp(turned, angles, one) for one in np.eye(N_ANGLES)])
        row = np.einsum("k,bk,ak->ba", weights[j] * weights, near_radii, near_angles)
        histogram += near_radii[:, j, np.newaxis, np.newaxis] * row
    return histogram / weights.sum() ** 2


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_it_agrees_with_the_definition(seed, n):
    crystal = random_crystal(seed, n)
    fingerprints, nearest = site_fingerprints(crystal)
    assert fingerprints.shape == (n, *SHAPE) and fingerprints.dtype == np.float32
    # Angles near 0 and pi are as exact as the root of the rounding error of a cosine.
    for site in range(n):
        np.testing.assert_allclose(fingerprints[site], reference(crystal, site), atol=3e-7)
    assert (nearest >= 1).all()


def test_the_angle_is_that_of_the_library():
    cosines = np.concatenate([np.linspace(-1, 1, 2_001), [-1 - 1e-15, 1 + 1e-15]])
    angles = [_angle(cosine) for cosine in cosines]
    np.testing.assert_allclose(angles, np.arccos(np.clip(cosines, -1, 1)), atol=3e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_it_does_not_depend_on_how_a_crystal_is_described(seed):
    rng = np.random.default_rng(seed)
    crystal = [FCC, BCC, ROCK_SALT, random_crystal(seed)][seed % 4]
    expected, nearest = site_fingerprints(crystal)
    order = rng.permutation(len(crystal))
    turn = Rotation.random(rng=rng).as_matrix()
    images = rng.integers(-2, 3, (len(crystal), 3))
    same = [
        Structure(crystal.lattice @ turn, crystal.positions, crystal.numbers),
        Structure(-crystal.lattice, crystal.positions, crystal.numbers),
        Structure(crystal.lattice, crystal.positions + rng.random(3), crystal.numbers),
        Structure(crystal.lattice, crystal.positions + images, crystal.numbers),
        Structure(crystal.lattice, crystal.positions, rng.integers(1, 90, len(crystal))),
        crystal.supercell([[1, 0, 0], [3, 1, 0], [-2, 1, 1]]),
    ]
    for other in same:
        fingerprints, distances = site_fingerprints(other)
        np.testing.assert_allclose(fingerprints, expected, atol=1e-5)
        np.testing.assert_allclose(distances, nearest, rtol=1e-9)
    permuted = Structure(crystal.lattice, crystal.positions[order], crystal.numbers[order])
    np.testing.assert_allclose(site_fingerprints(permuted)[0], expected[order], atol=1e-5)
    repeated = site_fingerprints(crystal.supercell([2, 1, 2]))[0]
    np.testing.assert_allclose(repeated, np.repeat(expected, 4, axis=0), atol=1e-5)


@pytest.mark.parametrize("scale", [0.7, 1.9])
def test_it_has_no_scale(scale):
    crystal = random_crystal(3)
    larger = Structure(scale * crystal.lattice, crystal.positions, crystal.numbers)
    (expected, nearest), (fingerprints, distances) = map(site_fingerprints, (crystal, larger))
    np.testing.assert_allclose(fingerprints, expected, atol=1e-6)
    np.testing.assert_allclose(distances, scale * nearest)


@pytest.mark.parametrize(
    ("crystal", "squares", "counts"),
    [
        # Squares of the radii of the shells in units of the nearest distance, and their atoms.
        (FCC, [1, 2, 3, 4, 5, 6], [12, 6, 24, 12, 24, 8]),
        (BCC, [1, 4 / 3, 8 / 3, 11 / 3, 4, 16 / 3], [8, 6, 12, 24, 8, 6]),
        (ROCK_SALT, [1, 2, 3, 4, 5, 6], [6, 12, 8, 6, 24, 24]),
    ],
)
def test_shells_of_cubic_crystals_have_their_weights(crystal, squares, counts):
    """The sums over the angles are products of the weights of two shells, spread over nodes."""
    ratios = np.sqrt(squares)
    weights = np.array(counts) * (1 + np.cos(np.pi * ratios / CUTOFF)) / 2
    nodes = np.linspace(1, CUTOFF, N_RADII)
    spread = np.array([np.interp(ratios, nodes, one) for one in np.eye(N_RADII)]) @ weights
    spread /= weights.sum()
    for fingerprint in site_fingerprints(crystal)[0]:
        np.testing.assert_allclose(fingerprint.sum(axis=2), np.outer(spread, spread), atol=1e-7)
        np.testing.assert_allclose(fingerprint.sum(), 1, atol=1e-6)
        np.testing.assert_array_equal(fingerprint, fingerprint.transpose(1, 0, 2))


def test_the_nearest_shell_of_rock_salt_has_right_angles():
    """Of 36 pairs of 6 neighbours 6 are at 0, 24 at 90 and 6 at 180 degrees."""
    both = site_fingerprints(ROCK_SALT)[0][0, 0, 0]
    middle = [0.5 * 24 / 36, 0.5 * 24 / 36]  # 90 degrees lie between the nodes 5 and 6
    expected = np.zeros(N_ANGLES)
    expected[[0, 5, 6, 11]] = [6 / 36, *middle, 6 / 36]
    np.testing.assert_allclose(both / both.sum(), expected, atol=1e-6)


@pytest.mark.parametrize("place", [2.5, 1.6])
def test_an_atom_that_passes_the_cutoff_or_a_node_changes_it_continuously(place):
    """Steps of 1e-4 of the nearest distance change the fingerprint by no more than such a share."""

    def fingerprint(ratio: float) -> np.ndarray:
        positions = [[0, 0, 0], [0.1, 0, 0], [0, 0.1 * ratio, 0]]
        return site_fingerprints(Structure(20.0 * np.eye(3), positions, [6] * 3), [[0]])[0][0]

    series = [fingerprint(place + step) for step in np.linspace(-5e-4, 5e-4, 11)]
    changes = np.abs(np.diff(series, axis=0)).sum(axis=(1, 2, 3))
    assert changes.max() < 5e-3
    if place == 2.5:
        assert changes[-5:].max() == 0 and changes[:5].max() > 0


def test_the_chosen_sites_are_described():
    crystals = [ROCK_SALT, random_crystal(5)]
    every = site_fingerprints(crystals)[0]
    chosen, nearest = site_fingerprints(crystals, [[1], [4, 0]])
    np.testing.assert_array_equal(chosen, every[[1, 6, 2]])
    assert len(nearest) == 3


def test_two_thousand_neighbours_fit():
    """An atom in a void has its nearest neighbour at 3 Å, and others 1 Å apart behind it."""
    grid = np.array(list(product(range(-3, 4), repeat=3)))
    distances = np.linalg.norm(grid, axis=1)
    positions = grid[(distances == 0) | (distances >= 3)] / 7
    void = Structure(7.0 * np.eye(3), positions, [1] * len(positions))
    centre = [int(np.flatnonzero((positions == 0).all(axis=1))[0])]
    fingerprints, nearest = site_fingerprints(void, [centre])
    assert nearest[0] == pytest.approx(3) and len(periodic_neighbours(void, 7.5)[0]) > 1_000
    np.testing.assert_allclose(fingerprints[0], reference(void, centre[0]), atol=1e-6)


@pytest.mark.parametrize(
    ("positions", "edge", "found"),
    [
        ([[0, 0, 0], [0.001, 0, 0]], 4.0, r"one at 0\.004 Å for atom 0 of structure 1, Fe2"),
        ([[0, 0, 0], [0, 0, 0]], 4.0, r"one at 0 Å for atom 0 of structure 1, Fe2"),
        ([[0, 0, 0]], 9.0, "none for atom 0 of structure 1, Fe"),
    ],
)
def test_atoms_on_one_another_and_lonely_ones_are_refused(positions, edge, found):
    odd = Structure(edge * np.eye(3), positions, [26] * len(positions))
    with pytest.raises(ValueError, match=found):
        site_fingerprints([BCC, odd])


@pytest.mark.parametrize(
    ("structures", "sites", "message"),
    [
        ([], None, "structures must be one Structure or more; got none"),
        ([BCC], [[0], [0]], "sites must be atoms of each of 1 structures; got 2 arrays"),
        ([BCC], [[1]], r"sites\[0\] must lie in \[0, 0\]; got 1"),
    ],
)
def test_bad_arguments_are_named(structures, sites, message):
    with pytest.raises(ValueError, match=message):
        site_fingerprints(structures, sites)
