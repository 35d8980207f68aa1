"""Neighbours against closed forms and other codes; graphs that do not depend on the description."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list
from hypothesis import given, settings
from hypothesis import strategies as st
from matscipy.neighbours import neighbour_list

from mdesign.crystals.graphs import CrystalGraphs, crystal_graphs, periodic_neighbours
from mdesign.crystals.neighbour_kernels import SHELL, TIE
from mdesign.crystals.structure import Structure

FCC = Structure(2.0 * (1 - np.eye(3)), [[0, 0, 0]], [29])
BCC = Structure(2.0 * (1 - 2 * np.eye(3)), [[0, 0, 0]], [26])
ROCK_SALT = Structure(FCC.lattice, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])


def random_crystal(rng: np.random.Generator, n: int, skew: float = 0.4) -> Structure:
    """Cells of any shape, with atoms in any cell."""
    lattice = 5 * (np.eye(3) + skew * rng.uniform(-1, 1, (3, 3)))
    return Structure(lattice, rng.uniform(-1, 2, (n, 3)), rng.integers(1, 90, n))


def brute_force(crystal: Structure, cutoff: float, images: int = 8) -> set[tuple[int, ...]]:
    """All pairs within a cutoff, by trying each image."""
    steps = np.array(list(product(range(-images, images + 1), repeat=3)))
    apart = crystal.positions - crystal.positions[:, np.newaxis]
    vectors = (apart[:, :, np.newaxis] + steps) @ crystal.lattice
    distances = np.linalg.norm(vectors, axis=-1)
    i, j, step = np.nonzero((distances < cutoff) & (distances > 1e-9))
    return set(map(tuple, np.column_stack([i, j, steps[step]]).tolist()))


def as_set(i, j, image) -> set[tuple[int, ...]]:
    return set(map(tuple, np.column_stack([i, j, image]).tolist()))


@pytest.mark.parametrize(
    ("crystal", "squares", "counts"),
    [
        (FCC, [2, 4, 6, 8, 10], [12, 6, 24, 12, 24]),
        (BCC, [3, 4, 8, 11, 12], [8, 6, 12, 24, 8]),
        (ROCK_SALT, [1, 2, 3, 4, 5, 6], [6, 12, 8, 6, 24, 24]),
    ],
)
def test_shells_of_cubic_crystals_have_their_radii_and_numbers(crystal, squares, counts):
    """Squares of the radii in units of half the edge of the cubic cell, 2 Å."""
    unit = 2.0
    i, _, _, distance = periodic_neighbours(crystal, unit * np.sqrt(squares[-1]))
    shells, sizes = np.unique(np.round((distance[i == 0] / unit) ** 2, 6), return_counts=True)
    np.testing.assert_allclose(shells, squares)
    assert sizes.tolist() == counts


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.floats(0.0, 0.55), st.floats(1.0, 9.0))
def test_pairs_are_those_of_brute_force_and_of_two_other_codes(seed, n, skew, cutoff):
    crystal = random_crystal(np.random.default_rng(seed), n, skew)
    heights = crystal.volume / np.linalg.norm(
        np.cross(crystal.lattice[[1, 2, 0]], crystal.lattice[[2, 0, 1]]), axis=1
    )
    spread = np.ptp(crystal.positions, axis=0)
    i, j, image, distance = periodic_neighbours(crystal, cutoff)
    ours = as_set(i, j, image)
    assert len(ours) == len(i)
    if (cutoff / heights + spread < 8).all():
        assert ours == brute_force(crystal, cutoff)
    atoms = Atoms(crystal.symbols, crystal.positions @ crystal.lattice, cell=crystal.lattice, pbc=1)
    assert ours == as_set(*neighbor_list("ijS", atoms, cutoff))
    assert ours == as_set(*neighbour_list("ijS", atoms, cutoff))
    vectors = (crystal.positions[j] - crystal.positions[i] + image) @ crystal.lattice
    np.testing.assert_allclose(distance, np.linalg.norm(vectors, axis=1), atol=1e-12)
    assert np.array_equal(np.lexsort((*image.T[::-1], j, i)), np.arange(len(i)))


def test_a_skewed_cell_has_the_neighbours_of_the_reduced_one():
    skewed = FCC.supercell([[1, 0, 0], [7, 1, 0], [-5, 6, 1]])
    for crystal in (FCC, skewed):
        _, _, _, distance = periodic_neighbours(crystal, 6.0)
        assert len(distance) == 12 + 6 + 24 + 12
    assert np.linalg.norm(skewed.lattice, axis=1).max() > 20


def test_several_crystals_are_numbered_through():
    rng = np.random.default_rng(1)
    crystals = [random_crystal(rng, n) for n in (3, 1, 5)]
    i, j, _, distance = periodic_neighbours(crystals, 6.0)
    first = 0
    for crystal in crystals:
        own = (i >= first) & (i < first + len(crystal))
        alone = periodic_neighbours(crystal, 6.0)
        np.testing.assert_array_equal(i[own] - first, alone[0])
        np.testing.assert_array_equal(j[own] - first, alone[1])
        np.testing.assert_array_equal(distance[own], alone[3])
        first += len(crystal)


def edges_of(graphs: CrystalGraphs, atom: int) -> np.ndarray:
    return graphs.distances[graphs.first_edge[atom] : graphs.first_edge[atom + 1]]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 40), st.floats(3.0, 9.0))
def test_a_graph_has_the_shell_of_the_last_neighbour(seed, n, neighbours, cutoff):
    crystal = random_crystal(np.random.default_rng(seed), n)
    i, j, _, distance = periodic_neighbours(crystal, cutoff)
    if distance.min(initial=1) < 0.5 or len(np.unique(i)) < n:
        with pytest.raises(ValueError, match=r"neighbours between 0\.5 and"):
            crystal_graphs(crystal, neighbours=neighbours, cutoff=cutoff)
        return
    graphs = crystal_graphs(crystal, neighbours=neighbours, cutoff=cutoff)
    published = crystal_graphs(crystal, neighbours=neighbours, cutoff=cutoff, rule="nearest")
    for atom in range(n):
        lengths = np.sort(distance[i == atom])
        limit = lengths[neighbours - 1] + SHELL if len(lengths) >= neighbours else cutoff + 1
        np.testing.assert_allclose(edges_of(graphs, atom), lengths[lengths <= limit], atol=1e-12)
        padded = np.concatenate([lengths, np.full(neighbours, cutoff + 1)])[:neighbours]
        np.testing.assert_allclose(edges_of(published, atom), padded, atol=1e-12)
    # Atoms at the other ends are the right ones, too.
    ends = {(a, b, round(d, 9)) for a, b, d in zip(i, j, distance, strict=True)}
    found = zip(graphs.sources, graphs.targets, graphs.distances.round(9), strict=True)
    assert set(found) <= ends


def test_the_published_rule_breaks_ties_by_atom_and_image():
    """Of eighteen neighbours of two shells in rock salt the first six and six of twelve count."""
    salt = ROCK_SALT.supercell([2, 1, 1])
    i, j, image, distance = periodic_neighbours(salt, 3.0)
    graphs = crystal_graphs(salt, rule="nearest")
    for atom in range(len(salt)):
        own = np.flatnonzero(i == atom)
        order = own[np.lexsort((*image[own].T[::-1], j[own], np.round(distance[own] / TIE)))]
        first = graphs.first_edge[atom]
        assert graphs.targets[first : first + 12].tolist() == j[order[:12]].tolist()
    assert len(crystal_graphs(salt).distances) == 18 * len(salt)


def test_missing_neighbours_of_the_published_rule_lead_to_the_first_atom():
    far = Structure(5.0 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    crystals = [BCC, far]
    graphs = crystal_graphs(crystals, cutoff=5.0, rule="nearest")[1:]
    assert graphs.targets[8:12].tolist() == [0, 0, 0, 0] or (edges_of(graphs, 0) <= 5).all()
    lonely = crystal_graphs(far, cutoff=4.5, rule="nearest")
    assert lonely.targets.reshape(2, 12)[:, 8:].tolist() == [[0] * 4] * 2
    assert (lonely.distances.reshape(2, 12)[:, 8:] == 5.5).all()
    assert len(crystal_graphs(far, cutoff=4.5).distances) == 16


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_graph_does_not_depend_on_how_a_crystal_is_described(seed):
    """High symmetry has many ties, which the whole shell keeps together."""
    rng = np.random.default_rng(seed)
    crystal = [FCC, BCC, ROCK_SALT.supercell([1, 1, 2]), random_crystal(rng, 3, 0.2)][seed % 4]
    if periodic_neighbours(crystal, 0.5)[0].size:
        return
    expected = sorted_edges(crystal)
    mirrored = Structure(-crystal.lattice, crystal.positions, crystal.numbers)
    for other in [mirrored, *crystal.equivalents(rng).values()]:
        repeats = len(other) // len(crystal)
        np.testing.assert_allclose(
            sorted_edges(other), np.repeat(expected, repeats, axis=0), atol=1e-9
        )


def test_a_gap_of_just_the_width_of_a_shell_does_not_depend_on_the_orientation():
    """Two neighbours are 3.0 Å away and two 3.1 Å: all four count, in each orientation."""
    crystal = Structure(np.diag([3.0, 3.1, 9.0]), [[0, 0, 0]], [26])
    rng = np.random.default_rng(0)
    for _ in range(20):
        turned = crystal.equivalents(rng)["orientation"]
        assert len(crystal_graphs(turned, neighbours=2, cutoff=5.0).distances) == 4


def sorted_edges(crystal: Structure) -> np.ndarray:
    """Elements at both ends and lengths of all edges, in an order that nothing changes."""
    graphs = crystal_graphs(crystal)
    ends = graphs.numbers[graphs.sources], graphs.numbers[graphs.targets]
    rows = np.column_stack([*ends, graphs.distances])
    return rows[np.lexsort((rows[:, 2].round(6), rows[:, 1], rows[:, 0]))]


def test_selected_graphs_are_those_of_the_selected_crystals():
    rng = np.random.default_rng(3)
    crystals = [random_crystal(rng, n, 0.1) for n in (2, 1, 4, 3)]
    crystals = [c for c in crystals if not periodic_neighbours(c, 0.5)[0].size]
    graphs = crystal_graphs(crystals)
    rows = np.array([3, 0, 3])[: len(crystals)] % len(crystals)
    for selected in (graphs[rows], graphs[rows.tolist()]):
        expected = crystal_graphs([crystals[row] for row in rows])
        for name in ("numbers", "first_atom", "first_edge", "targets", "distances"):
            np.testing.assert_array_equal(getattr(selected, name), getattr(expected, name))
    assert len(graphs[1:]) == len(crystals) - 1 and len(graphs[:0]) == 0
    sizes = [len(crystal) for crystal in crystals]
    assert graphs.crystals.tolist() == np.repeat(np.arange(len(crystals)), sizes).tolist()


@pytest.mark.parametrize(
    ("positions", "edge", "found"),
    [
        ([[0, 0, 0], [0.001, 0, 0]], 4.0, r"one at 0\.004 Å for atom 0 of structure 1, Fe2"),
        ([[0, 0, 0]], 9.0, "none for atom 0 of structure 1, Fe"),
    ],
)
@pytest.mark.parametrize("rule", ["shell", "nearest"])
def test_atoms_on_one_another_and_lonely_ones_are_refused(positions, edge, found, rule):
    odd = Structure(edge * np.eye(3), positions, [26] * len(positions))
    with pytest.raises(ValueError, match=found):
        crystal_graphs([BCC, odd], rule=rule)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"structures": []}, "structures must be one Structure or more; got none"),
        ({"cutoff": 0.5}, r"cutoff must lie in \(0\.5, 100\]"),
        ({"neighbours": 0}, r"neighbours must lie in \[1, 1000\]"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        crystal_graphs(**{"structures": BCC, **arguments})
