import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mdesign.microstructure import coarsen, cut_crops, random_media

NUMBERED = np.arange(2 * 6 * 9).reshape(2, 6, 9)


def count_spikes(patterns):
    """Pixels with three of their four neighbours in the other phase, for each edge of a pore."""
    around = [np.roll(patterns, shift, axis) != patterns for axis in (1, 2) for shift in (1, -1)]
    spikes = sum(around)[:, 1:-1, 1:-1] == 3
    edges = (np.diff(patterns.astype(int), axis=1) != 0).sum()
    return spikes.sum() / (edges + (np.diff(patterns.astype(int), axis=2) != 0).sum())


def test_five_crops_are_the_corners_and_the_centre():
    found, sources = cut_crops(NUMBERED, 2)
    assert found.shape == (10, 2, 2)
    assert sources.tolist() == [0] * 5 + [1] * 5
    assert found[:5, 0, 0].tolist() == [0, 7, 36, 43, 2 * 9 + 3]
    assert (found[5:] == found[:5] + 54).all()


def test_a_crop_keeps_its_rows_and_columns():
    assert cut_crops(NUMBERED, 3)[0][0].tolist() == [[0, 1, 2], [9, 10, 11], [18, 19, 20]]


def test_a_square_number_lies_evenly_from_edge_to_edge():
    found, _ = cut_crops(NUMBERED[:1], 2, 9)
    assert found[:, 0, 0].tolist() == [0, 4, 7, 18, 22, 25, 36, 40, 43]
    assert (cut_crops(NUMBERED[:1], 6, 4)[0][[1, 3]] == NUMBERED[0, :, 3:]).all()


def test_one_crop_is_the_centre_and_the_whole_is_a_crop():
    assert cut_crops(NUMBERED[:1], 2, 1)[0].tolist() == [[[21, 22], [30, 31]]]
    square = NUMBERED[:, :, :6]
    assert (cut_crops(square, 6, 1)[0] == square).all()


def test_no_image_gives_no_crop():
    found, sources = cut_crops(np.zeros((0, 4, 4)), 2)
    assert found.shape == (0, 2, 2)
    assert len(sources) == 0


@pytest.mark.parametrize("size", [0, 7])
def test_a_crop_must_fit(size):
    with pytest.raises(ValueError, match=rf"size must lie in \[1, 6\]; got {size}"):
        cut_crops(NUMBERED, size)


@pytest.mark.parametrize("per_image", [-4, 0, 2, 8])
def test_a_number_without_layout_is_refused(per_image):
    with pytest.raises(ValueError, match=f"per_image must be .*; got {per_image}"):
        cut_crops(NUMBERED, 2, per_image)


@pytest.mark.parametrize(
    ("images", "said"),
    [(np.zeros((4, 4)), "shape"), (np.full((1, 4, 4), 0.5), "whole numbers; got 0.5")],
)
def test_only_stacks_of_phases_are_cut(images, said):
    with pytest.raises(ValueError, match=said):
        cut_crops(images, 2)


def test_each_block_becomes_the_phase_of_most_of_it():
    fine = np.kron([[1, 0, 1]], np.ones((3, 3), int))[None]
    fine[0, 0, :4] ^= 1  # three pixels of nine do not outvote six
    assert coarsen(fine, 3).tolist() == [[[1, 0, 1]]]


def test_a_tie_takes_the_phase_of_the_first_pixel():
    halves = np.tile([[1, 0], [1, 0]], (1, 8, 8))
    assert (coarsen(halves, 2) == 1).all()
    assert (coarsen(1 - halves, 2) == 0).all()


def test_a_straight_edge_through_the_blocks_stays_straight():
    edge = np.zeros((1, 16, 16), int)
    edge[:, :, :7] = 1
    for pattern in (edge, edge.transpose(0, 2, 1), 1 - edge):
        assert count_spikes(coarsen(pattern, 2)) == 0


def test_small_media_keep_smooth_edges_and_the_volume_fraction():
    fine = random_media(40, 128, np.random.default_rng(0))
    coarse = coarsen(fine, 2)
    assert abs(coarse.mean() - fine.mean()) < 0.002
    # The fine images have 0.040; 1 and 0 in turn for ties would give 0.110.
    assert count_spikes(coarse) == pytest.approx(0.069, abs=0.003)


@given(hnp.arrays(np.uint8, (2, 12, 12), elements=st.integers(0, 1)), st.sampled_from([1, 2, 3, 4]))
def test_coarsening_commutes_with_swapping_the_phases_and_with_turning(phases, factor):
    coarse = coarsen(phases, factor)
    assert coarse.shape == (2, 12 // factor, 12 // factor)
    assert (coarsen(phases.transpose(0, 2, 1), factor) == coarse.transpose(0, 2, 1)).all()
    assert (coarsen(1 - phases, factor) == 1 - coarse).all()


@pytest.mark.parametrize("factor", [0, 5])
def test_a_factor_must_divide_the_sides(factor):
    with pytest.raises(ValueError, match=f"factor must .*; got {factor}"):
        coarsen(NUMBERED % 2, factor)


def test_reduction_is_of_two_phases():
    with pytest.raises(ValueError, match=r"phases must lie in \[0, 1\]; got 2"):
        coarsen(NUMBERED, 3)
