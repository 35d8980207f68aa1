"""What the review prints, and that its own numbers meet the claims made of them."""

import pytest

from mdesign import papers

CLAIMS = papers.claims("review")

PUBLISHED = {
    "homogenization.error_percent": 3.10,
    "homogenization.error_gpa": 1.04,
    "homogenization.over_two_point": 1.04 / 2.28,
    "homogenization.over_mixtures": 1.04 / 15.68,
    "homogenization.mixtures_gpa": 15.68,
    "homogenization.parameters": 3.801505,
    "localization_contrast10.cnn_mase": 3.07,
    "localization_contrast10.mks_mase": 10.86,
    "localization_contrast10.cnn_over_mks": 3.07 / 10.86,
    "localization_contrast10.cnn_over_agents": 3.07 / 8.04,
    "localization_contrast10.multi_over_single": 8.04 / 13.02,
    "localization_contrast50.cnn_mase": 5.71,
    "localization_contrast50.mks_mase": 26.46,
    "localization_contrast50.cnn_over_mks": 5.71 / 26.46,
}


@pytest.mark.parametrize("key", sorted(PUBLISHED))
def test_the_paper_meets_its_own_claims(key):
    assert CLAIMS[key].verdict(PUBLISHED[key]) == "reproduced"


def test_five_percent_is_of_the_papers_mean_stiffness():
    limit = CLAIMS["homogenization.error_gpa"]
    assert limit.accepted[1] == pytest.approx(0.05 * 33.6)


@pytest.mark.parametrize(
    ("key", "nothing_learned"),
    [
        ("homogenization.error_percent", 46.66),
        ("homogenization.over_two_point", 1.0),
        ("localization_contrast10.cnn_mase", 10.86),
        ("localization_contrast50.cnn_mase", 26.46),
        ("localization_contrast10.cnn_over_mks", 1.0),
        ("localization_contrast50.influence_by_level", 0.0),
        ("beyond_whole_field.error_10", 1.1),
        ("solver_validation.published_contrast50", 1.0),
    ],
)
def test_no_claim_accepts_doing_nothing(key, nothing_learned):
    assert CLAIMS[key].verdict(nothing_learned) == "contradicted"
