"""The localisation network: from the neighbourhood of a voxel to its strain.

A neighbourhood is a cube of voxels, seen as a stack of images: each channel is a slice
perpendicular to the load, so that plane convolutions replace cubic ones. The dense layers are
written as convolutions, which are the same for a single neighbourhood. Over a plane of voxels,
whose neighbourhoods overlap, shared results are then computed only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from mdesign import arguments

__all__ = ["FILTERS", "HEADS", "STRAIN_SCALE", "build_localization_cnn"]

FILTERS = (128, 256)
"""Feature maps of the convolutions of the paper."""

HEADS = (2048, 1024)
"""Neurons of the dense layers of the paper."""

KERNEL = 3

STRAIN_SCALE = 10.0
"""Output at the mean strain 1: the paper's strains of 1e-3, times 1e4."""


def build_localization_cnn(
    side: int = 11,
    *,
    filters: Sequence[int] = FILTERS,
    heads: Sequence[int] = HEADS,
    decay: float = 1e-4,
    seed: int,
) -> keras.Model:
    """Build plane convolutions over the slices of neighbourhoods, and dense layers.

    Maps slices ``(n, y, z, side)`` of 0 and 1, the channels along the load, to `STRAIN_SCALE` times
    the strain of the voxels ``(n, y - side + 1, z - side + 1, 1)`` whose neighbourhoods they hold:
    one for a cube. Each convolution takes 2 from the odd `side`. The `decay`, the weight of the
    squared weights in the loss, is 1e-4 at contrast 10 and 5e-4 at contrast 50 in the paper.

    References
    ----------
    Yang et al., Acta Mater. 166, 335 (2019).
    """
    side = arguments.whole("side", side)
    filters, heads = arguments.wholes("filters", filters), arguments.wholes("heads", heads)
    decay = arguments.number("decay", decay, "[0, 1e6]")
    seed = arguments.whole("seed", seed, "[0, inf)")
    left = side - (KERNEL - 1) * len(filters)
    if side % 2 == 0 or left < 1:
        raise ValueError(f"side must be odd and above {2 * len(filters)}; got {side}")
    slices = keras.Input((None, None, side), name="slices")
    state = keras.layers.Rescaling(1.0, -0.5, name="centred")(slices)
    sizes = [KERNEL] * len(filters) + [left] + [1] * (len(heads) - 1)
    for depth, (width, size) in enumerate(zip((*filters, *heads), sizes, strict=True), start=1):
        name = f"convolution_{depth}" if depth <= len(filters) else f"dense_{depth}"
        layer = keras.layers.Conv2D(
            width, size, activation="relu", name=name, **_weights(decay, seed + depth)
        )
        state = layer(state)
    # The mean strain is known: the output starts from it.
    output = keras.layers.Conv2D(
        1,
        1,
        bias_initializer=keras.initializers.Constant(STRAIN_SCALE),
        name="strain",
        **_weights(decay, seed + len(sizes) + 1),
    )(state)
    return keras.Model(slices, output, name="localization_cnn")


def _weights(decay: float, seed: int) -> dict[str, Any]:
    """Give the initialiser and the regulariser of the weights of a layer."""
    return {
        "kernel_initializer": keras.initializers.GlorotNormal(seed=seed),
        "kernel_regularizer": keras.regularizers.L2(decay) if decay else None,
    }
