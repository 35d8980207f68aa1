"""Randomness: one integer seed per notebook, generators passed to all that draws."""

from __future__ import annotations

import numpy as np

__all__ = ["rng", "seed_everything", "spawn"]


def rng(seed: int) -> np.random.Generator:
    """Random generator of one seed: the same stream for the same seed.

    ValueError if the seed is negative or no integer; ``None`` would give another stream each time.

    Examples
    --------
    >>> rng(1).integers(10, size=3).tolist() == rng(1).integers(10, size=3).tolist()
    True
    """
    return np.random.default_rng(_checked(seed))


def spawn(generator: np.random.Generator, n: int) -> list[np.random.Generator]:
    """Return n independent generators derived from one.

    The parent's own stream is not advanced, but a second call gives other children. ValueError if
    `n` is negative.
    """
    if n < 0:
        raise ValueError(f"n must be zero or positive; got {n}")
    return generator.spawn(n)


def seed_everything(seed: int) -> None:
    """Seed Keras, its backend, and the global generators that Keras layers may draw from.

    Networks built with explicit seeds do not need it; a notebook calls it once, at its top.
    ValueError if the seed is negative or no integer.
    """
    checked = _checked(seed)
    import keras  # only here: this module must not import TensorFlow

    keras.utils.set_random_seed(checked)


def _checked(seed: int) -> int:
    """Return the seed as a plain integer, or raise ValueError."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be an integer, zero or positive; got {seed!r}")
    return int(seed)
