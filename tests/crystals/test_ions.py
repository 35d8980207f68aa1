import pytest

from mdesign.crystals.ions import Ion, electronegativity, ionic_radius


@pytest.mark.parametrize(
    ("written", "symbol", "charge"), [("Ti4+", "Ti", 4), ("K+", "K", 1), ("O2-", "O", -2)]
)
def test_ions_are_read_as_they_are_written(written, symbol, charge):
    ion = Ion.parse(written)
    assert (ion.symbol, ion.charge) == (symbol, charge)
    assert str(ion) == written


@pytest.mark.parametrize("written", ["Ti", "4+", "Ti+4", "Tx4+", "Ti0+", "TiO2+"])
def test_what_is_no_ion_is_named(written):
    with pytest.raises(ValueError, match=r"got .*(Ti|Tx|4)"):
        Ion.parse(written)
    with pytest.raises(ValueError, match="charge must not be 0"):
        Ion("Ti", 0)


# As printed in Table 1 of Shannon (1976), in pm.
@pytest.mark.parametrize(
    ("ion", "coordination", "spin", "radius"),
    [
        ("Sr2+", 12, "high", 144.0),
        ("Ti4+", 6, "high", 60.5),
        ("Fe2+", 6, "high", 78.0),
        ("Fe2+", 6, "low", 61.0),
        ("O2-", 6, "high", 140.0),
        ("Fe2+", 4, "high", 63.0),  # the tetrahedron, not the square of 64 pm
        ("Pd2+", 4, "high", 64.0),  # a square alone
        ("Fe3+", 5, "low", 58.0),  # spin not stated
        ("Ni4+", 6, "high", 48.0),  # low spin alone
        ("H+", 1, "high", -38.0),
    ],
)
def test_radii_are_those_of_shannon(ion, coordination, spin, radius):
    assert ionic_radius(Ion.parse(ion), coordination, spin=spin) == radius


def test_the_nearest_coordination_stands_in_where_asked_for():
    aluminium, titanium = Ion("Al", 3), Ion("Ti", 4)
    with pytest.raises(ValueError, match=r"one of \[4, 5, 6\] for Al3\+, or nearest .* got 12"):
        ionic_radius(aluminium, 12)
    assert ionic_radius(aluminium, 12, nearest=True) == ionic_radius(aluminium, 6)
    assert ionic_radius(titanium, 12, nearest=True) == ionic_radius(titanium, 8)
    assert ionic_radius(titanium, 7, nearest=True) == ionic_radius(titanium, 8)  # of 6 and 8
    assert ionic_radius(titanium, 6, nearest=True) == ionic_radius(titanium, 6)


def test_an_ion_without_radius_is_refused():
    with pytest.raises(ValueError, match=r"ion must be one with a radius of Shannon; got Ti\+"):
        ionic_radius(Ion("Ti", 1), 6)
    with pytest.raises(ValueError, match=r"coordination must lie in \[1, 14\]; got 15"):
        ionic_radius(Ion("Ti", 4), 15)


def test_electronegativity_is_paulings():
    assert electronegativity("O") == 3.44
    with pytest.raises(ValueError, match=r"symbol must be .* got 'He'"):
        electronegativity("He")
