"""Randomness: one integer seed per notebook, generators passed to all that draws."""

from __future__ import annotations

import numpy as np

from mdesign.arguments import whole

__all__ = ["rng", "seed_everything", "spawn"]


def rng(seed: int) -> np.random.Generator:
    """Random generator of one seed: the same stream for the same seed.

    ValueError if the seed is negative, TypeError if it is no integer; ``None`` would give another
    stream each time.

    Examples
    --------
    >>> rng(1).integers(10, size=3).tolist() == rng(1).integers(10, size=3).tolist()
    True
    """
    return np.random.default_rng(whole("seed", seed, "[0, inf)"))


def spawn(generator: np.random.Generator, n: int) -> list[np.random.Generator]:
    """Return n independent generators derived from one.

    The parent's own stream is not advanced, but a second call gives other children. ValueError if
    `n` is negative.
    """
    if not isinstance(generator, np.random.Generator):
        raise TypeError(f"generator must be a numpy.random.Generator; got {generator!r}")
    return generator.spawn(whole("n", n, "[0, inf)"))


def seed_everything(seed: int) -> None:
    """Seed Keras, its backend, and the global generators that Keras layers may draw from.

    Networks built with explicit seeds do not need it; a notebook calls it once, at its top.
    ValueError if the seed is negative or above 4294967295, TypeError if it is no integer.
    """
    checked = whole("seed", seed, f"[0, {2**32 - 1}]")
    import keras  # only here: this module must not import TensorFlow

    keras.utils.set_random_seed(checked)
