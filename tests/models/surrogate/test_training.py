"""Training of the surrogate: what it learns from is checked before."""

import numpy as np
import pytest

from mdesign.models.surrogate import training
from mdesign.models.surrogate.training import train_surrogate

RNG = np.random.default_rng(0)
PATTERNS = RNG.integers(0, 2, (6, 8, 8)).astype(np.uint8)
VALUES = RNG.random(6)


@pytest.mark.parametrize(
    ("patterns", "values", "said"),
    [
        (255 * PATTERNS, VALUES, "patterns .*; divide images of 0 and 255 by 255"),
        (0.5 * PATTERNS, VALUES, "patterns must be whole numbers; got 0.5"),
        (PATTERNS[:, :4], VALUES, r"patterns must have shape \(n, nx, nx\)"),
        (PATTERNS, VALUES[:3], r"values must have shape \(6,\); got \(3,\)"),
        (PATTERNS, np.where(VALUES > 0.5, np.nan, VALUES), "values must be finite; got nan"),
        (PATTERNS, np.ones(6), "values must vary beside the volume fraction"),
    ],
)
def test_samples_are_checked_before_training(monkeypatch, patterns, values, said):
    monkeypatch.setattr(training, "fit_samples", None)  # would be needed to train
    with pytest.raises(ValueError, match=said):
        train_surrogate(patterns, values)
