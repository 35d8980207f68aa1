import dataclasses
import math
from math import inf

import pytest

from mdesign import papers
from mdesign.papers import Claim


def claim(accepted=(90.0, 110.0), value=100.0, **others) -> Claim:
    return Claim("a claim", "value", value, accepted, "Fig. 1", "a reason", **others)


@pytest.mark.parametrize(
    ("accepted", "good", "bad"),
    [
        ((90, 110), [90, 100, 110], [89.9, 110.1]),
        ((90, inf), [90, 100, 1000], [89.9, -1000]),
        ((-inf, 110), [-1000, 100, 110], [110.1, 1000]),
    ],
)
def test_an_interval_reproduces_or_contradicts(accepted, good, bad):
    judged = claim(accepted)
    assert {judged.verdict(ours) for ours in good} == {"reproduced"}
    assert {judged.verdict(ours) for ours in bad} == {"contradicted"}


def test_beyond_the_better_side_is_better():
    assert claim(better="above").verdict(111) == "better"
    assert claim(better="above").verdict(89) == "contradicted"
    assert claim(better="below").verdict(89) == "better"


def test_right_order_but_another_number_is_order_only():
    judged = claim(order=(0, inf), better="above")
    verdicts = [judged.verdict(ours) for ours in (-1, 1, 100, 111)]
    assert verdicts == ["contradicted", "order only", "reproduced", "better"]


def test_what_differs_is_not_comparable_whatever_the_number():
    assert {claim(differs="another stack").verdict(ours) for ours in (0, 100)} == {"not comparable"}
    judged = claim(differs="another stack", order=(1, inf))
    assert [judged.verdict(ours) for ours in (0, 100)] == ["contradicted", "order only"]


def test_rivals_beat_us_on_the_better_side():
    assert claim(better="below").beats(rival=1, ours=2)
    assert claim((0.8, inf)).beats(rival=2, ours=1)
    assert not claim((0.8, inf)).beats(rival=1, ours=2)
    with pytest.raises(ValueError, match="which side is better"):
        claim().beats(rival=1, ours=2)


def test_decimal_fractions_on_the_edge_hold():
    assert claim((0.28, 0.29 + 0.01)).verdict(0.30) == "reproduced"
    assert claim((1.0, inf)).verdict(1.0 - 1e-9) == "contradicted"


@pytest.mark.parametrize("ours", [math.nan, math.inf, -math.inf])
def test_a_verdict_needs_a_finite_number(ours):
    with pytest.raises(ValueError, match="ours must be finite"):
        claim().verdict(ours)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", math.nan),
        ("accepted", (2.0, 1.0)),
        ("accepted", (math.nan, 1.0)),
        ("order", (-inf, inf)),
        ("kind", "number"),
        ("better", "higher"),
        ("statement", " "),
        ("where", ""),
        ("reason", ""),
    ],
)
def test_malformed_claims_are_refused(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(claim(), **{field: value})


ROW = """
    gain | value | 8.5 % | within 5 %, better above, order at least 0 | Fig. 4b
        Gain of the best design,
        iteration 2
        -- printed precision !! fewer designs
    count | order | - | at least 3 | Fig. 3
        Kinds of end -- a count
    low | value | -1.63 | -1.635 to -1.625 | Fig. 2
        Minimum -- printed digits
    share | value | 20 % | within 0.5 | Fig. 2
        Share -- printed digits
"""


def test_claims_are_read_from_rows():
    found = papers.read_claims({"fig4": ROW})
    assert found["fig4.gain"] == Claim(
        "Gain of the best design, iteration 2",
        "value",
        8.5,
        (8.075, 8.925),
        "Fig. 4b",
        "printed precision",
        "%",
        "above",
        (0, inf),
        "fewer designs",
    )
    count = Claim("Kinds of end", "order", None, (3, inf), "Fig. 3", "a count")
    assert found["fig4.count"] == count
    assert found["fig4.low"].accepted == (-1.635, -1.625)
    assert found["fig4.share"].accepted == (19.5, 20.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW.replace("--", "-"), "a claim must read"),
        (ROW.replace("at least 3", "over 3"), "a claim must read.*over 3"),
        (ROW.replace("at least 3", "within 3 %"), "a claim must read"),
        (ROW.replace("better above", "better over"), "a claim must read"),
        (ROW.replace("| Fig. 3", ""), "a claim must read"),
        (ROW.replace("8.5", "some"), "got 'some' for a number"),
        (ROW.replace("| order |", "| rank |"), "kind must be"),
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
    assert found["minimum"] is everything["fig2_peaks.minimum"]
    assert len(found) == sum(key.startswith("fig2_peaks.") for key in everything)
    assert papers.claims_of("gidn/nothing_claimed") == {}


@pytest.mark.parametrize("notebook", ["gidn", "gidn/", "gidn/a/b", "fig2_peaks"])
def test_malformed_notebook_identifiers_are_refused(notebook):
    with pytest.raises(ValueError, match="notebook must read"):
        papers.claims_of(notebook)
