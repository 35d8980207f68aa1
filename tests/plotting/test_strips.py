import matplotlib.pyplot as plt
import numpy as np
import pytest

from mdesign.plotting.strips import draw_strips


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_every_value_is_drawn_over_its_group(ax):
    groups = {"a": [3.0, 1.0, 2.0], "b": [5.0]}
    draw_strips(ax, groups, {"paper": [1.5, np.nan]}, label="starts", quantity="gap (%)")
    first, second, mark = ax.get_lines()
    np.testing.assert_array_equal(first.get_ydata(), [1, 2, 3])
    assert np.abs(first.get_xdata()).max() < 0.5
    assert np.abs(second.get_xdata() - 1).max() < 0.5
    np.testing.assert_array_equal(mark.get_ydata(), [1.5, np.nan])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["starts", "paper"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    assert ax.get_ylabel() == "gap (%)"


def test_marks_need_one_value_a_group(ax):
    with pytest.raises(ValueError, match=r"marks\[.paper.\] must have shape \(1,\); got \(2,\)"):
        draw_strips(ax, {"a": [1.0]}, {"paper": [1, 2]}, label="starts", quantity="gap")
