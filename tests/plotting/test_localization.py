"""Fields in common colours, influence on a logarithmic scale."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mdesign.plotting.localization import draw_fields, draw_influence


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_fields_share_colours_and_one_bar():
    figure, axes = plt.subplots(1, 2)
    field = np.arange(6.0).reshape(2, 3)
    images = draw_fields(axes, {"a": field, "b": 2 * field}, limits=(0, 4), quantity="strain")
    assert [image.get_clim() for image in images] == [(0, 4), (0, 4)]
    # The first index runs from left to right, the second upwards.
    np.testing.assert_array_equal(images[0].get_array(), field.T)
    assert images[0].origin == "lower"
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    assert len(figure.axes) == 3 and figure.axes[2].get_ylabel() == "strain"


def test_influence_leaves_out_what_has_no_logarithm():
    _, ax = plt.subplots()
    lines = draw_influence(
        ax, {"near": ([0, 1, 2], [1.0, 0.1, 0.0]), "far": ([0, 3], [1.0, 0.5])}, quantity="change"
    )
    assert lines[0].get_xdata().tolist() == [0, 1]
    assert lines[1].get_ydata().tolist() == [1.0, 0.5]
    assert lines[0].get_zorder() > lines[1].get_zorder()
    assert ax.get_yscale() == "log" and ax.get_ylabel() == "change"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["near", "far"]


def test_says_what_is_wrong():
    _, axes = plt.subplots(1, 2)
    with pytest.raises(ValueError, match="axes must be 1 panels; got 2"):
        draw_fields(axes, {"a": np.ones((2, 2))}, limits=(0, 1), quantity="strain")
    with pytest.raises(ValueError, match=r"slices\[.b.\] must have shape \(nx, ny\); got \(2,\)"):
        draw_fields(axes[:1], {"b": np.ones(2)}, limits=(0, 1), quantity="strain")
    with pytest.raises(ValueError, match=r"influence\[.near.\] must be at least 0"):
        draw_influence(axes[0], {"near": ([0, 1], [1.0, -1.0])}, quantity="change")
