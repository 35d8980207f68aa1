"""Re-ranking by a forward surrogate."""

import numpy as np
import pytest

from mdesign.design.fitting import FitSettings
from mdesign.design.inverse import evaluate
from mdesign.design.reranking import Reranked
from mdesign.design.surrogate import train_surrogate


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


def test_a_surrogate_learns_the_property_and_is_found_again(tmp_path):
    patterns = Noise().candidates(0.5, 300, np.random.default_rng(0))
    values = 0.6 + 0.1 * fraction(patterns)
    settings = FitSettings(epochs=12, batch_size=32, learning_rate=1e-2, decay=True)
    surrogate = train_surrogate(
        patterns, values, filters=(4, 8), settings=settings, folder=tmp_path
    )
    fresh = Noise().candidates(0.5, 200, np.random.default_rng(1))
    errors = surrogate(fresh) - (0.6 + 0.1 * fraction(fresh))
    assert errors.std() < 0.2 * values.std()
    again = train_surrogate(patterns, values, filters=(4, 8), settings=settings, folder=tmp_path)
    np.testing.assert_array_equal(again(fresh), surrogate(fresh))
    assert again.fitted.seconds == surrogate.fitted.seconds


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="pool"):
        Reranked(Noise(), fraction, pool=0)
    with pytest.raises(ValueError, match="pool of 5"):
        Reranked(Noise(), fraction, pool=5).candidates(0.5, 6, np.random.default_rng(0))
    with pytest.raises(ValueError, match="patterns"):
        train_surrogate(np.zeros((4, 8, 9), np.uint8), np.zeros(4))
    with pytest.raises(ValueError, match="values"):
        train_surrogate(np.zeros((4, 8, 8), np.uint8), np.zeros(3))
