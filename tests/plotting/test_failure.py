"""Maps of the failure index: logarithmic, with a ring around what fails first."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mdesign.plotting import draw_failure_index


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_the_element_that_fails_first_is_bright_and_ringed(ax):
    index = np.full((4, 6), 0.01)
    index[3, 1] = 1
    index[0, 0] = 0
    image = draw_failure_index(ax, index, title="title", caption="caption")
    (ring,) = ax.lines
    assert ring.get_xydata().tolist() == [[3.5, 1.5]]
    shown = image.norm(image.get_array())
    assert shown[1, 3] == pytest.approx(1)
    assert shown[1, 2] == pytest.approx(1 / 3)  # one of three decades
    assert shown[0, 0] == pytest.approx(0)
    assert (ax.get_title(), ax.get_xlabel()) == ("title", "caption")


def test_elements_that_fail_together_all_have_a_ring(ax):
    index = np.array([[1.0, 0.5], [0.2, 1.0]])
    draw_failure_index(ax, index, crack_length=1)
    ring, crack = ax.lines
    assert ring.get_xydata().tolist() == [[0.5, 0.5], [1.5, 1.5]]
    assert crack.get_xydata().tolist() == [[0, 1], [1, 1]]


@pytest.mark.parametrize("index", [np.full((2, 2), 1.5), np.ones(4), [[np.nan]]])
def test_what_is_no_index_is_refused(ax, index):
    with pytest.raises(ValueError, match="index must"):
        draw_failure_index(ax, index)
