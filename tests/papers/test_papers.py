import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdesign import papers
from mdesign.papers import Claim

FINITE = st.floats(-1e6, 1e6)


def claim(value=100.0, relation="about", tolerance=0.1, **others) -> Claim:
    return Claim("a claim", value, "Fig. 1", relation, tolerance, "a reason", **others)


@pytest.mark.parametrize(
    ("relation", "good", "bad"),
    [
        ("about", [90, 100, 110], [89.9, 110.1]),
        ("at least", [90, 100, 1000], [89.9, -1000]),
        ("at most", [-1000, 100, 110], [110.1, 1000]),
    ],
)
def test_relations(relation, good, bad):
    judged = claim(relation=relation)
    assert {judged.verdict(ours) for ours in good} == {"reproduced"}
    assert {judged.verdict(ours) for ours in bad} == {"not reproduced"}


def test_tolerance_of_a_negative_value_points_the_same_way():
    assert claim(-100.0, "at least").verdict(-110.0) == "reproduced"
    assert claim(-100.0, "at least").verdict(-110.1) == "not reproduced"
    assert claim(-100.0, "at most").verdict(-90.0) == "reproduced"
    assert claim(-100.0, "at most").verdict(-89.9) == "not reproduced"


def test_tolerance_is_absolute_for_zero_and_on_request():
    assert claim(0.0, tolerance=2.0).verdict(1.9) == "reproduced"
    assert claim(0.0, tolerance=2.0).verdict(2.1) == "not reproduced"
    assert claim(100.0, tolerance=2.0, absolute=True).verdict(101.9) == "reproduced"
    assert claim(100.0, tolerance=2.0, absolute=True).verdict(102.1) == "not reproduced"


def test_decimal_fractions_on_the_edge_hold():
    assert claim(0.29, tolerance=0.01, absolute=True).verdict(0.30) == "reproduced"
    assert claim(1.0, "at least", 0.0).verdict(1.0 - 1e-9) == "not reproduced"


@given(value=FINITE, ours=FINITE, tolerance=st.floats(0, 10))
def test_about_is_both_at_least_and_at_most(value, ours, tolerance):
    about, least, most = (
        claim(value, relation, tolerance).verdict(ours)
        for relation in ("about", "at least", "at most")
    )
    assert (about == "reproduced") == (least == most == "reproduced")
    assert "reproduced" in (least, most)


@pytest.mark.parametrize("ours", [math.nan, math.inf, -math.inf])
def test_a_verdict_needs_a_finite_number(ours):
    with pytest.raises(ValueError, match="ours must be finite"):
        claim().verdict(ours)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", math.nan),
        ("tolerance", -0.1),
        ("tolerance", math.inf),
        ("relation", "equal"),
        ("statement", " "),
        ("where", ""),
        ("reason", ""),
    ],
)
def test_malformed_claims_are_refused(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(claim(), **{field: value})


ROW = """
    gain | at least 8.5 % | 0.2 | Fig. 4b
        Gain of the best design,
        iteration 2
        -- fewer designs
    count | about 3 | 0 absolute | Fig. 3
        Kinds of end -- a count
"""


def test_claims_are_read_from_rows():
    found = papers.read_claims({"fig4": ROW})
    gain = Claim(
        "Gain of the best design, iteration 2",
        8.5,
        "Fig. 4b",
        "at least",
        0.2,
        "fewer designs",
        "%",
    )
    count = Claim("Kinds of end", 3, "Fig. 3", "about", 0, "a count", absolute=True)
    assert found == {"fig4.gain": gain, "fig4.count": count}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW.replace("--", "-"), "a claim must read"),
        (ROW.replace("at least", "over"), "a claim must read"),
        (ROW.replace("| Fig. 3", ""), "a claim must read"),
        (ROW.replace("8.5", "some"), "malformed"),
        ("Kinds of end -- a count", "must begin with a row"),
        (ROW + ROW, "names must differ; got 'gain' twice in fig4"),
    ],
)
def test_malformed_rows_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        papers.read_claims({"fig4": text})


def test_papers_are_found_by_their_modules():
    assert "gidn" in papers.known_papers()
    with pytest.raises(ValueError, match=r"gidn.*got 'nonsense'"):
        papers.claims("nonsense")


def test_claims_are_a_copy():
    papers.claims("gidn").clear()
    assert papers.claims("gidn")


def test_claims_of_one_notebook():
    everything = papers.claims("gidn")
    found = papers.claims_of("gidn/fig2_peaks")
    assert found["minimum_x"] is everything["fig2_peaks.minimum_x"]
    assert len(found) == sum(key.startswith("fig2_peaks.") for key in everything)
    assert papers.claims_of("gidn/nothing_claimed") == {}


@pytest.mark.parametrize("notebook", ["gidn", "gidn/", "gidn/a/b", "fig2_peaks"])
def test_malformed_notebook_identifiers_are_refused(notebook):
    with pytest.raises(ValueError, match="notebook must read"):
        papers.claims_of(notebook)
