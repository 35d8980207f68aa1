import math
import random
import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdesign.crystals import (
    ELEMENTS,
    element_fractions,
    format_formula,
    parse_formula,
    whole_amounts,
)

symbols = st.sampled_from(ELEMENTS)
amounts = st.dictionaries(symbols, st.floats(1e-6, 1e6), min_size=1, max_size=6)


def test_elements():
    assert len(ELEMENTS) == len(set(ELEMENTS)) == 118
    numbers = {"H": 1, "Ne": 10, "Ar": 18, "Kr": 36, "Xe": 54, "La": 57, "Lu": 71, "Rn": 86}
    numbers |= {"Ac": 89, "Pu": 94, "Lr": 103, "Og": 118}
    assert {symbol: ELEMENTS.index(symbol) + 1 for symbol in numbers} == numbers


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("Fe2O3", {"Fe": 2, "O": 3}),
        ("CO", {"C": 1, "O": 1}),
        ("Co", {"Co": 1}),
        ("CH3CH2OH", {"C": 2, "H": 6, "O": 1}),
        ("K4[Fe(CN)6]", {"K": 4, "Fe": 1, "C": 6, "N": 6}),
        ("{Ca[Al(OH)4]2}3", {"Ca": 3, "Al": 6, "O": 24, "H": 24}),
        ("CuSO4·5H2O", {"Cu": 1, "S": 1, "O": 9, "H": 10}),
        ("CaSO4 · 1/2 H2O", {"Ca": 1, "S": 1, "O": 4.5, "H": 1}),
        ("CaSO4*0.5H2O", {"Ca": 1, "S": 1, "O": 4.5, "H": 1}),
        ("2MgO·SiO2", {"Mg": 2, "Si": 1, "O": 4}),
        ("La0.65Sr0.35MnO3", {"La": 0.65, "Sr": 0.35, "Mn": 1, "O": 3}),
        ("Al₂(SO₄)₃", {"Al": 2, "S": 3, "O": 12}),
        ("Ba Ti O3", {"Ba": 1, "Ti": 1, "O": 3}),
        ("O0.555600Pr0.222200Pt0.222200", {"O": 0.5556, "Pr": 0.2222, "Pt": 0.2222}),
    ],
)
def test_formulas(formula, expected):
    assert parse_formula(formula) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "position", "why"),
    [
        ("Fe2Xx3", 4, "no element is 'Xx'"),
        ("D2O", 1, "no element is 'D'"),
        ("NaCL", 4, "no element is 'L'"),
        ("fe2O3", 1, "'f' cannot be read"),
        ("Fe3+", 4, "'+' cannot be read"),
        ("La1-xSrxMnO3", 4, "'-' cannot be read"),
        ("Fe_2O_3", 3, "'_' cannot be read"),
        ("Fe 2O3", 4, "'2' cannot be read"),
        ("CaSO4.H2O", 6, "write a hydrate with ·"),
        ("CuSO4.5H2O", 6, "write a hydrate with ·"),
        ("LiCl.2NH3", 5, "'.' cannot be read"),
        ("Fe.5O", 3, "'.' cannot be read"),
        ("Fe2.O", 4, "'.' cannot be read"),
        ("Ca(OH2", 3, "'(' is not closed"),
        ("CaOH)2", 5, "')' closes nothing"),
        ("Ca(OH]2", 6, "']' closes nothing"),
        ("Ca()2", 4, "nothing between the brackets"),
        ("Fe0O", 3, "0 is no amount"),
        ("Fe0.0O", 3, "0.0 is no amount"),
        ("Fe1/0O", 3, "1/0 is no amount"),
        ("0H2O", 1, "0 is no amount"),
        ("CaO·", 5, "an element is missing"),
        ("·CaO", 1, "an element is missing"),
        ("CaO··SiO2", 5, "an element is missing"),
        ("(CaO·SiO2)2", 1, "'(' is not closed"),
        ("3", 2, "an element is missing"),
        ("H" + "9" * 400, 2, "is no amount"),
        ("(H9e9)", 4, "'e' cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position(formula, position, why):
    pattern = f"^formula must be a chemical formula.*{re.escape(why)}.*at position {position}$"
    with pytest.raises(ValueError, match=pattern):
        parse_formula(formula)


def test_amounts_that_overflow_are_refused():
    digits = "9" * 200
    with pytest.raises(ValueError, match="finite amounts"):
        parse_formula(f"(H{digits}){digits}")


@given(amounts)
def test_a_written_formula_is_read_again(given_amounts):
    assert parse_formula(format_formula(given_amounts)) == given_amounts


@given(amounts, st.randoms(use_true_random=False))
def test_the_order_of_the_elements_does_not_matter(given_amounts, rng):
    items = list(given_amounts.items()) * 2
    rng.shuffle(items)
    shuffled = "".join(format_formula({symbol: amount}) for symbol, amount in items)
    once, twice = element_fractions([given_amounts, shuffled])
    np.testing.assert_array_equal(once, twice)


@given(st.text(alphabet="HOFeCaSi0123456789.·()[] /*-+x₂", max_size=12))
def test_any_text_is_read_or_refused(formula):
    try:
        found = parse_formula(formula)
    except ValueError:
        return
    assert found and all(0 < amount < math.inf for amount in found.values())
    # All atoms are accounted for: each symbol written is one of the elements found.
    assert set(re.findall("[A-Z][a-z]?", formula)) == set(found)


def written(rng, depth=0):
    """A random formula and its exact amounts, from which it was written."""
    parts, total = [], Counter()
    for _ in range(rng.randint(1, 4 - depth)):
        amount = rng.choice([1, 1, 2, 3, 12, Fraction(1, 2), Fraction(1, 4), Fraction(5, 4)])
        number = rng.choice([f"{float(amount):g}", str(amount)]) if amount != 1 else ""
        if depth < 2 and rng.random() < 0.25:
            inner, text = written(rng, depth + 1)
            opened = rng.choice("([{")
            text = opened + text + {"(": ")", "[": "]", "{": "}"}[opened]
        else:
            text = rng.choice(ELEMENTS)
            inner = Counter({text: Fraction(1)})
        parts.append(text + number)
        total.update({symbol: amount * own for symbol, own in inner.items()})
    return total, "".join(parts)


def read_plainly(formula):
    """Read a formula character by character, exactly; ValueError for what is no formula."""
    total = Counter()
    for part in re.split("[·*]", formula):
        lead, rest = re.fullmatch(r"\s*([\d./]*)\s*(.*)", part, re.DOTALL).groups()
        stack, last, where = [Counter()], None, 0
        while where < len(rest):
            token = re.compile(r"[A-Z][a-z]?|[\d./]+|[()\[\]{}]|\s").match(rest, where)
            text = token[0] if token else "?"
            where += len(text)
            if text.isspace():
                last = None
            elif text in ELEMENTS:
                last = Counter({text: Fraction(1)})
                stack[-1].update(last)
            elif text in "([{":
                stack.append(Counter({"open": "([{".index(text)}))
                last = None
            elif text in ")]}":
                last = stack.pop()
                if not stack or last.pop("open") != ")]}".index(text) or not last:
                    raise ValueError(formula)
                stack[-1].update(last)
            elif last is not None and Fraction(text) > 0:
                more = Fraction(text) - 1
                stack[-1].update({symbol: more * own for symbol, own in last.items()})
                last = None
            else:
                raise ValueError(formula)
        if len(stack) > 1 or not stack[0] or (lead and not Fraction(lead)):
            raise ValueError(formula)
        total.update({symbol: Fraction(lead or 1) * own for symbol, own in stack[0].items()})
    return total


def test_ten_thousand_texts_have_no_silent_wrong_answer():
    rng = random.Random(0)
    characters = "HOFeCaSiPbn0123456789./·()[]{} *-+"
    read = 0
    for _ in range(10_000):
        parts = [written(rng) for _ in range(rng.choice([1, 1, 1, 2]))]
        expected = sum((amounts for amounts, _ in parts), Counter())
        formula = "·".join(text for _, text in parts)
        assert parse_formula(formula) == pytest.approx({k: float(v) for k, v in expected.items()})
        place = rng.randrange(len(formula) + 1)
        spoilt = formula[:place] + rng.choice(characters) + formula[place + rng.randint(0, 1) :]
        try:
            amounts = parse_formula(spoilt)
        except ValueError as error:
            assert re.search(r"position \d+$|finite|empty", str(error)), spoilt
            continue
        read += 1
        exact = read_plainly(spoilt)
        assert amounts == pytest.approx({k: float(v) for k, v in exact.items()}, rel=1e-12), spoilt
    assert 2_000 < read < 8_000


def test_fractions_have_the_sum_one_and_the_columns_asked_for():
    fractions = element_fractions(["SrTiO3", {"O": 2, "Ti": 1}])
    np.testing.assert_allclose(fractions.sum(axis=1), 1, rtol=1e-15)
    assert fractions[0, ELEMENTS.index("O")] == 0.6
    narrow = element_fractions(["SrTiO3", "TiO2"], ["Ti", "O", "Sr"])
    np.testing.assert_allclose(narrow, [[0.2, 0.6, 0.2], [1 / 3, 2 / 3, 0]], rtol=1e-15)


@pytest.mark.parametrize(
    ("formulas", "elements", "message"),
    [
        (["TiO2", "TiN"], ["Ti", "O"], r"formulas\[1\] must be of the elements Ti, O; .*with N"),
        (["TiO2", "Ti?"], ELEMENTS, r"formulas\[1\] must be a chemical formula.*position 3"),
        ([{"Ti": 0}], ELEMENTS, r"formulas\[0\]\['Ti'\] must"),
        ([{"Ti": math.nan}], ELEMENTS, r"formulas\[0\]\['Ti'\] must"),
        ([{"Tx": 1}], ELEMENTS, r"formulas\[0\] must be keyed.*'Tx'"),
        ([{}], ELEMENTS, r"formulas\[0\] must have an element"),
        ([""], ELEMENTS, r"formulas\[0\] must not be empty"),
        (["O"], ["O", "O"], "elements must be different"),
        (["O"], ["Q"], "elements must be different"),
        (["O"], [], "elements must be different"),
    ],
)
def test_bad_fractions_are_refused(formulas, elements, message):
    with pytest.raises(ValueError, match=message):
        element_fractions(formulas, elements)


def test_one_formula_is_no_sequence():
    with pytest.raises(TypeError, match="must be a sequence of formulas"):
        element_fractions("TiO2")
    with pytest.raises(TypeError, match="must be a sequence of formulas"):
        element_fractions({"Ti": 1})
    from_array = element_fractions(np.array(["TiO2", "SrO"]))
    np.testing.assert_array_equal(from_array, element_fractions(["TiO2", "SrO"]))
    with pytest.raises(TypeError, match=r"formulas\[1\] must be a formula.*got nan"):
        element_fractions(["TiO2", math.nan])


def test_rounded_fractions_become_whole_numbers():
    rng = random.Random(0)
    for _ in range(200):
        counts = [rng.randint(1, 12) for _ in range(4)]
        counts = [count // math.gcd(*counts) for count in counts]
        rounded = [round(count / sum(counts), 4) for count in counts]
        np.testing.assert_array_equal(whole_amounts([rounded]), [counts])
    assert whole_amounts(np.empty((0, 3))).shape == (0, 3)


def test_fractions_of_no_whole_numbers_are_refused():
    with pytest.raises(ValueError, match=r"up to 20 atoms.*in row 1"):
        whole_amounts([[0.5, 0.5], [1 / math.pi, 1 - 1 / math.pi]], largest=20)
