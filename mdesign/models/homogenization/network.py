"""The homogenisation network: 3-D convolutions from a cell of two phases to its stiffness.

Yang et al., Comput. Mater. Sci. 151, 278 (2018): five convolutions of 3 x 3 x 3, average pooling,
dense layers of 2048 and 1024.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = [
    "DENSE",
    "FILTERS",
    "PENALTY",
    "build_homogenization_cnn",
    "first_excitations",
    "first_filters",
    "moved_cells",
]

FILTERS = (16, 32, 64, 128, 256)
"""Feature maps of the five convolutions, each followed by a pooling of 2."""

DENSE = (2048, 1024)
"""Neurons of the layers before the output."""

PENALTY = 1e-3
"""Weight of the squared weights in the loss."""

KERNEL = 3
POOL = 2
_AT_ONCE = 32


def build_homogenization_cnn(
    size: int,
    *,
    filters: Sequence[int] = FILTERS,
    dense: Sequence[int] = DENSE,
    penalty: float = PENALTY,
    mean: float = 0.0,
    deviation: float = 1.0,
    seed: int,
) -> keras.Model:
    """Build convolutions with poolings, then dense layers, for cells of `size` voxels a side.

    Parameters
    ----------
    filters, dense : sequence of int
        Feature maps of each convolution, and neurons of each dense layer. Each pooling halves the
        side, which must stay at least 1: the defaults need cells of 32 voxels a side or more.
    penalty : float
        Weight of the sum of the squared weights in the loss, not of the biases.
    mean, deviation : float
        The output is `mean` plus `deviation` times the last layer: with those of the training data
        the training starts at the right scale.

    Returns
    -------
    keras.Model
        Maps cells ``(n, size, size, size, 1)`` of 0 and 1 to ``(n, 1)``; not compiled. With the
        defaults and cells of 51 voxels a side it has 3,801,505 parameters.
    """
    size, filters = arguments.whole("size", size), arguments.wholes("filters", filters)
    if size < POOL ** len(filters):
        raise ValueError(
            f"size must be at least {POOL ** len(filters)} for the poolings of {len(filters)} "
            f"filters; got {size}"
        )
    dense = arguments.wholes("dense", dense, least=0)
    penalty = arguments.number("penalty", penalty, "[0, 1e6]")
    mean = arguments.number("mean", mean)
    deviation = arguments.number("deviation", deviation, "(0, inf)")
    seed = arguments.whole("seed", seed, "[0, inf)")
    cells = keras.Input((size, size, size, 1), name="cell")
    state = keras.layers.Rescaling(1.0, -0.5, name="centred")(cells)
    for depth, width in enumerate(filters, start=1):
        state = keras.layers.Conv3D(
            width,
            KERNEL,
            padding="same",
            activation="relu",
            name=f"convolution_{depth}",
            **_weights(penalty, seed + depth),
        )(state)
        state = keras.layers.AveragePooling3D(POOL, name=f"pool_{depth}")(state)
    state = keras.layers.Flatten(name="summary")(state)
    for depth, width in enumerate(dense, start=1):
        weights = _weights(penalty, seed + len(filters) + depth)
        state = keras.layers.Dense(width, "relu", name=f"dense_{depth}", **weights)(state)
    weights = _weights(penalty, seed + len(filters) + len(dense) + 1)
    state = keras.layers.Dense(1, name="standardised", **weights)(state)
    output = keras.layers.Rescaling(deviation, mean, name="stiffness")(state)
    return keras.Model(cells, output, name="homogenization_cnn")


def first_filters(model: keras.Model) -> npt.NDArray[np.float32]:
    """Kernels ``(filters, 3, 3, 3)`` of the first convolution; positive where phase 1 excites."""
    kernels = keras.ops.convert_to_numpy(model.get_layer("convolution_1").kernel)
    return np.moveaxis(kernels[..., 0, :], -1, 0)


def first_excitations(model: keras.Model, cells: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Mean excitation ``(n, filters)`` of each map of the first convolution by each cell.

    It is what the first filters measure of cells ``(n, size, size, size, 1)`` of 0 and 1.
    """
    size = model.input_shape[1]
    shown = arguments.phases("cells", cells, f"(n, {size}, {size}, {size}, 1)").astype(np.float32)
    first = keras.Model(model.input, model.get_layer("convolution_1").output)
    means = [
        keras.ops.mean(first(shown[start : start + _AT_ONCE]), axis=(1, 2, 3))
        for start in range(0, max(len(shown), 1), _AT_ONCE)
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in means]).astype(np.float64)


def moved_cells(cells: npt.ArrayLike, rng: np.random.Generator) -> npt.NDArray:
    """Shift, mirror and turn cells about axis 0, which keeps their stiffness along it.

    The batch ``(n, size, size, size)`` of periodic cells, with or without channels, is mirrored
    along random axes, and axes 1 and 2 exchanged or not, as one; each cell is shifted on its own.
    """
    shape = "(n, nx, nx, nx) or (n, nx, nx, nx, channels)"
    moved = arguments.images("cells", cells, shape, dtype=None)
    n, size = moved.shape[:2]
    moved = np.flip(moved, tuple(1 + np.flatnonzero(rng.integers(2, size=3))))
    if rng.integers(2):
        moved = moved.swapaxes(2, 3)
    shifts = rng.integers(0, size, (3, n, 1))
    x, y, z = (np.arange(size) + shifts) % size
    sample = np.arange(n)[:, None, None, None]
    return moved[sample, x[:, :, None, None], y[:, None, :, None], z[:, None, None, :]]


def _weights(penalty: float, seed: int) -> dict[str, object]:
    return {
        "kernel_initializer": keras.initializers.GlorotNormal(seed=seed),
        "kernel_regularizer": keras.regularizers.L2(penalty) if penalty else None,
    }
