import numpy as np
import pytest
from scipy import ndimage

from mdesign.microstructure.specks import count_specks, find_specks


def test_specks_of_both_phases_are_counted_and_larger_clusters_are_not():
    pattern = np.zeros((8, 8), int)
    pattern[1, 1] = 1
    pattern[4:7, 4:7] = 1
    pattern[5, 5] = 0
    assert count_specks([pattern]).tolist() == [2]
    assert count_specks([pattern], largest=8).tolist() == [3]


def test_corners_do_not_connect_and_patterns_do_not_touch():
    diagonal = np.zeros((2, 5, 5), int)
    diagonal[:, 1, 1] = diagonal[:, 2, 2] = 1
    assert count_specks(diagonal, largest=1).tolist() == [2, 2]
    assert count_specks(np.zeros((3, 4, 4))).tolist() == [0, 0, 0]
    assert count_specks(np.zeros((0, 4, 4))).tolist() == []


def test_each_pattern_is_counted_for_itself():
    patterns = np.random.default_rng(0).integers(2, size=(6, 12, 9))

    def plainly(pattern):
        return sum(
            int((np.bincount(ndimage.label(pattern == phase)[0].ravel())[1:] <= 3).sum())
            for phase in (0, 1)
        )

    assert count_specks(patterns).tolist() == [plainly(pattern) for pattern in patterns]


def test_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"patterns must have shape \(n, nx, ny\); got \(4, 4\)"):
        count_specks(np.zeros((4, 4)))
    with pytest.raises(ValueError, match="largest must be at least 1; got 0"):
        count_specks(np.zeros((1, 4, 4)), largest=0)


def test_specks_are_found_where_they_are():
    patterns = np.zeros((3, 9, 9), int)
    patterns[0, 1, 6] = 1
    patterns[2, 4:6, 2] = 1
    patterns[2, 6:9, 6:9] = 1
    patterns[2, 7, 7] = 0
    assert find_specks(patterns).tolist() == [[2, 7, 7], [0, 1, 6], [2, 4.5, 2]]
    assert find_specks(np.zeros((2, 4, 4))).shape == (0, 3)
