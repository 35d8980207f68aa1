import numpy as np
import pytest

from mdesign.crystals import ELEMENTS, composition_features, element_fractions, element_table
from mdesign.crystals.elements import PROPERTIES
from mdesign.crystals.features import FEATURE_NAMES
from mdesign.data.sets.compositions import OQMD_ELEMENTS

NAMES = list(PROPERTIES)


def features(formula):
    values = composition_features(element_fractions([formula]))[0]
    return dict(zip(FEATURE_NAMES, values, strict=True))


def test_the_table_has_the_known_numbers():
    table = element_table()
    assert table.shape == (118, len(PROPERTIES))
    known = {
        ("Fe", "atomic weight"): 55.845,
        ("O", "electronegativity"): 3.44,
        ("F", "electronegativity"): 3.98,
        ("Cs", "electronegativity"): 0.79,
        ("W", "melting point"): 3687,
        ("Si", "group"): 14,
        ("Ce", "period"): 6,
        ("H", "first ionisation energy"): 13.598,
        ("Ti", "d valence electrons"): 2,
        ("Ti", "d vacancies"): 8,
        ("Ge", "d valence electrons"): 10,
        ("Pu", "f valence electrons"): 6,
    }
    for (symbol, name), value in known.items():
        found = table[ELEMENTS.index(symbol), NAMES.index(name)]
        assert found == pytest.approx(value, rel=3e-3), (symbol, name)


def test_valence_electrons_and_vacancies_fill_the_shells():
    table = element_table()
    for shell, full in zip("spdf", (2, 6, 10, 14), strict=True):
        electrons, vacancies = (
            table[:, NAMES.index(f"{shell} {kind}")] for kind in ("valence electrons", "vacancies")
        )
        assert set((electrons + vacancies)[electrons > 0]) == {full}


def test_all_elements_of_the_database_have_all_properties():
    assert np.isfinite(element_table(OQMD_ELEMENTS)).all()


def test_features_of_an_oxide_in_closed_form():
    found = features("TiO2")
    titanium, oxygen = 22, 8
    mean = (titanium + 2 * oxygen) / 3
    assert found["mean of atomic number"] == pytest.approx(mean)
    deviation = ((titanium - mean) + 2 * (mean - oxygen)) / 3
    assert found["mean deviation of atomic number"] == pytest.approx(deviation)
    assert found["range of atomic number"] == titanium - oxygen
    assert found["most abundant of atomic number"] == oxygen
    assert found["0-norm of the fractions"] == 2
    assert found["2-norm of the fractions"] == pytest.approx(np.sqrt(5) / 3)
    # Valence: Ti 3d2 4s2, O 2s2 2p4.
    shares = {"s": 6, "p": 8, "d": 2, "f": 0}
    for shell, electrons in shares.items():
        assert found[f"share of {shell} valence electrons"] == pytest.approx(electrons / 16)
    ionic = 1 - np.exp(-((3.44 - 1.54) ** 2) / 4)
    assert found["largest ionic character"] == pytest.approx(ionic)
    assert found["mean ionic character"] == pytest.approx(2 * 2 / 9 * ionic)


def test_features_depend_on_the_composition_alone():
    formulas = ["SrTiO3", "LaAlO3", "NaCl", "Fe"]
    one = composition_features(element_fractions(formulas))
    assert one.shape == (4, len(FEATURE_NAMES)) and len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)
    turned = ELEMENTS[:94][::-1]
    other = composition_features(element_fractions(formulas, turned), turned)
    np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)
    multiple = composition_features(element_fractions(["Sr2Ti2O6", "Al2La2O6", "Cl9Na9", "Fe3"]))
    np.testing.assert_allclose(multiple, one, rtol=1e-12, atol=1e-12)
    assert composition_features(np.empty((0, 118))).shape == (0, len(FEATURE_NAMES))


def test_bad_compositions_are_refused():
    with pytest.raises(ValueError, match=r"must add up to 1; got 0\.5 in row 0"):
        composition_features([[0.5, 0.0]], ["Ti", "O"])
    with pytest.raises(ValueError, match=r"elements with all properties; got \['He'\]"):
        composition_features(element_fractions(["HeO"]))
    with pytest.raises(
        ValueError, match=r"elements must be different symbols of elements; got \['Q'\]"
    ):
        composition_features([[1.0]], ["Q"])
