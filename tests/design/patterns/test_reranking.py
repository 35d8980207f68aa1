"""Re-ranking by a forward surrogate."""

import numpy as np
import pytest

from mdesign.design.patterns.interface import evaluate
from mdesign.design.patterns.reranking import Reranked
from mdesign.models.surrogate.training import train_surrogate
from mdesign.training.fit import FitSettings


class Noise:
    """Patterns of all fractions, whatever the target."""

    name = "noise"

    def candidates(self, target, n, rng):
        return (rng.random((n, 8, 8)) < rng.random((n, 1, 1))).astype(np.uint8)


def fraction(patterns):
    return patterns.mean((1, 2))


def test_an_exact_surrogate_keeps_the_nearest_of_the_pool_in_order():
    method = Reranked(Noise(), fraction, pool=200)
    found = fraction(method.candidates(0.6, 10, np.random.default_rng(0)))
    pool = fraction(Noise().candidates(0.6, 200, np.random.default_rng(0)))
    np.testing.assert_allclose(np.abs(found - 0.6), np.sort(np.abs(pool - 0.6))[:10])
    assert method.name == "noise, re-ranked"


def test_re_ranked_candidates_are_nearer_to_the_target_than_the_first_ones():
    plain, ranked = (
        evaluate(method, [0.3, 0.6], 20, simulate=fraction, rng=np.random.default_rng(0))
        for method in (Noise(), Reranked(Noise(), fraction, pool=500))
    )
    assert all(after.mean < 0.3 * before.mean for before, after in zip(plain, ranked, strict=True))


def coarse_and_fine(n, seed):
    """Noise, half of it of doubled pixels: the same fractions with different perimeters."""
    rng = np.random.default_rng(seed)
    fine = (rng.random((n, 16, 16)) < rng.uniform(0.3, 0.7, (n, 1, 1))).astype(np.uint8)
    coarse = np.repeat(np.repeat(fine[:, :8, :8], 2, axis=1), 2, axis=2)
    return np.where(rng.random((n, 1, 1)) < 0.5, fine, coarse)


def perimeter(patterns):
    edges = [patterns != np.roll(patterns, 1, axis) for axis in (1, 2)]
    return 0.6 + 0.1 * np.mean(edges, axis=(0, 2, 3))


def test_a_surrogate_learns_more_than_the_fraction_and_is_found_again(tmp_path):
    patterns, fresh = coarse_and_fine(400, 0), coarse_and_fine(300, 1)
    settings = FitSettings(epochs=15, batch_size=16, learning_rate=1e-2, decay=True)
    known = {"filters": (8, 8), "settings": settings, "folder": tmp_path}
    surrogate = train_surrogate(patterns, perimeter(patterns), **known)
    errors = surrogate(fresh) - perimeter(fresh)
    by_fraction = np.polyval(surrogate.parabola, fraction(fresh)) - perimeter(fresh)
    assert errors.std() < 0.6 * by_fraction.std()
    again = train_surrogate(patterns, perimeter(patterns), **known)
    np.testing.assert_array_equal(again(fresh), surrogate(fresh))
    assert again.fitted.seconds == surrogate.fitted.seconds


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="pool"):
        Reranked(Noise(), fraction, pool=0)
    with pytest.raises(ValueError, match=r"n must lie in \[1, 5\]"):
        Reranked(Noise(), fraction, pool=5).candidates(0.5, 6, np.random.default_rng(0))
    with pytest.raises(ValueError, match="patterns"):
        train_surrogate(np.zeros((4, 8, 9), np.uint8), np.zeros(4))
    with pytest.raises(ValueError, match="values"):
        train_surrogate(np.zeros((4, 8, 8), np.uint8), np.zeros(3))
    patterns = Noise().candidates(0.5, 50, np.random.default_rng(0))
    with pytest.raises(ValueError, match="volume fraction"):
        train_surrogate(patterns, fraction(patterns))
