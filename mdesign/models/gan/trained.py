"""Trained generators of microstructures; Yang et al., J. Mech. Des. 140, 111416 (2018).

``"own"`` was trained by this package on its own Gaussian random fields and lies beside this file;
``"published"`` is the network of the paper's authors, fetched when first needed.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mdesign import arguments, data
from mdesign.data.public.pickles import read_arrays
from mdesign.microstructure import otsu
from mdesign.models.gan.network import build_discriminator, build_generator
from mdesign.storage import digest

__all__ = ["NAMES", "decode", "load_discriminator", "load_generator", "trained_record"]

NAMES = ("own", "published")
PUBLISHED_KEY = "gan_mdn/gan_weights.pickle"
PUBLISHED_SIZE = 128
_TRAINED = Path(__file__).with_name("weights")
_BATCH = 250
_REMEDY = "reinstall the package: python -m pip install --force-reinstall --no-deps mdesign"


def load_generator(name: str) -> keras.Model:
    """Load the ``"own"`` or the ``"published"`` generator.

    Returns
    -------
    keras.Model
        Maps latents ``(n, h, w, 1)`` to images ``(n, 32 h, 32 w, 1)`` in (-1, 1). Every call
        returns the same object, so that it is traced once.

    Raises
    ------
    mdesign.data.DataNotReachable
        If the published weights cannot be fetched.
    OSError
        If our own are damaged.
    """
    return _generator(arguments.choice("name", name, NAMES))


def load_discriminator(name: str) -> keras.Model:
    """Load the discriminator that was trained against a generator.

    Returns
    -------
    keras.Model
        Maps images ``(n, size, size, 1)`` in (-1, 1) to a logit ``(n, 1)``, positive for real. The
        size is 128 for the published one; for ours see `trained_record`.
    """
    return _discriminator(arguments.choice("name", name, NAMES))


def trained_record() -> dict[str, Any]:
    """Read the settings, losses, versions and quality of our own generator."""
    path = _TRAINED / "generator.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OSError(f"{path} is damaged ({error}); {_REMEDY}") from error


def decode(generator: keras.Model, latents: ArrayLike) -> NDArray[np.uint8]:
    """Decode latents ``(n, h, w)`` in (-1, 1) to patterns ``(n, 32 h, 32 w)`` of 0 and 1.

    The patterns are the generator's images, binarised by Otsu's threshold.
    """
    maps = arguments.images("latents", latents, "(n, h, w)", dtype=np.float32)
    side = 2 ** sum(isinstance(layer, keras.layers.Conv2DTranspose) for layer in generator.layers)
    patterns = np.empty((len(maps), side * maps.shape[1], side * maps.shape[2]), np.uint8)
    for first in range(0, len(maps), _BATCH):
        block = slice(first, first + _BATCH)
        images = keras.ops.convert_to_numpy(generator(maps[block, :, :, None], training=False))
        patterns[block] = otsu(images[..., 0])
    return patterns


@cache
def _generator(name: str) -> keras.Model:
    if name == "own":
        return _load("generator.keras")
    generator = build_generator(seed=0)
    _set_published_weights(generator, "G")
    return generator


@cache
def _discriminator(name: str) -> keras.Model:
    if name == "own":
        return _load("discriminator.keras")
    discriminator = build_discriminator(PUBLISHED_SIZE, seed=0)
    _set_published_weights(discriminator, "D")
    return discriminator


def _load(name: str) -> keras.Model:
    """Load one of our own networks if its file is whole."""
    path = _TRAINED / name
    if not path.is_file() or digest(path) != trained_record().get("sha256", {}).get(name):
        raise OSError(f"{path} is damaged; {_REMEDY}")
    return keras.saving.load_model(path, compile=False)


def _set_published_weights(model: keras.Model, letter: str) -> None:
    """Copy the published arrays of the generator (G) or the discriminator (D) into a model."""
    kernels, biases, norms = read_arrays(data.fetch(PUBLISHED_KEY))
    for depth, layer in enumerate(_convolutions(model), start=1):
        kernel = kernels[f"{letter}_conv{depth}_weights"]
        layer.set_weights([kernel, biases[f"{letter}_conv{depth}_bias"]])
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    for depth, layer in enumerate(_layers(model, keras.layers.BatchNormalization), start=1):
        layer.set_weights([norms[f"{letter}_BN{depth}_{name}"] for name in names])


def _convolutions(model: keras.Model) -> list[keras.layers.Layer]:
    return _layers(model, (keras.layers.Conv2D, keras.layers.Conv2DTranspose))


def _layers(model: keras.Model, kind: Any) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if isinstance(layer, kind)]
