"""Constraints and penalties on designs: box and volume fraction."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mdesign import arguments

TOLERANCE = 1e-6
MAX_STEPS = 60


def project(designs: Any, mean: float) -> Any:
    """Euclidean projection of each row of designs onto the box [0, 1] and a given mean.

    The projection is ``clip(design + shift, 0, 1)``; the shift of each row is the root of a
    monotone, piecewise linear function, computed by Newton steps inside a shrinking bracket. The
    means of the rows, shape (n, n_elements), are met to 1e-6.
    """
    mean = arguments.number("mean", mean, "[0, 1]")
    low = -ops.max(designs, axis=1, keepdims=True)
    high = 1.0 - ops.min(designs, axis=1, keepdims=True)

    def excess(shift: Any) -> Any:
        return ops.mean(ops.clip(designs + shift, 0.0, 1.0), axis=1, keepdims=True) - mean

    def unfinished(low: Any, high: Any, shift: Any, error: Any) -> Any:
        return ops.max(ops.abs(error)) > TOLERANCE

    def newton(low: Any, high: Any, shift: Any, error: Any) -> tuple[Any, Any, Any, Any]:
        low = ops.where(error < 0, shift, low)
        high = ops.where(error > 0, shift, high)
        inside = ops.abs(designs + shift - 0.5) < 0.5
        slope = ops.mean(ops.cast(inside, designs.dtype), axis=1, keepdims=True)
        step = shift - error / ops.maximum(slope, 1e-3)
        bracketed = ops.logical_and(step > low, step < high)
        shift = ops.where(bracketed, step, 0.5 * (low + high))
        return low, high, shift, excess(shift)

    shift = ops.zeros_like(low)
    state = (low, high, shift, excess(shift))
    shift = ops.while_loop(unfinished, newton, state, maximum_iterations=MAX_STEPS)[2]
    return ops.clip(designs + shift, 0.0, 1.0)


@keras.saving.register_keras_serializable("mdesign")
class Box(keras.constraints.Constraint):
    """Keep every design variable between `low` and `high`."""

    def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
        self.low = arguments.number("low", low)
        self.high = arguments.number("high", high)
        if not low < high:
            raise ValueError(f"low must be below high; got {low} and {high}")

    def __call__(self, w: Any) -> Any:
        """Clip the designs."""
        return ops.clip(w, self.low, self.high)

    def get_config(self) -> dict[str, float]:
        """Return the arguments of the constructor."""
        return {"low": self.low, "high": self.high}


@keras.saving.register_keras_serializable("mdesign")
class VolumeFraction(keras.constraints.Constraint):
    """Keep designs in [0, 1] with a given fraction of soft (0) material, by Euclidean projection.

    The mean of a design is one minus `soft_fraction`.
    """

    def __init__(self, soft_fraction: float) -> None:
        self.soft_fraction = arguments.number("soft_fraction", soft_fraction, "[0, 1]")

    def __call__(self, w: Any) -> Any:
        """Project the designs."""
        return project(ops.convert_to_tensor(w), 1.0 - self.soft_fraction)

    def get_config(self) -> dict[str, float]:
        """Return the arguments of the constructor."""
        return {"soft_fraction": self.soft_fraction}


@keras.saving.register_keras_serializable("mdesign")
class VolumePenalty(keras.regularizers.Regularizer):
    """Quadratic penalty on the deviation from a soft fraction, an alternative to projection.

    It is `weight` times the squared deviation of each design's mean, summed over the designs.
    """

    def __init__(self, soft_fraction: float, weight: float = 100.0) -> None:
        self.soft_fraction = arguments.number("soft_fraction", soft_fraction, "[0, 1]")
        self.weight = arguments.number("weight", weight, "[0, inf)")

    def __call__(self, x: Any) -> Any:
        """Return the penalty of all designs."""
        deviation = ops.mean(x, axis=1) - (1.0 - self.soft_fraction)
        return self.weight * ops.sum(ops.square(deviation))

    def get_config(self) -> dict[str, float]:
        """Return the arguments of the constructor."""
        return {"soft_fraction": self.soft_fraction, "weight": self.weight}
