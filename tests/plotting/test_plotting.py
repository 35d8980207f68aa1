"""Figures: what is drawn where, and what is left behind."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mdesign import plotting

CORNER = np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 1.0]])  # soft at the lower left of 2 by 3


def panel(**keywords):
    return Figure().add_subplot(**keywords)


def pixels(ax):
    """Colours of the figure, rows from top to bottom."""
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(float)


def test_first_index_runs_right_and_second_upwards():
    ax = Figure(figsize=(2, 3), dpi=20).add_axes((0, 0, 1, 1))
    plotting.draw_composite(ax, CORNER)
    ax.set_axis_off()
    seen = pixels(ax)
    rows, columns = np.array([50, 30, 10]), np.array([10, 30])
    yellow = seen[np.ix_(rows, columns)][..., 0] > 200
    np.testing.assert_array_equal(yellow, CORNER.T == 1)


def test_composite_is_square_and_without_ticks():
    ax = panel()
    image = plotting.draw_composite(ax, CORNER, title="A", caption="69.4")
    assert ax.get_aspect() == 1
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0
    assert (ax.get_title(), ax.get_xlabel()) == ("A", "69.4")
    assert image.get_clim() == (0, 1)
    assert image.get_array().shape == (3, 2)


def test_the_key_of_the_phases_has_their_colours_and_stands_below_the_panels():
    figure = Figure(layout="constrained")
    ax = figure.add_subplot()
    image = plotting.draw_composite(ax, CORNER)
    key = plotting.draw_phase_key(figure)
    names = {
        text.get_text(): patch
        for text, patch in zip(key.get_texts(), key.get_patches(), strict=True)
    }
    for name, phase in (("soft", 0.0), ("stiff", 1.0)):
        assert names[name].get_facecolor() == image.to_rgba(phase)
    FigureCanvasAgg(figure).draw()
    assert key.get_window_extent().y1 < ax.get_window_extent().y0


def test_crack_runs_from_the_left_edge_at_half_the_height():
    ax = panel()
    plotting.draw_composite(ax, np.ones((8, 6)), crack_length=2)
    (crack,) = ax.lines
    assert crack.get_xydata().tolist() == [[0, 3], [2, 3]]


def test_grid_draws_the_inner_boundaries():
    ax = panel()
    plotting.draw_composite(ax, np.ones((8, 6)), grid=True)
    assert sum(len(lines.get_segments()) for lines in ax.collections) == 7 + 5


@pytest.mark.parametrize(
    "image", [np.ones(4), np.ones((2, 2)) * 1.5, np.full((2, 2), np.nan), -np.ones((2, 2))]
)
def test_composite_refuses_what_is_no_phase(image):
    with pytest.raises(ValueError, match="image"):
        plotting.draw_composite(panel(), image)


def test_composites_fill_panels_in_order_and_hide_the_rest():
    axes = Figure().subplots(2, 2)
    images = np.stack([np.zeros((2, 4)), np.ones((2, 4)), np.full((2, 4), 0.5)])
    plotting.draw_composites(axes, images, titles=list("ABC"), captions=["1", "2", "3"])
    assert [ax.get_title() for ax in axes.flat] == ["A", "B", "C", ""]
    assert [ax.axison for ax in axes.flat] == [True, True, True, False]
    assert axes[0, 1].images[0].get_array().min() == 1


def test_composites_need_as_many_panels_and_titles():
    axes = Figure().subplots(1, 2)
    with pytest.raises(ValueError, match="axes must be at least as many"):
        plotting.draw_composites(axes, np.ones((3, 2, 2)))
    with pytest.raises(ValueError, match="titles"):
        plotting.draw_composites(axes, np.ones((2, 2, 2)), titles=["one"])


def test_parity_shows_computed_across_and_predicted_up():
    ax = panel()
    drawn = plotting.draw_parity(ax, {"training": ([1, 2], [10, 20]), "testing": ([3], [30])})
    assert drawn[0].get_offsets().tolist() == [[1, 10], [2, 20]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("computed toughness", "predicted toughness")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "testing"]
    assert ax.lines[0].get_xydata().tolist() == [[1, 1], [30, 30]]


def test_a_large_group_is_thinned():
    values = np.arange(1001.0)
    (drawn,) = plotting.draw_parity(panel(), {"all": (values, values)}, at_most=100)
    assert 50 < len(drawn.get_offsets()) <= 100


def test_ranking_ranks_groups_together_from_the_largest():
    drawn = plotting.draw_ranking(panel(), {"a": ([1, 9], [5, 6]), "b": ([4, 4], [7, 1])})
    assert drawn[0].get_offsets().tolist() == [[4, 3], [1, 2]]
    assert drawn[1].get_offsets().tolist() == [[2.5, 1], [2.5, 4]]


@pytest.mark.parametrize("draw", [plotting.draw_parity, plotting.draw_ranking])
@pytest.mark.parametrize("groups", [{}, {"a": ([1, 2], [1])}, {"a": ([], [])}])
def test_pairs_must_be_pairs(draw, groups):
    with pytest.raises(ValueError, match=r"groups|computed"):
        draw(panel(), groups)


def test_histograms_share_bins_and_count_everything():
    ax = panel()
    samples = {"training samples": [0, 1, 1, 2], "inverse designs": [8, 10]}
    edges = plotting.draw_histograms(ax, samples, bins=5)
    assert edges.tolist() == [0, 2, 4, 6, 8, 10]
    counts = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert counts == [[3, 1, 0, 0, 0], [0, 0, 0, 0, 2]]
    assert ax.get_ylim()[1] > 3


def test_histograms_may_be_logarithmic_or_cut():
    ax = panel()
    plotting.draw_histograms(ax, {"a": [1, 2, 3]}, log=True, top=50)
    assert ax.get_yscale() == "log"
    assert ax.get_ylim()[1] == 50
    with pytest.raises(ValueError, match="finite"):
        plotting.draw_histograms(ax, {"a": [np.nan]})


def test_convergence_pairs_best_and_mean_by_colour():
    ax = panel()
    plotting.draw_convergence(ax, [1, 3], [0, 1], label="free")
    plotting.draw_convergence(ax, [2, 4], [1, 2], label="held")
    colours = [line.get_color() for line in ax.lines]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert [line.get_label() for line in ax.lines][:2] == ["free, best", "free, mean"]
    assert ax.lines[0].get_xdata().tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"mean must have shape \(2,\)"):
        plotting.draw_convergence(ax, [1, 2], [1])


def test_comparison_writes_values_and_leaves_out_what_is_unknown():
    ax = panel()
    plotting.draw_comparison(
        ax, ["12.5 %", "25 %"], {"paper": [86.2, np.nan], "ours": [85.0, 210.0]}
    )
    assert [text.get_text() for text in ax.texts] == ["86.2", "", "85.0", "210.0"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["12.5 %", "25 %"]
    with pytest.raises(ValueError, match="names and series must be as many; got 2 and 1"):
        plotting.draw_comparison(ax, ["a", "b"], {"ours": [1]})


def test_contours_put_the_first_index_across():
    x, y = np.linspace(0, 2, 5), np.linspace(10, 16, 4)
    filled = plotting.draw_contours(panel(), x, y, x[:, None] + 0 * y)
    for level, path in zip(filled.levels, filled.get_paths(), strict=False):
        if len(path.vertices):
            assert path.vertices[:, 0].min() == pytest.approx(max(level, 0), abs=1e-9)
    assert np.concatenate([path.vertices for path in filled.get_paths()])[:, 1].max() == 16


def test_contours_and_surface_take_a_curved_grid():
    across, along = np.meshgrid(np.linspace(0, 1, 4), np.linspace(0, 1, 5), indexing="ij")
    x, y = 1 - across * along, 1 - across * (1 - along)
    plotting.draw_contours(panel(), x, y, x * y)
    surface = plotting.draw_surface(panel(projection="3d"), x, y, x * y)
    assert surface.get_clim() == (0, 1)
    with pytest.raises(ValueError, match=r"x must have shape \(3,\)"):
        plotting.draw_surface(panel(projection="3d"), [0, 1], [0, 1, 2], np.zeros((3, 2)))


@pytest.mark.parametrize(("dimensions", "projection"), [(2, None), (3, "3d")])
def test_paths_are_coloured_from_beginning_to_end(dimensions, projection):
    paths = np.zeros((2, 4, dimensions))
    paths[0, :, 0] = [0, 1, 2, 4]
    paths[1, :, 1] = [0, 8, 8, 8]
    lines = plotting.draw_paths(panel(projection=projection), paths)
    # The middle of each step as a share of the length; a step of no length adds none.
    assert lines.get_array().tolist() == [0.125, 0.5, 0.375, 1, 0.75, 1]
    assert lines.get_clim() == (0, 1)
    if dimensions == 2:
        assert lines.get_segments()[1].tolist() == paths[1, :2].tolist()
    with pytest.raises(ValueError, match="paths must have shape"):
        plotting.draw_paths(panel(projection=projection), paths[..., :1])


def test_panels_may_come_in_any_form():
    panels = Figure().subplot_mosaic("ab")
    for axes in (panels.values(), iter(panels.values()), list(panels.values())):
        assert len(plotting.label_panels(axes)) == 2


def test_panels_are_lettered_in_order():
    axes = Figure().subplots(2, 2)
    texts = plotting.label_panels(axes.flat, first="c")
    assert [text.get_text() for text in texts] == ["(c)", "(d)", "(e)", "(f)"]
    assert [text.axes for text in texts] == list(axes.flat)


def test_style_holds_until_it_is_undone():
    before = mpl.rcParams["font.size"]
    with plotting.use_style():
        assert mpl.rcParams["font.size"] == 7.5
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"] == list(plotting.COLOURS)
    assert mpl.rcParams["font.size"] == before


def test_style_stays_when_the_context_is_ignored():
    with mpl.rc_context():
        plotting.use_style()
        assert mpl.rcParams["savefig.dpi"] == 300


def test_widths_are_those_of_a_journal():
    widths_cm = [plotting.COLUMN * 2.54, plotting.PAGE * 2.54]
    assert widths_cm == pytest.approx([8.5, 17.8])


def test_drawing_opens_no_figure_of_its_own():
    ax = panel()
    plotting.draw_composite(ax, CORNER, crack_length=1)
    plotting.draw_convergence(ax, [1, 2])
    assert plt.get_fignums() == []


def test_import_leaves_tensorflow_and_pyplot_alone():
    code = (
        "import sys, mdesign.plotting; "
        "print(sorted({'tensorflow', 'keras', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
