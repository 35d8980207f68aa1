"""The common interface: relative errors and the table of a method."""

import numpy as np
import pytest

from mdesign.design.patterns.interface import evaluate, relative_errors


class Stripes:
    """Candidates whose fraction of ones misses the target by known amounts."""

    name = "stripes"

    def candidates(self, target, n, rng):
        patterns = np.zeros((n, 10, 10), np.uint8)
        for index in range(n):
            patterns[index, : round(10 * target) + index] = 1
        return patterns[rng.permutation(n)]


class Short(Stripes):
    def candidates(self, target, n, rng):
        return super().candidates(target, n, rng)[:-1]


def fraction(patterns):
    return patterns.mean((1, 2))


def test_relative_errors():
    np.testing.assert_allclose(relative_errors([0.5, 0.6, 0.9], 0.6), [1 / 6, 0, 0.5], atol=1e-15)


def test_rows_hold_the_statistics_of_the_errors():
    rows = evaluate(Stripes(), [0.2, 0.5], 3, simulate=fraction, rng=np.random.default_rng(0))
    assert [row.target for row in rows] == [0.2, 0.5]
    errors = np.array([0, 0.2, 0.4])
    for row, expected in zip(rows, [[0, 0.5, 1], errors], strict=True):
        assert row.method == "stripes"
        np.testing.assert_allclose(row.minimum, 0, atol=1e-12)
        np.testing.assert_allclose(row.mean, np.mean(expected))
        np.testing.assert_allclose(row.deviation, np.std(expected))
        assert row.best.mean() == pytest.approx(row.target)
        assert 0 < row.seconds <= row.seconds_with_physics


def test_a_row_does_not_depend_on_the_other_targets():
    both = evaluate(Stripes(), [0.2, 0.5], 4, simulate=fraction, rng=np.random.default_rng(0))
    alone = evaluate(Stripes(), [0.2], 4, simulate=fraction, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(both[0].values, alone[0].values)


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="target"):
        relative_errors([0.5], 0.0)
    with pytest.raises(ValueError, match="finite"):
        relative_errors([np.nan], 0.5)
    with pytest.raises(ValueError, match="n must"):
        evaluate(Stripes(), [0.5], 0, simulate=fraction, rng=rng)
    with pytest.raises(ValueError, match="stripes"):
        evaluate(Short(), [0.5], 3, simulate=fraction, rng=rng)
