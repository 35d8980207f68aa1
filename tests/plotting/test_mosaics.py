import matplotlib.pyplot as plt
import numpy as np
import pytest

from mdesign.plotting import draw_mosaic


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_rows_come_from_the_top_and_do_not_touch(ax):
    images = {"first": np.zeros((3, 8, 8)), "second": np.ones((3, 8, 8))}
    drawn = draw_mosaic(ax, images)
    extents = np.array([image.get_extent() for image in drawn])
    assert extents[:3, 2].min() > extents[3:, 3].max()
    assert (extents[1:3, 0] > extents[:2, 1]).all()
    assert extents[:, 1].max() == pytest.approx(ax.get_xlim()[1])
    assert extents[:, 3].max() == pytest.approx(ax.get_ylim()[1])
    names = dict(
        zip([tick.get_text() for tick in ax.get_yticklabels()], ax.get_yticks(), strict=True)
    )
    assert names["first"] == pytest.approx(extents[0, 2:].mean())
    assert names["second"] == pytest.approx(extents[3, 2:].mean())


def test_the_first_axis_points_to_the_right(ax):
    image = np.zeros((1, 4, 4))
    image[0, 3, 0] = 1
    (drawn,) = draw_mosaic(ax, {"one": image})
    shown = drawn.get_array()
    assert drawn.origin == "lower"
    assert shown[0, 3] == 1  # bottom row, right column
    assert shown.sum() == 1
    assert drawn.get_clim() == (0, 1)


def test_rows_must_be_alike(ax):
    with pytest.raises(ValueError, match="one shape"):
        draw_mosaic(ax, {"a": np.zeros((1, 4, 4)), "b": np.zeros((2, 4, 4))})
    with pytest.raises(ValueError, match=r"rows\[.a.\] must have shape"):
        draw_mosaic(ax, {"a": np.zeros((4, 4))})
    with pytest.raises(ValueError, match="rows must name something"):
        draw_mosaic(ax, {})
