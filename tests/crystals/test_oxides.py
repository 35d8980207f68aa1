import numpy as np
import pytest

from mdesign.crystals.ions import Ion, electronegativity
from mdesign.crystals.oxides import (
    GARNET,
    PEROVSKITE,
    averaged_descriptors,
    formation_energy,
    ordered_descriptors,
    ordering_bits,
)

SR, BA, TI, ZR, AL = (Ion.parse(written) for written in ("Sr2+", "Ba2+", "Ti4+", "Zr4+", "Al3+"))
YAG = [{Ion("Y", 3): 1}, {AL: 1}, {AL: 1}]


def test_each_site_has_the_radius_of_its_coordination():
    [row] = averaged_descriptors([[{SR: 1}, {TI: 1}]])
    np.testing.assert_array_equal(row, [144, 0.95, 60.5, 1.54])
    [garnet] = averaged_descriptors([YAG], GARNET)
    # Aluminium in an octahedron, then in a tetrahedron.
    np.testing.assert_array_equal(garnet[2:], [53.5, 1.61, 39, 1.61])


def test_means_do_not_depend_on_the_order_and_lie_between_the_ions():
    one = averaged_descriptors([[{SR: 0.25, BA: 0.75}, {TI: 1}]])
    np.testing.assert_allclose(one, averaged_descriptors([[{BA: 0.75, SR: 0.25}, {TI: 1}]]))
    np.testing.assert_allclose(one[0, :2], [0.25 * 144 + 0.75 * 161, 0.25 * 0.95 + 0.75 * 0.89])


def test_the_mean_of_bond_energies_is_that_of_the_squared_differences_from_oxygen():
    mixed = [[{SR: 0.5, Ion("Pb", 2): 0.5}, {TI: 1}]]
    plain, energetic = (
        averaged_descriptors(mixed, mean=m)[0] for m in ("arithmetic", "bond energy")
    )
    squares = (3.44 - np.array([electronegativity(symbol) for symbol in ("Sr", "Pb")])) ** 2
    assert (3.44 - energetic[1]) ** 2 == pytest.approx(squares.mean())
    assert energetic[1] < plain[1]
    np.testing.assert_array_equal(energetic[[0, 2, 3]], plain[[0, 2, 3]])
    alone = [[{SR: 1}, {TI: 1}]]
    np.testing.assert_allclose(
        averaged_descriptors(alone, mean="bond energy"), averaged_descriptors(alone)
    )


@pytest.mark.parametrize(
    ("prototype", "mixed", "size"),
    [
        (PEROVSKITE, "A", 10),
        (PEROVSKITE, "B", 10),
        (GARNET, "C", 13),
        (GARNET, "A", 11),
        (GARNET, "D", 13),
    ],
)
def test_ordered_descriptors_have_the_published_sizes(prototype, mixed, size):
    sites = YAG if prototype is GARNET else [{SR: 1}, {TI: 1}]
    last = prototype.orderings[prototype.sites.index(mixed)] - 1
    rows = ordered_descriptors([sites, sites], [0, last], mixed=mixed, prototype=prototype)
    assert rows.shape == (2, size)
    np.testing.assert_array_equal(*rows[:, : 2 * len(sites) + 2])  # the digits alone differ
    assert (rows[0] != rows[1]).any()


def test_the_ion_with_the_smaller_share_comes_first():
    mixed = [[{SR: 1}, {TI: 0.75, ZR: 0.25}], [{SR: 1}, {ZR: 0.75, TI: 0.25}]]
    first, second = ordered_descriptors(mixed, [5, 5], mixed="B")
    np.testing.assert_array_equal(first[2:6], [72, 1.33, 60.5, 1.54])
    np.testing.assert_array_equal(second[2:6], [60.5, 1.54, 72, 1.33])
    np.testing.assert_array_equal(first[6:], [0, 1, 0, 1])
    halves = [[{SR: 1}, ions] for ions in ({TI: 0.5, ZR: 0.5}, {ZR: 0.5, TI: 0.5})]
    np.testing.assert_array_equal(*ordered_descriptors(halves, [0, 0], mixed="B"))


def test_an_ion_alone_counts_as_both():
    [row] = ordered_descriptors([[{SR: 1}, {TI: 1}]], [0], mixed="A")
    np.testing.assert_array_equal(row, [144, 0.95, 144, 0.95, 60.5, 1.54, 0, 0, 0, 0])


def test_digits_give_the_number_back():
    for n in (1, 7, 10, 18, 20):
        digits = ordering_bits(np.arange(n), n)
        assert len(np.unique(digits, axis=0)) == n
        weights = 2 ** np.arange(digits.shape[1])[::-1]
        np.testing.assert_array_equal(digits @ weights, np.arange(n))
    with pytest.raises(ValueError, match=r"orderings must lie in \[0, 9\]; got 10"):
        ordering_bits([10], 10)


@pytest.mark.parametrize("energies", [{SR: -12.5, TI: -28.0}, {SR: 0.0, TI: 3.0}])
def test_a_sum_of_oxides_has_no_formation_energy(energies):
    total = 4 * energies[SR] + 4 * energies[TI]
    assert formation_energy({SR: 4, TI: 4}, total, energies) == 0
    # 20 atoms: 4 Sr, 4 Ti and 12 O
    assert formation_energy({SR: 4, TI: 4}, total - 20, energies) == pytest.approx(-1)


def test_bad_oxides_are_named():
    with pytest.raises(ValueError, match=r"oxides\[0\] .* add up to 1 .* got 0.5 on A"):
        averaged_descriptors([[{SR: 0.5}, {TI: 1}]])
    with pytest.raises(ValueError, match=r"oxides\[1\] must have the sites A, B; got"):
        averaged_descriptors([[{SR: 1}, {TI: 1}], [{SR: 1}]])
    with pytest.raises(ValueError, match=r"at most 1 ions on A, with mixed='B'; got"):
        ordered_descriptors([[{SR: 0.5, BA: 0.5}, {TI: 1}]], [0], mixed="B")
    with pytest.raises(ValueError, match="oxides must be at least one"):
        averaged_descriptors([])
    with pytest.raises(ValueError, match=r"cations whose oxide is in oxide_energies; got Ba2\+"):
        formation_energy({BA: 1}, 0.0, {SR: 1.0})
