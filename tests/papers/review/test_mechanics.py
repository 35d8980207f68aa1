"""What the review prints, and that its own numbers meet the claims made of them."""

from dataclasses import replace

import pytest

from mdesign.papers.review import mechanics
from mdesign.papers.review.mechanics import STIFFNESS_ERRORS, STRAIN_ERRORS

CLAIMS = mechanics.CLAIMS
VALUES = {key: claim for key, claim in CLAIMS.items() if claim.value is not None}


def test_the_printed_errors_are_claims():
    printed = {error.percent for error in STIFFNESS_ERRORS.values()}
    printed |= {error for errors in STRAIN_ERRORS.values() for error in errors.values()}
    assert {claim.value for claim in VALUES.values()} == printed
    assert all(claim.unit == "%" for claim in VALUES.values())


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_paper_meets_its_own_claims(key):
    claim = VALUES[key]
    assert replace(claim, differs="").verdict(claim.value) == "reproduced"


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("homogenization.over_two_point", 1.04 / 2.28),
        ("homogenization.over_mixtures", 1.04 / 15.68),
        ("localization_contrast10.cnn_over_mks", 3.07 / 10.86),
        ("localization_contrast10.cnn_over_agents", 3.07 / 8.04),
        ("localization_contrast10.multi_over_single", 8.04 / 13.02),
        ("localization_contrast50.cnn_over_mks", 5.71 / 26.46),
    ],
)
def test_the_paper_has_the_orders_that_it_claims(key, published):
    assert CLAIMS[key].verdict(published) == "reproduced"
    assert CLAIMS[key].verdict(1.01) == "contradicted"


@pytest.mark.parametrize(
    ("key", "nothing_learned", "verdict"),
    [
        ("homogenization.network", 46.66, "not comparable"),
        ("homogenization.filters", 0.1, "contradicted"),
        ("localization_contrast10.cnn", 10.86, "not comparable"),
        ("localization_contrast50.cnn", 26.47, "not comparable"),
        ("localization_contrast50.influence", 0.1, "contradicted"),
        ("solver_validation.published_contrast50", 1.0, "contradicted"),
    ],
)
def test_no_claim_accepts_doing_nothing(key, nothing_learned, verdict):
    assert CLAIMS[key].verdict(nothing_learned) == verdict


def test_the_order_of_mks_and_single_agent_is_judged():
    claim = CLAIMS["localization_contrast10.single_over_mks"]
    assert claim.verdict(13.02 / 10.86) == "order only"  # the agents differ
    assert claim.verdict(0.99) == "contradicted"


def test_a_better_baseline_is_not_a_better_paper():
    assert CLAIMS["localization_contrast50.mks"].verdict(21.24) == "not comparable"
    assert CLAIMS["localization_contrast10.single"].verdict(7.77) == "not comparable"
    better = {key for key, claim in CLAIMS.items() if claim.better}
    assert {key.rpartition(".")[2] for key in better} == {"cnn", "network"}
