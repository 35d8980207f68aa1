from dataclasses import replace

import pytest

from mdesign import papers
from mdesign.papers.review import chemistry
from mdesign.papers.review.chemistry import (
    CROSSOVER,
    ENERGY_ERRORS,
    N_CANDIDATES,
    PREDICTION_SECONDS,
)

VALUES = {key: claim for key, claim in chemistry.CLAIMS.items() if claim.value is not None}


def test_the_printed_numbers_are_claims():
    printed = {*ENERGY_ERRORS.values(), PREDICTION_SECONDS, CROSSOVER}
    assert {claim.value for claim in VALUES.values()} == printed
    assert set(chemistry.CLAIMS) <= set(papers.claims("review"))


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_paper_meets_its_own_claims(key):
    claim = VALUES[key]
    assert replace(claim, differs="").verdict(claim.value) == "reproduced"


@pytest.mark.parametrize("by", ["fractions", "features"])
def test_the_paper_meets_its_own_order(by):
    ratio = ENERGY_ERRORS["network"] / ENERGY_ERRORS[f"forest, {by}"]
    assert chemistry.CLAIMS[f"elemnet_accuracy.over_{by}"].verdict(ratio) == "reproduced"


def test_half_a_billion_candidates():
    assert N_CANDIDATES[4] == pytest.approx(0.5e9, rel=2e-3)
