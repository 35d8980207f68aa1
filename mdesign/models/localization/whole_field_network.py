"""The whole-field network: from a periodic cell to its strain field in one pass.

Its convolutions have exact periodic padding, so that a shifted cell gives the shifted field and
cells may have any size. The prescribed mean strain is built in.
"""

from __future__ import annotations

from typing import Any, no_type_check

import keras
from keras import ops

from mdesign import arguments

__all__ = ["PeriodicPadding", "UnitMean", "build_whole_field"]

KERNEL = 3


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class PeriodicPadding(keras.layers.Layer):
    """Continue fields ``(n, x, y, z, channels)`` periodically by `width` voxels on all sides."""

    def __init__(self, width: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = arguments.whole("width", width)

    def call(self, fields: keras.KerasTensor) -> keras.KerasTensor:
        """Continue the fields along one axis after the other."""
        for axis in (1, 2, 3):
            before: list[slice] = [slice(None)] * 5
            after: list[slice] = [slice(None)] * 5
            before[axis], after[axis] = slice(-self.width, None), slice(None, self.width)
            fields = ops.concatenate([fields[tuple(before)], fields, fields[tuple(after)]], axis)
        return fields

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the continued fields."""
        grid = (n and n + 2 * self.width for n in input_shape[1:4])
        return (input_shape[0], *grid, input_shape[4])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return super().get_config() | {"width": self.width}


@keras.saving.register_keras_serializable(package="mdesign")
@no_type_check  # Keras reads the signatures
class UnitMean(keras.layers.Layer):
    """Shift fields ``(n, x, y, z, channels)`` so that the mean of each is 1."""

    def call(self, fields: keras.KerasTensor) -> keras.KerasTensor:
        """Shift the fields."""
        return fields - ops.mean(fields, axis=(1, 2, 3), keepdims=True) + 1.0


def build_whole_field(width: int = 32, blocks: int = 5, *, seed: int) -> keras.Model:
    """Build a periodic residual network of cubic convolutions.

    Maps cells ``(n, x, y, z, 1)`` of 0 and 1 to strain fields of the same shape and of mean 1; not
    compiled. Each of the `blocks` adds two convolutions with `width` feature maps, through which a
    voxel sees 2 more voxels in each direction, and the mean over the cell, which tells a voxel what
    it cannot see, such as the stiff fraction.
    """
    width, blocks = arguments.whole("width", width), arguments.whole("blocks", blocks)
    seed = arguments.whole("seed", seed, "[0, inf)")
    seeds = iter(range(1000 * seed, 1000 * seed + 3 * blocks + 2))
    cells = keras.Input((None, None, None, 1), name="cell")
    state = keras.layers.Rescaling(1.0, -0.5, name="centred")(cells)
    state = _convolution(state, width, "lift", next(seeds))
    for depth in range(1, blocks + 1):
        state = _block(state, width, depth, seeds)
    state = keras.layers.Activation("relu", name="last")(state)
    field = _convolution(state, 1, "strain", next(seeds))
    return keras.Model(cells, UnitMean(name="unit_mean")(field), name="whole_field")


def _block(state: keras.KerasTensor, width: int, depth: int, seeds: Any) -> keras.KerasTensor:
    mean = keras.layers.GlobalAveragePooling3D(keepdims=True, name=f"mean_{depth}")(state)
    told = keras.layers.Dense(
        width,
        use_bias=False,
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        name=f"told_{depth}",
    )(mean)
    inner = keras.layers.Activation("relu", name=f"before_{depth}")(state)
    inner = _convolution(inner, width, f"first_{depth}", next(seeds))
    inner = keras.layers.Add(name=f"tell_{depth}")([inner, told])
    inner = keras.layers.Activation("relu", name=f"between_{depth}")(inner)
    inner = _convolution(inner, width, f"second_{depth}", next(seeds))
    return keras.layers.Add(name=f"block_{depth}")([state, inner])


def _convolution(state: keras.KerasTensor, width: int, name: str, seed: int) -> keras.KerasTensor:
    padded = PeriodicPadding(KERNEL // 2, name=f"{name}_padding")(state)
    return keras.layers.Conv3D(
        width, KERNEL, kernel_initializer=keras.initializers.GlorotUniform(seed=seed), name=name
    )(padded)
