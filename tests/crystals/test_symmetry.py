"""Distinct sites of crystals whose Wyckoff positions are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mdesign.crystals.structure import Structure
from mdesign.crystals.symmetry import find_symmetry, unique_sites

FCC = 2.82 * (1 - np.eye(3))
SALT = Structure(FCC, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
PEROVSKITE = Structure(
    3.9 * np.eye(3),
    [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
    [38, 22, 8, 8, 8],
)
X = 0.305
RUTILE = Structure(
    np.diag([4.59, 4.59, 2.96]),
    [
        *([0, 0, 0], [0.5, 0.5, 0.5]),
        *([X, X, 0], [-X, -X, 0], [0.5 + X, 0.5 - X, 0.5], [0.5 - X, 0.5 + X, 0.5]),
    ],
    [22, 22, 8, 8, 8, 8],
)


def quartz() -> Structure:
    """Low quartz, P3_2 21: silicon on 3a, oxygen on 6c."""
    u, (x, y, z) = 0.4697, (0.4133, 0.2672, 0.7855)
    third = 1 / 3
    silicon = [[u, 0, 2 * third], [0, u, third], [-u, -u, 0]]
    oxygen = [
        *([x, y, z], [-y, x - y, z + 2 * third], [y - x, -x, z + third]),
        *([y, x, -z], [x - y, -y, third - z], [-x, y - x, 2 * third - z]),
    ]
    lattice = np.array([[4.913, 0, 0], [-4.913 / 2, 4.913 * np.sqrt(3) / 2, 0], [0, 0, 5.405]])
    return Structure(lattice, [*silicon, *oxygen], [14] * 3 + [8] * 6)


@pytest.mark.parametrize(
    ("crystal", "group", "multiplicities", "prototype"),
    [
        (SALT, 225, [1, 1], "AB 225 1,1"),
        (PEROVSKITE, 221, [1, 1, 3], "ABC3 221 1,1,3"),
        (RUTILE, 136, [2, 4], "AB2 136 2,4"),
        (quartz(), 154, [3, 6], "AB2 154 3,6"),
    ],
)
def test_distinct_sites_are_the_wyckoff_positions(crystal, group, multiplicities, prototype):
    rng = np.random.default_rng(0)
    turn = Rotation.random(rng=rng).as_matrix()
    order = rng.permutation(len(crystal))
    for one in (
        crystal,
        crystal.supercell([2, 1, 1]),
        crystal.supercell([[1, 0, 0], [2, 1, 0], [-1, 1, 1]]),
        Structure(crystal.lattice @ turn, crystal.positions + rng.random(3), crystal.numbers),
        Structure(crystal.lattice, crystal.positions[order], crystal.numbers[order]),
    ):
        symmetry = find_symmetry(one)
        assert symmetry.space_group == group and symmetry.prototype == prototype
        indices, counts = unique_sites(one)
        assert sorted(counts.tolist()) == multiplicities
        assert one.numbers[indices].tolist() == symmetry.numbers.tolist()
        assert set(symmetry.numbers) == set(crystal.numbers)


def test_a_prototype_does_not_depend_on_the_elements():
    exchanged = Structure(PEROVSKITE.lattice, PEROVSKITE.positions, [22, 38, 9, 9, 9])
    assert find_symmetry(exchanged).prototype == find_symmetry(PEROVSKITE).prototype
    cscl = Structure(4.1 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
    assert find_symmetry(cscl).prototype != find_symmetry(SALT).prototype


def test_the_tolerance_decides_about_a_distorted_crystal():
    distorted = Structure(
        PEROVSKITE.lattice, PEROVSKITE.positions + 0.02 * np.eye(5, 3)[::-1], PEROVSKITE.numbers
    )
    assert find_symmetry(distorted, tolerance=0.5).space_group == 221
    assert find_symmetry(distorted, tolerance=1e-3).space_group < 221


def test_atoms_on_one_another_have_no_symmetry():
    odd = Structure(3 * np.eye(3), [[0, 0, 0], [0.001, 0, 0]], [26, 26])
    with pytest.raises(ValueError, match=r"structure must have a symmetry .* got none for Fe2"):
        find_symmetry(odd)
    with pytest.raises(ValueError, match=r"tolerance must lie in \(0, 1\]; got 0"):
        find_symmetry(SALT, tolerance=0.0)
