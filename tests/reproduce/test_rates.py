"""What benches share."""

import numba
import pytest

from mdesign.reproduce.rates import rate, row, threads


def test_the_fastest_repetition_counts_and_the_first_call_does_not():
    # The task turns the clock on: by 100 s as it compiles, then by 5, 2 and 4 s.
    now, steps = [0.0], iter([100.0, 5.0, 2.0, 4.0])

    def task():
        now[0] += next(steps)

    assert rate(task, 10, lambda: now[0], repeats=3) == 5.0
    assert next(steps, None) is None
    with pytest.raises(ValueError, match="repeats must be at least 1; got 0"):
        rate(task, 1, repeats=0)


def test_threads_are_given_back_after_an_error():
    before = numba.get_num_threads()
    with pytest.raises(KeyError), threads(1):
        assert numba.get_num_threads() == 1
        raise KeyError
    assert numba.get_num_threads() == before


def test_a_row_has_the_ratio_of_both_rates():
    found = row("ours against theirs", 6.0, 2.0, None, unit="cells/s")
    assert (found["ratio"], found["required"], found["unit"]) == (3.0, None, "cells/s")
