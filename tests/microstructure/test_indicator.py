"""All statistics take images of phase numbers, and say what to do about others."""

import numpy as np
import pytest

from mdesign import microstructure as m
from mdesign.microstructure.specks import count_specks

IMAGES = np.random.default_rng(0).integers(0, 2, (3, 24, 24))
GREY = np.random.default_rng(1).random((3, 24, 24))

OF_PHASES = {
    "volume_fraction": m.volume_fraction,
    "two_point_correlation": m.two_point_correlation,
    "autocorrelation": m.autocorrelation,
    "lineal_path": m.lineal_path,
    "mean_chord": m.mean_chord,
    "cut_crops": lambda images: m.cut_crops(images, 4),
    "coarsen": lambda images: m.coarsen(images, 2),
    "MarkovField.fit": lambda images: m.MarkovField().fit(images, np.random.default_rng(0)),
    "nearest_difference": lambda images: m.nearest_difference(images, IMAGES),
    "training of nearest_difference": lambda images: m.nearest_difference(IMAGES, images),
    "compare_textures": lambda images: m.compare_textures(images, IMAGES),
    "authentic of compare_textures": lambda images: m.compare_textures(IMAGES, images),
    "count_specks": count_specks,
}


@pytest.mark.parametrize("call", OF_PHASES.values(), ids=OF_PHASES)
@pytest.mark.parametrize(
    ("images", "said"),
    [
        (IMAGES * 255, "divide images of 0 and 255 by 255"),
        ((GREY * 255.99).astype(np.uint8), r"mdesign\.microstructure\.otsu"),
        (GREY, r"mdesign\.microstructure\.otsu"),
        (np.zeros((24, 24, 3), int), "take one channel"),
        (IMAGES[0], "newaxis"),
        (np.where(GREY > 0.5, 1.0, np.nan), "got nan"),
        (-IMAGES, "got -1"),
    ],
    ids=["0 and 255", "grey bytes", "grey", "colours", "no batch", "nan", "negative"],
)
def test_what_is_no_image_of_phases_is_refused_with_the_remedy(call, images, said):
    with pytest.raises(ValueError, match=said):
        call(images)


@pytest.mark.parametrize("call", [m.otsu, m.otsu_thresholds])
@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((24, 24, 4)), "take one channel"),
        (GREY[0], "newaxis"),
        (np.where(GREY > 0.5, GREY, np.nan), "must be finite; got nan"),
        (np.zeros((2, 0, 4)), "at least one pixel a side"),
    ],
)
def test_grey_images_need_a_batch_and_one_channel(call, images, said):
    with pytest.raises(ValueError, match=said):
        call(images)


@pytest.mark.parametrize("statistic", [m.volume_fraction, m.two_point_correlation, m.lineal_path])
def test_several_phases_are_told_apart_by_their_number(statistic):
    three = np.random.default_rng(2).integers(0, 3, (2, 16, 17))
    for phase in range(3):
        found = statistic(three, phase=np.uint8(phase))
        np.testing.assert_array_equal(found, statistic(three == phase))
    for phase in (-1, 255):
        with pytest.raises(ValueError, match="phase must lie in"):
            statistic(three, phase=phase)
    for odd in (0.5, "abc"):
        with pytest.raises(TypeError, match="phase"):
            statistic(three, phase=odd)
