"""Otsu's threshold against scikit-image and by hand."""

import numpy as np
import pytest

from mdesign.microstructure import otsu, otsu_thresholds


def test_agrees_with_scikit_image():
    filters = pytest.importorskip("skimage.filters")
    rng = np.random.default_rng(0)
    images = rng.normal(rng.choice([-0.6, 0.7], (20, 32, 32)), 0.2).astype(np.float32)
    theirs = [filters.threshold_otsu(image) for image in images]
    np.testing.assert_allclose(otsu_thresholds(images), theirs, atol=1e-6)


def test_each_image_has_its_own_threshold():
    image = np.array([[0.0, 0.25], [0.75, 1.0]])
    stack = np.stack([image, 10 * image + 100, -image])
    patterns = otsu(stack)
    assert patterns.dtype == np.uint8
    assert patterns.tolist() == [[[0, 0], [1, 1]], [[0, 0], [1, 1]], [[1, 1], [0, 0]]]


def test_an_image_of_one_grey_is_all_of_phase_0():
    assert not otsu(np.full((2, 4, 4), 3.5)).any()


def test_nothing_in_nothing_out():
    assert otsu(np.empty((0, 4, 4))).shape == (0, 4, 4)


@pytest.mark.parametrize(
    ("images", "said"),
    [(np.zeros((4, 4)), "shape"), (np.full((1, 2, 2), np.nan), "finite")],
)
def test_says_what_is_wrong(images, said):
    with pytest.raises(ValueError, match=said):
        otsu(images)


def test_says_what_is_wrong_with_the_bins():
    with pytest.raises(ValueError, match="n_bins must be at least 2; got 1"):
        otsu_thresholds(np.zeros((1, 2, 2)), n_bins=1)
