"""Many training steps in one compiled loop on the device, under JAX.

Keras' own loop returns to Python after every step, and the host prepares every batch. A graphics
processor then waits for the host where a network is small. Other backends keep Keras' loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.arguments import whole
from mdesign.training.batches import MixedBatches
from mdesign.training.callbacks import ADVICE, check_weights
from mdesign.training.fit import fit

__all__ = ["compiled", "fit_mixed", "runs_compiled_loops", "take_steps"]

STEPS_AT_ONCE = 80
"""Steps of one call of the device, at most; an epoch of 800,000 samples in batches of 10,000."""


def runs_compiled_loops() -> bool:
    """Whether `take_steps` works with the backend of Keras."""
    return keras.backend.backend() == "jax"


def compiled(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compile a function of a tensor once, where a loop in it would else be compiled in each call.

    TensorFlow needs no compilation here: it runs such a loop step by step.
    """
    if not runs_compiled_loops():
        return function
    import jax

    return jax.jit(function)


def fit_mixed(
    model: keras.Model, batches: MixedBatches, *, epochs: int, label: str, progress: bool
) -> None:
    """Train a compiled network in place, the samples on the device where the backend can do so."""
    epochs = whole("epochs", epochs)
    if not runs_compiled_loops():
        fit(model, batches, epochs=epochs, label=label, progress=progress)
        return
    total = epochs * len(batches)
    with tqdm(total=total, desc=label, unit="step", disable=not progress) as bar:

        def blocks() -> Iterator[npt.NDArray[np.int32]]:
            for _ in range(epochs):
                batches.on_epoch_begin()
                for first in range(0, len(batches), STEPS_AT_ONCE):
                    rows = batches.rows[first : first + STEPS_AT_ONCE]
                    yield rows
                    bar.update(len(rows))

        take_steps(model, (batches.inputs, batches.targets), blocks())


def take_steps(
    model: keras.Model,
    samples: tuple[npt.NDArray, npt.NDArray],
    blocks: Iterable[npt.NDArray[np.integer]],
) -> list[float]:
    """Train a compiled network on rows of samples, which are moved to the device once.

    Each block of rows, shape (n_steps, batch_size), is one call of the device: blocks of one shape
    share one compilation, and the next block is prepared while one runs. Returns the mean loss of
    each block. FloatingPointError if one is not finite, with the steps of its block in the message,
    or a weight at the end: the network then keeps the weights that it had.
    """
    import jax

    # A network that is compiled once more has another optimiser.
    if not hasattr(model.optimizer, "compiled_loop"):
        model.optimizer.build(model.trainable_variables)
        model.optimizer.compiled_loop = _compiled_loop(model)
    inputs, targets = map(jax.device_put, samples)
    model.reset_metrics()
    metrics = [variable.value for variable in model.metrics_variables]
    parts = [
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
    ]
    # The loop gives its state's memory to the next one; the network's own values must stay whole.
    state = [[jax.numpy.array(variable.value) for variable in part] for part in parts]
    losses: list[Any] = []
    ends = [0]

    def check(block: int) -> None:
        if not np.isfinite(losses[block]):
            raise FloatingPointError(
                f"the loss of {model.name} is not finite in steps {ends[block] + 1} to "
                f"{ends[block + 1]}; {ADVICE}"
            )

    for block, rows in enumerate(blocks):
        state, loss = model.optimizer.compiled_loop(state, metrics, inputs, targets, rows)
        losses.append(loss)
        ends.append(ends[-1] + len(rows))
        if block:  # the one before: this one runs
            check(block - 1)
    if losses:
        check(len(losses) - 1)
    check_weights(model.name, [*state[0], *state[1]])
    for part, values in zip(parts, state, strict=True):
        for variable, value in zip(part, values, strict=True):
            variable.assign(value)
    return [float(loss) for loss in losses]


def _compiled_loop(model: keras.Model) -> Any:
    """Compile a loop over `train_step`, which is free of side effects under JAX."""
    import jax

    def loop(state: Any, metrics: Any, inputs: Any, targets: Any, rows: Any) -> Any:
        def step(state: Any, batch: Any) -> Any:
            data = inputs[batch].astype("float32"), targets[batch]
            logs, state = model.train_step(state, data)
            return state, logs["loss"]

        (*state, _), means = jax.lax.scan(step, (*state, metrics), rows)
        return state, means[-1]

    return jax.jit(loop, donate_argnums=0)
