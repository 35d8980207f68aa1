import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdesign.crystals.hull import LowerHull, convex_hull_energy


def system(seed, n, m):
    """Random compounds of up to m elements, some of them of fewer, and their energies."""
    rng = np.random.default_rng(seed)
    amounts = rng.integers(0, 5, (n, m))
    amounts[amounts.sum(axis=1) == 0, 0] = 1
    fractions = amounts / amounts.sum(axis=1, keepdims=True)
    mixed = 1 - fractions.max(axis=1)
    return fractions, -3 * mixed * rng.random(n) + 0.3 * rng.random(n)


def test_a_binary_system_in_closed_form():
    x = np.array([0.25, 0.5, 0.75])
    energies = [-0.2, -1.0, -0.6]
    compounds = np.column_stack([x, 1 - x])
    # From (0, 0) to (0.5, -1): -0.5 at 0.25; from there to (1, 0): -0.5 at 0.75, above -0.6.
    np.testing.assert_allclose(convex_hull_energy(compounds, energies), [-0.5, -1, -0.6])
    at = np.array([[0.0, 1.0], [0.1, 0.9], [0.6, 0.4], [1.0, 0.0]])
    expected = [0, -0.2, -0.84, 0]
    np.testing.assert_allclose(convex_hull_energy(compounds, energies, at=at), expected, atol=1e-12)
    np.testing.assert_allclose(LowerHull.of(compounds, energies)(at), expected, atol=1e-12)


def test_a_ternary_compound_in_closed_form():
    # One compound in the middle: the hull is a pyramid.
    middle = np.full((1, 3), 1 / 3)
    at = np.array([[2 / 3, 1 / 6, 1 / 6], [0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    expected = [-0.5, 0.0, -0.75]
    np.testing.assert_allclose(convex_hull_energy(middle, [-1.0], at=at), expected, atol=1e-9)
    np.testing.assert_allclose(LowerHull.of(middle, [-1.0])(at), expected, atol=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 5))
def test_facets_and_linear_program_agree(seed, n, m):
    fractions, energies = system(seed, n, m)
    at = np.random.default_rng(seed).dirichlet(np.ones(m), 5)
    points = np.vstack([fractions, at])
    by_program = convex_hull_energy(fractions, energies, at=points)
    np.testing.assert_allclose(LowerHull.of(fractions, energies)(points), by_program, atol=1e-8)


@given(st.integers(0, 10_000))
def test_a_hull_is_convex_and_below_all_compounds(seed):
    fractions, energies = system(seed, 25, 4)
    hull = LowerHull.of(fractions, energies)
    assert (hull(fractions) <= energies + 1e-9).all()
    a, b = fractions[:12], fractions[12:24]
    assert (hull((a + b) / 2) <= (hull(a) + hull(b)) / 2 + 1e-9).all()
    # The order of the elements does not matter.
    order = [2, 0, 3, 1]
    turned = LowerHull.of(fractions[:, order], energies)(fractions[:, order])
    np.testing.assert_allclose(turned, hull(fractions), atol=1e-9)


def test_many_programs_are_solved_in_parts(monkeypatch):
    fractions, energies = system(3, 60, 4)
    whole = convex_hull_energy(fractions, energies)
    monkeypatch.setattr("mdesign.crystals.hull._AT_ONCE", 50)
    np.testing.assert_allclose(convex_hull_energy(fractions, energies), whole, atol=1e-10)


def test_without_a_stable_compound_the_hull_is_zero():
    fractions, energies = system(0, 10, 3)
    assert (LowerHull.of(fractions, abs(energies))(fractions) == 0).all()
    assert LowerHull.of(np.empty((0, 3)), []).planes.shape == (1, 3)


@pytest.mark.parametrize(
    ("compositions", "energies", "message"),
    [
        ([[0.5, 0.6]], [0.0], r"compositions must add up to 1; got 1.1 in row 0"),
        ([[1.5, -0.5]], [0.0], r"compositions must lie in \[0, 1\]"),
        ([[0.5, 0.5]], [np.nan], "energies must"),
        ([[0.5, 0.5]], [0.0, 1.0], "compositions and energies must be as many; got 1 and 2"),
    ],
)
def test_bad_compounds_are_refused(compositions, energies, message):
    for function in (convex_hull_energy, LowerHull.of):
        with pytest.raises(ValueError, match=message):
            function(compositions, energies)


def test_elements_that_are_not_there_change_nothing():
    compounds, energies = system(5, 40, 4)
    wide = np.zeros((40, 86))
    wide[:, [0, 63, 64, 85]] = compounds
    expected = convex_hull_energy(compounds, energies)
    np.testing.assert_allclose(convex_hull_energy(wide, energies), expected, atol=1e-9)


def test_against_pymatgen():
    phases = pytest.importorskip("pymatgen.analysis.phase_diagram")
    from pymatgen.core import Composition

    symbols = ["Li", "Fe", "O", "Na"]
    compounds, energies = system(3, 60, len(symbols))
    entries = [phases.PDEntry(Composition(symbol), 0.0) for symbol in symbols]
    for fractions, energy in zip(compounds, energies, strict=True):
        compound = Composition(dict(zip(symbols, map(float, fractions), strict=True)))
        entries.append(phases.PDEntry(compound, float(energy)))  # one atom an entry
    diagram = phases.PhaseDiagram(entries)
    at = np.random.default_rng(0).dirichlet(np.ones(len(symbols)), 50)
    theirs = [
        diagram.get_hull_energy_per_atom(Composition(dict(zip(symbols, point, strict=True))))
        for point in at.tolist()
    ]
    np.testing.assert_allclose(convex_hull_energy(compounds, energies, at=at), theirs, atol=1e-6)
    np.testing.assert_allclose(LowerHull.of(compounds, energies)(at), theirs, atol=1e-6)
