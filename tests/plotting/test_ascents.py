import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign.plotting.ascents import draw_gains, draw_steps, draw_trait


def axes(n):
    return list(np.ravel(Figure().subplots(1, n)))


def test_steps_show_each_image_upright_with_its_caption():
    panels = axes(2)
    images = np.zeros((2, 3, 3))
    images[1, 2, 0] = 1.0
    draw_steps(panels, images, ["first", "second"], label="row", steps=(0, 7))
    assert [ax.get_xlabel() for ax in panels] == ["first", "second"]
    assert [ax.get_title() for ax in panels] == ["start", "step 7"]
    assert panels[0].get_ylabel() == "row"
    shown = panels[1].get_images()[0]
    # Pixel (2, 0) lies at the right and below.
    assert shown.get_array()[0, 2] == 1
    assert shown.origin == "lower"
    assert shown.get_clim() == (0, 1)


def test_gains_begin_at_zero_and_show_their_mean():
    (ax,) = axes(1)
    predicted = np.array([[0.5, 0.7], [0.6, 0.9]])
    draw_gains(ax, predicted, 2 * predicted, label="latent")
    *paths, mean = ax.get_lines()
    assert len(paths) == 2
    assert all(line.get_xydata()[0].tolist() == [0, 0] for line in paths)
    np.testing.assert_allclose(mean.get_xydata(), [[0, 0], [0.15, 0.3]])
    assert mean.get_label() == "latent"


def test_the_trait_is_a_line_a_path_with_marked_ends():
    (ax,) = axes(1)
    moduli = np.array([[0.5, 0.6], [0.6, 0.8], [0.7, 0.9]])
    drawn = draw_trait(ax, moduli, 1 - moduli, ([0.4, 1.0], [0.6, 0.0]))
    lines = np.array(drawn.get_segments())
    assert lines.shape == (2, 3, 2)
    np.testing.assert_allclose(lines[0], [[0.5, 0.5], [0.6, 0.4], [0.7, 0.3]])
    starts, ends, bound = ax.get_lines()
    assert starts.get_xdata().tolist() == [0.5, 0.6]
    assert ends.get_xdata().tolist() == [0.7, 0.9]
    assert starts.get_marker() != ends.get_marker()
    assert bound.get_xydata().tolist() == [[0.4, 0.6], [1.0, 0.0]]
    low, high = ax.get_xlim()
    assert low < 0.4
    assert high > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: draw_steps(axes(2), np.zeros((3, 2, 2)), ["", "", ""]),
            "must be 3 panels",
        ),
        (
            lambda: draw_gains(axes(1)[0], np.zeros((2, 3)), np.zeros((2, 2)), label=""),
            "computed must have",
        ),
        (lambda: draw_trait(axes(1)[0], np.zeros((1, 3)), np.zeros((1, 3))), "at least 2"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_everything_can_be_drawn():
    figure, panels = plt.subplots(1, 3)
    values = np.random.default_rng(0).random((3, 4))
    draw_steps(panels[:1], values[np.newaxis, :, :3], [""])
    draw_gains(panels[1], values, values, label="a")
    draw_trait(panels[2], values, values, linewidth=0.3)
    figure.canvas.draw()
    plt.close(figure)
