import matplotlib.pyplot as plt
import numpy as np
import pytest

from mdesign.plotting.weights import draw_weights


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_first_index_runs_to_the_right_and_zero_is_white(ax):
    weights = np.zeros((4, 2))
    weights[3, 1] = -2.0
    drawn = draw_weights(ax, weights, caption="last round")
    array = drawn.get_array()
    assert array.shape == (2, 4)
    assert array[1, 3] == -2
    assert drawn.origin == "lower"
    assert drawn.get_clim() == (-2, 2)
    assert min(drawn.cmap(drawn.norm(0.0))[:3]) > 0.95
    assert ax.get_xlabel() == "last round"


def test_limit_is_kept(ax):
    assert draw_weights(ax, np.ones((2, 2)), limit=5).get_clim() == (-5, 5)


@pytest.mark.parametrize("weights", [np.ones(3), [[np.nan, 1.0]]])
def test_what_cannot_be_drawn_is_refused(ax, weights):
    with pytest.raises(ValueError, match=r"weights must (be finite|have shape)"):
        draw_weights(ax, weights)
