import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign.plotting.small_data import draw_accuracy, draw_distributions

RNG = np.random.default_rng(0)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_each_distribution_has_area_one_over_common_bins(ax):
    sets = {"authentic": RNG.normal(size=300), "MRF": 0.1 * RNG.normal(size=1_000)}
    densities = draw_distributions(ax, sets, quantity="modulus", bins=30)
    width = np.ptp(np.concatenate(list(sets.values()))) / 30
    np.testing.assert_allclose(densities.sum(axis=1) * width, 1.0)
    assert densities[1].max() > 3 * densities[0].max()
    assert [patch.get_label() for patch in ax.patches] == ["authentic", "MRF"]
    assert ax.get_xlabel() == "modulus"


def test_means_and_deviations_stand_at_their_sizes(ax):
    curves = {"proposed": RNG.random((2, 10)), "MRF": RNG.random((2, 10))}
    draw_accuracy(ax, [50, 1_000], curves, {"before": 0.4}, quantity="R2")
    for bars, values in zip(ax.containers, curves.values(), strict=True):
        line, _, (sticks,) = bars
        np.testing.assert_allclose(line.get_xdata(), [50, 1_000], rtol=0.1)
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=1))
        heights = [np.ptp(path.vertices[:, 1]) for path in sticks.get_paths()]
        np.testing.assert_allclose(heights, 2 * values.std(axis=1))
    assert ax.lines[0].get_ydata() == [0.4, 0.4]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["50", "1,000"]


def test_what_is_missing_is_left_out(ax):
    draw_accuracy(ax, [10, 20], {"few": [[0.5, 0.6], [np.nan, np.nan]]}, quantity="R2")
    assert np.isfinite(ax.containers[0][0].get_ydata()).tolist() == [True, False]


def test_malformed_values_are_refused(ax):
    with pytest.raises(ValueError, match=r"curves\[.MRF.\] must have shape"):
        draw_accuracy(ax, [1, 2], {"MRF": [0.1, 0.2]}, quantity="R2")
    with pytest.raises(ValueError, match="sizes must not be empty"):
        draw_accuracy(ax, [], {}, quantity="R2")
    with pytest.raises(ValueError, match=r"samples\[.MRF.\] must be finite"):
        draw_distributions(ax, {"MRF": [np.nan]}, quantity="modulus")
    with pytest.raises(ValueError, match="samples must name something"):
        draw_distributions(ax, {}, quantity="modulus")
