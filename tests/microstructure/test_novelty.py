import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mdesign.microstructure import nearest_difference

RNG = np.random.default_rng(0)
PATTERNS = (RNG.random((5, 16, 12)) < 0.5).astype(np.uint8)


def by_hand(one, other, max_shift):
    """Best difference of two patterns, shift by shift."""
    found = []
    nx, ny = one.shape
    for dx in range(-max_shift, max_shift + 1):
        for dy in range(-max_shift, max_shift + 1):
            a = one[max(dx, 0) : nx + min(dx, 0), max(dy, 0) : ny + min(dy, 0)]
            b = other[max(-dx, 0) : nx + min(-dx, 0), max(-dy, 0) : ny + min(-dy, 0)]
            found.append((a != b).mean())
    return min(found)


def test_a_copy_is_found_whole_or_moved():
    moved = np.zeros_like(PATTERNS[:1])
    moved[0, 3:, :-2] = PATTERNS[2, :-3, 2:]
    moved[0, :3] = 1
    found = nearest_difference(np.concatenate([PATTERNS[3:4], moved]), PATTERNS, max_shift=3)
    assert found.tolist() == [0, 0]
    assert nearest_difference(moved, PATTERNS, max_shift=2)[0] > 0.2


def test_a_new_pattern_is_far_from_all():
    new = (RNG.random((1, 64, 64)) < 0.5).astype(int)
    known = (RNG.random((70, 64, 64)) < 0.5).astype(int)
    assert 0.4 < nearest_difference(new, known)[0] < 0.5


def test_the_opposite_differs_everywhere():
    assert nearest_difference(1 - PATTERNS[:1], PATTERNS[:1], max_shift=0).tolist() == [1]


@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(np.uint8, (3, 7, 9), elements=st.integers(0, 1)),
    hnp.arrays(np.uint8, (2, 7, 9), elements=st.integers(0, 1)),
    st.integers(0, 6),
)
def test_agrees_with_counting_pixels(made, known, max_shift):
    expected = [min(by_hand(one, other, max_shift) for other in known) for one in made]
    assert nearest_difference(made, known, max_shift=max_shift) == pytest.approx(expected, abs=1e-6)


def test_more_known_patterns_never_lie_further():
    made = (RNG.random((4, 16, 12)) < 0.5).astype(int)
    assert (nearest_difference(made, PATTERNS) <= nearest_difference(made, PATTERNS[:2])).all()


def test_none_made_is_an_answer():
    assert nearest_difference(np.zeros((0, 16, 12)), PATTERNS).shape == (0,)


@pytest.mark.parametrize(
    ("made", "known", "shift", "said"),
    [
        (PATTERNS[0], PATTERNS, 4, r"shape \(n, nx, ny\); got \(16, 12\)"),
        (PATTERNS, PATTERNS[:, 1:], 4, "one size"),
        (PATTERNS, PATTERNS[:0], 4, "at least one"),
        (PATTERNS * 2, PATTERNS, 4, r"generated must lie in \[0, 1\]; got 2"),
        (PATTERNS, PATTERNS, 12, r"max_shift must lie in \[0, 11\]; got 12"),
        (PATTERNS, PATTERNS, -1, "max_shift"),
    ],
)
def test_says_what_is_wrong(made, known, shift, said):
    with pytest.raises(ValueError, match=said):
        nearest_difference(made, known, max_shift=shift)
