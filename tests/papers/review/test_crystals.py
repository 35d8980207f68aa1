from dataclasses import replace

import pytest

from mdesign import papers
from mdesign.papers.review import crystals
from mdesign.papers.review.crystals import ELEMENT_ERROR, OXIDE_ERRORS, TOP_K


def test_the_claims_are_those_of_the_review():
    assert crystals.CLAIMS.items() <= papers.claims("review").items()
    printed = {high for _, high in OXIDE_ERRORS.values()} | {ELEMENT_ERROR, *TOP_K.values()}
    assert {claim.value for claim in crystals.CLAIMS.values()} - {None} == printed


@pytest.mark.parametrize("name", sorted(OXIDE_ERRORS))
def test_both_ends_of_a_printed_range_meet_the_claim(name):
    claim = replace(crystals.CLAIMS[f"oxides.{name}"], differs="")
    low, high = OXIDE_ERRORS[name]
    assert claim.verdict(low) == claim.verdict(high) == "reproduced"
    assert claim.verdict(0.9 * low) == "better"
    assert claim.verdict(1.1 * high) == "contradicted"


def test_garnets_are_not_judged_and_the_loss_of_mixing_is():
    assert crystals.CLAIMS["oxides.garnets"].verdict(0.008) == "not comparable"
    assert crystals.CLAIMS["oxides.mixed"].verdict(1.4) == "order only"
    assert crystals.CLAIMS["oxides.mixed"].verdict(1.6) == "contradicted"


@pytest.mark.parametrize(
    ("name", "chance", "good"),
    [
        ("site_fingerprints.error", 77, 60),
        ("structure_prediction.top_1", 2, 10),
        ("structure_prediction.top_10", 15, 47),
    ],
)
def test_chance_does_not_meet_what_is_not_comparable(name, chance, good):
    assert crystals.CLAIMS[name].verdict(chance) == "contradicted"
    assert crystals.CLAIMS[name].verdict(good) == "order only"
    assert crystals.CLAIMS[name].verdict(crystals.CLAIMS[name].value) == "order only"


@pytest.mark.parametrize(
    ("name", "chance"),
    [("beyond_chance", 1.0), ("groups", 0.09), ("reasonable", 0.25)],
)
def test_chance_does_not_meet_what_is_judged(name, chance):
    claim = crystals.CLAIMS[f"site_fingerprints.{name}"]
    assert claim.verdict(chance) == "contradicted"
    assert claim.verdict(claim.accepted[0]) == "reproduced"
