import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign.plotting import draw_bands, draw_errors, draw_history

TARGETS = (0.55, 0.65, 0.75)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_errors_stand_at_their_targets_and_the_papers_are_open(ax):
    ours = {"GAN-MDN": [1.0, 2.0, 3.0], "random": [4.0, np.nan, 6.0]}
    draw_errors(ax, TARGETS, ours, {"GAN-MDN": [5.0, 6.0, 7.0]}, quantity="REP in %")
    named = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in named] == ["GAN-MDN", "random"]
    for line, values in zip(named, ours.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
        assert np.abs(line.get_xdata() - np.arange(3)).max() < 0.5
    (published,) = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    np.testing.assert_array_equal(published.get_ydata(), [5, 6, 7])
    assert 0 < (published.get_xdata() - named[0].get_xdata()).max() < 0.1
    assert published.get_color() == named[0].get_color() != named[1].get_color()
    assert ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0.55", "0.65", "0.75"]
    assert ax.get_ylabel() == "REP in %"


def test_an_error_of_zero_has_its_place_on_the_logarithmic_axis(ax):
    draw_errors(ax, TARGETS, {"lookup": [0.0, 1.0, 2.0]}, quantity="REP", lowest=0.01)
    assert ax.lines[0].get_ydata().tolist() == [0.01, 1.0, 2.0]
    assert [ax.yaxis.get_major_formatter()(value) for value in (0.01, 1)] == ["≤ 0.01", "1"]


def test_repeats_have_a_median_and_a_range(ax):
    repeats = [[1.0, 4.0, 2.0], [3.0, 3.0, 3.0], [1e-4, 1.0, 2.0]]
    draw_errors(ax, TARGETS, {"random": repeats}, quantity="REP", lowest=0.01)
    assert ax.lines[0].get_ydata().tolist() == [2.0, 3.0, 1.0]
    ends = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == [[1.0, 4.0], [3.0, 3.0], [0.01, 2.0]]


def test_malformed_errors_are_refused(ax):
    with pytest.raises(
        ValueError, match=r"ours\['random'\] must have shape \(3,\) or \(3, r\); got \(2,\)"
    ):
        draw_errors(ax, TARGETS, {"random": [1.0, 2.0]}, quantity="REP")
    with pytest.raises(ValueError, match="published must name methods of"):
        draw_errors(ax, TARGETS, {"a": [1, 2, 3]}, {"b": [1, 2, 3]}, quantity="REP")


def test_history_shows_every_evaluation_and_the_best_so_far(ax):
    initial, sampled, best = draw_history(ax, [3.0, 5.0, 4.0, 1.0, 2.0], n_initial=2)
    assert initial.get_xydata().tolist() == [[-2, 3], [-1, 5]]
    assert sampled.get_xydata().tolist() == [[0, 4], [1, 1], [2, 2]]
    assert best.get_xydata().tolist() == [[-2, 3], [-1, 3], [0, 3], [1, 1], [2, 1]]
    assert ax.get_xlim() == (-2, 2)


@pytest.mark.parametrize("errors", [[], [1.0, np.nan], [-1.0], [[1.0]]])
def test_malformed_histories_are_refused(ax, errors):
    with pytest.raises(ValueError, match="errors must"):
        draw_history(ax, errors)


@pytest.mark.parametrize("n_initial", [-1, 3])
def test_the_initial_sample_is_part_of_the_history(ax, n_initial):
    with pytest.raises(ValueError, match=rf"n_initial must lie in \[0, 2\]; got {n_initial}"):
        draw_history(ax, [1.0, 2.0], n_initial=n_initial)


def test_bands_are_one_deviation_about_the_mean(ax):
    curves = np.array([[1.0, 0.5], [3.0, 0.5]])
    groups = {"fields": curves, "images": curves + 1}
    lines = draw_bands(ax, groups, distances=[0, 4], quantity="S2")
    assert [line.get_label() for line in lines] == ["fields", "images"]
    assert lines[0].get_xydata().tolist() == [[0, 2], [4, 0.5]]
    edges = ax.collections[0].get_paths()[0].vertices
    heights = {x: sorted({y for at, y in edges if at == x}) for x in (0.0, 4.0)}
    assert heights == {0.0: [1.0, 3.0], 4.0: [0.5]}
    assert ax.get_ylabel() == "S2"
    assert ax.get_legend() is not None


@pytest.mark.parametrize("curves", [np.ones(3), np.ones((0, 3)), np.ones((2, 2))])
def test_malformed_curves_are_refused(ax, curves):
    with pytest.raises(ValueError, match=r"groups\['fields'\] must|distances and groups must"):
        draw_bands(ax, {"fields": curves}, distances=[0, 1, 2], quantity="S2")
