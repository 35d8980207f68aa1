"""Predictions in blocks, so that many samples fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign.arguments import array, whole

__all__ = ["predict_in_blocks"]


def predict_in_blocks(
    model: keras.Model,
    inputs: npt.ArrayLike,
    *,
    size: int,
    prepare: Callable[[npt.NDArray[Any]], Any] = lambda block: block,
    compiled: bool = False,
) -> npt.NDArray[Any]:
    """Compute the first output of a network for many inputs, `size` at a time.

    `prepare` turns a block of inputs into what the network takes. Set `compiled` to trace and
    compile the network, which pays for many blocks of one shape.
    """
    values, size = array("inputs", inputs, dtype=None), whole("size", size)
    outputs = []
    for first in range(0, len(values), size):
        block = prepare(values[first : first + size])
        try:
            output = model.predict_on_batch(block) if compiled else model(block, training=False)
        except ValueError as error:
            raise ValueError(
                f"inputs must fit {model.name}; got {values.shape}: {error}"
            ) from error
        output = output[0] if isinstance(output, Sequence) else output
        outputs.append(keras.ops.convert_to_numpy(output))
    if not outputs:
        shape = model.output_shape[0] if len(model.outputs) > 1 else model.output_shape
        return np.empty((0, *shape[1:]), np.float32)
    return np.concatenate(outputs)
