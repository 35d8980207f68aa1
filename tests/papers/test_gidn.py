import pytest

from mdesign import papers
from mdesign.papers import gidn
from mdesign.physics import CrackedComposite

CLAIMS = papers.claims("gidn")

# What the text prints, typed a second time and apart from the module: key, value.
PUBLISHED = {
    "fig3_landscape_8x8.reachable_designs": 3,
    "fig4_active_learning.gain_12_5_iteration_2": 8.5,
    "fig4_active_learning.gain_50_iteration_2": 37.2,
    "fig4_active_learning.gain_50_iteration_3": 9.6,
    "fig5_statistics.error_training_25_iteration_1": 0.0021,
    "fig5_statistics.error_testing_25_iteration_1": 0.0048,
    "fig5_statistics.error_training_25_iteration_2": 0.00011,
    "fig5_statistics.error_testing_25_iteration_2": 0.00013,
    "fig5_statistics.error_training_25_iteration_3": 0.00012,
    "fig5_statistics.error_testing_25_iteration_3": 0.00016,
    "fig5_statistics.maximum_25_random": 61.01,
    "fig4_active_learning.maximum_25_iteration_1": 197.50,
    "fig5_statistics.mean_25_iteration_1": 129.54,
    "fig4_active_learning.maximum_25_iteration_2": 218.05,
    "fig5_statistics.mean_25_iteration_2": 163.59,
    "fig4_active_learning.maximum_25_iteration_3": 218.09,
    "fig5_statistics.mean_25_iteration_3": 51.27,
    "figS2_passive_learning.gain_12_5": 1.3,
    "figS2_passive_learning.gain_25": 5.4,
    "figS2_passive_learning.gain_50": 23.4,
    "figS3_topology_optimization.shortfall_12_5": 21.3,
    "figS3_topology_optimization.shortfall_25": 27.7,
    "figS3_topology_optimization.shortfall_50": 58.0,
    "figS6_logistic_regression.shortfall_12_5": 8.1,
}


@pytest.mark.parametrize("key", sorted(PUBLISHED))
def test_published_numbers(key):
    claim = CLAIMS[key]
    assert claim.value == PUBLISHED[key]
    assert claim.accepted[0] <= claim.value <= claim.accepted[1]
    assert claim.verdict(claim.value) == ("not comparable" if claim.differs else "reproduced")


def test_maxima_agree_with_the_gains_that_the_paper_prints():
    best = [CLAIMS[f"fig4_active_learning.maximum_25_iteration_{i}"].value for i in (1, 2, 3)]
    assert 100 * (best[1] / best[0] - 1) == pytest.approx(10.4, abs=0.05)
    assert 100 * (best[2] / best[1] - 1) == pytest.approx(0.02, abs=0.005)


def test_numbers_without_a_known_scale_or_with_other_training_are_not_compared():
    unlike = {key for key, claim in CLAIMS.items() if claim.differs}
    assert len(unlike) == 10
    assert all(CLAIMS[key].verdict(CLAIMS[key].accepted[0]) == "not comparable" for key in unlike)


def test_no_claim_accepts_doing_nothing():
    gains = [key for key in CLAIMS if ".gain_" in key and (CLAIMS[key].value or 0) > 1]
    assert len(gains) >= 6
    assert all(CLAIMS[key].verdict(0.0) != "reproduced" for key in gains)


def test_every_claim_belongs_to_a_notebook_of_this_paper():
    notebooks = {key.partition(".")[0] for key in CLAIMS}
    assert len(notebooks) == 10
    assert sum(len(papers.claims_of(f"gidn/{name}")) for name in notebooks) == len(CLAIMS)


def test_best_known_designs_have_their_toughness_and_volume():
    composite = CrackedComposite()
    for percent, known in gidn.BEST_KNOWN.items():
        design = known.design()
        assert design.shape == (composite.n_elements,)
        assert 1 - design.mean() == known.soft_fraction == percent / 100
        # Four printed decimals.
        assert composite.toughness(design[None])[0] == pytest.approx(known.toughness, abs=6e-5)
        assert known.runner_up < known.toughness
