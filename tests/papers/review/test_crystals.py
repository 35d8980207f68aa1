from dataclasses import replace

import pytest

from mdesign import papers
from mdesign.papers.review import crystals
from mdesign.papers.review.crystals import OXIDE_ERRORS, PEROVSKITE_ERRORS


def test_the_claims_are_those_of_the_review():
    assert crystals.CLAIMS.items() <= papers.claims("review").items()
    printed = {
        *(high for _, high in OXIDE_ERRORS.values()),
        *PEROVSKITE_ERRORS.values(),
    }
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


def test_the_printed_errors_meet_the_claim_on_their_ratio():
    claim = crystals.CLAIMS["cgcnn_perovskites.dip"]
    assert claim.verdict(0.130 / 0.099) == "reproduced"
    assert claim.verdict(1.02) == "order only"
    assert claim.verdict(0.98) == "contradicted"
