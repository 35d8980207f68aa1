"""What optimisers need beyond Keras."""

from __future__ import annotations

import keras
from keras import ops

__all__ = ["reset_optimizer"]


def reset_optimizer(optimizer: keras.optimizers.Optimizer) -> None:
    """Set moments and step count to zero, so that the next `fit` starts afresh.

    A constant learning rate stays; a schedule starts again.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Built or not.
    """
    for variable in optimizer.variables if optimizer.built else ():
        if variable.name != "learning_rate":
            variable.assign(ops.zeros_like(variable))
