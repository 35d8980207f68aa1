"""The designer: an inverted predictor, whose only variables are the designs."""

from __future__ import annotations

from typing import Any, no_type_check

import keras
import numpy as np
import numpy.typing as npt
from keras import ops
from tqdm import tqdm

from mdesign import arguments
from mdesign.training.callbacks import ProgressBar, reset_optimizer
from mdesign.training.compiled_loop import compiled, runs_compiled_loops, take_steps


@keras.saving.register_keras_serializable("mdesign")
@no_type_check  # Keras reads the signatures
class Designs(keras.layers.Layer):
    """A table of designs as the variable of a network; the input only counts the steps.

    The constraint is applied after each step, the regulariser added to the loss.
    """

    def __init__(
        self,
        n_designs: int,
        n_inputs: int,
        *,
        constraint: keras.constraints.Constraint | None = None,
        regularizer: keras.regularizers.Regularizer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.n_designs = n_designs
        self.n_inputs = n_inputs
        self.constraint = keras.constraints.get(constraint)
        self.regularizer = keras.regularizers.get(regularizer)
        self.designs = self.add_weight(
            shape=(n_designs, n_inputs),
            initializer="zeros",
            constraint=self.constraint,
            regularizer=self.regularizer,
            name="designs",
        )

    def call(self, clock: Any) -> Any:
        """Return the whole table, whatever the input."""
        return ops.convert_to_tensor(self.designs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "n_designs": self.n_designs,
            "n_inputs": self.n_inputs,
            "constraint": keras.constraints.serialize(self.constraint),
            "regularizer": keras.regularizers.serialize(self.regularizer),
        }


@keras.saving.register_keras_serializable("mdesign")
class Designer(keras.Model):
    """Functional model that owns a table of designs and trains nothing else.

    The predictor's layers are shared, not copied: training the predictor changes what the
    designer sees, and training the designer leaves the predictor's weights alone.
    """

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """The designs alone."""
        return [self.get_layer("designs").designs]

    trainable_weights = trainable_variables

    @property
    def non_trainable_variables(self) -> list[keras.Variable]:
        """All others, the predictor's weights among them: JAX freezes what is in neither list."""
        (designs,) = self.trainable_variables
        return [variable for variable in self.variables if variable is not designs]

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Predict for the designs, always with the predictor in inference mode."""
        return super().call(inputs, training=False, mask=mask)

    @property
    def designs(self) -> npt.NDArray[np.float32]:
        """The designs as an array, shape (n_designs, n_inputs)."""
        return ops.convert_to_numpy(self.get_layer("designs").designs)

    def restart(self, starts: npt.ArrayLike) -> None:
        """Set the designs to starts (n_designs, n_inputs), constrained, and reset the optimiser."""
        layer = self.get_layer("designs")
        values = ops.convert_to_tensor(np.asarray(starts, np.float32))
        layer.designs.assign(compiled(layer.constraint)(values) if layer.constraint else values)
        reset_optimizer(self.optimizer)


@keras.saving.register_keras_serializable("mdesign")
class Extremum(keras.losses.Loss):
    """Minus the sum of the predictions to maximise them, plus to minimise; targets are ignored.

    The sum keeps the designs independent of each other and of their number.
    """

    def __init__(self, maximise: bool = True, **kwargs: Any) -> None:
        super().__init__(**{"reduction": "sum", **kwargs})
        self.maximise = maximise

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the signed predictions."""
        return -y_pred if self.maximise else y_pred

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "maximise": self.maximise}


def build_designer(
    predictor: keras.Model,
    starts: npt.ArrayLike,
    *,
    constraint: keras.constraints.Constraint | None = None,
    regularizer: keras.regularizers.Regularizer | None = None,
    learning_rate: float = 0.02,
    maximise: bool = True,
) -> Designer:
    """Invert a predictor: its weights become constants, the designs the variables.

    Parameters
    ----------
    predictor : keras.Model
        Maps (n, n_inputs) to (n, 1); shared, never changed; dropout is switched off.
    starts : array_like, shape (n, n_inputs)
        Initial designs; the constraint is applied to them.
    constraint, regularizer : optional
        Applied to the designs after each step, such as `VolumeFraction` or `Box`; and added to the
        loss, such as `VolumePenalty`.
    learning_rate : float
        Of Adam, in units of the design variables.
    maximise : bool
        Maximise the predictions, else minimise them.

    Returns
    -------
    Designer
        Compiled; `fit` it on ``(zeros(n, 1), zeros(n, 1))`` with ``batch_size=n``, once a step.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Fig. 1.
    """
    starts = _starts(starts, predictor.input_shape[-1])
    learning_rate = arguments.number("learning_rate", learning_rate, "(0, inf)")
    layer = Designs(*starts.shape, constraint=constraint, regularizer=regularizer, name="designs")
    clock = keras.Input((1,), name="clock")
    designer = Designer(clock, predictor(layer(clock)), name="designer")
    designer.compile(keras.optimizers.Adam(learning_rate), Extremum(maximise))
    designer.restart(starts)
    return designer


class _Path(keras.callbacks.Callback):
    """Record the designs after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.positions: list[npt.NDArray[np.float32]] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.positions.append(self.model.designs.copy())

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.positions.append(self.model.designs.copy())


def optimise_designs(
    predictor: keras.Model,
    starts: npt.ArrayLike,
    *,
    steps: int = 100,
    constraint: keras.constraints.Constraint | None = None,
    regularizer: keras.regularizers.Regularizer | None = None,
    learning_rate: float = 0.02,
    maximise: bool = True,
    chunk_size: int = 2_000,
    path: bool = False,
    progress: bool = False,
) -> npt.NDArray[np.float32]:
    """Optimise designs from many starts, `chunk_size` at a time to bound the memory.

    The other arguments are those of `build_designer` and `run_designer`.

    Returns
    -------
    ndarray, shape (n, n_inputs) or, with `path`, (steps + 1, n, n_inputs)
        Optimised designs.
    """
    chunk_size = arguments.whole("chunk_size", chunk_size)
    starts = _starts(starts, predictor.input_shape[-1])
    designer = build_designer(
        predictor,
        starts[:chunk_size],
        constraint=constraint,
        regularizer=regularizer,
        learning_rate=learning_rate,
        maximise=maximise,
    )
    return run_designer(designer, starts, steps=steps, path=path, progress=progress)


def run_designer(
    designer: Designer,
    starts: npt.ArrayLike,
    *,
    steps: int = 100,
    path: bool = False,
    progress: bool = False,
) -> npt.NDArray[np.float32]:
    """Run an existing designer, so that its compiled step is reused.

    Parameters
    ----------
    designer : Designer
        From `build_designer`; takes as many starts at a time as it was built with.
    starts : array_like, shape (n, n_inputs)
        Initial designs, any number of them.
    steps, path : int and bool
        Adam steps; whether to return the designs of all steps, not only the last.

    Returns
    -------
    ndarray, shape (n, n_inputs) or, with `path`, (steps + 1, n, n_inputs)
        Optimised designs.

    Raises
    ------
    FloatingPointError
        If a design is not finite.
    """
    steps = arguments.whole("steps", steps)
    size, n_inputs = designer.designs.shape
    starts = _starts(starts, n_inputs)
    clock = np.zeros((steps * size, 1), np.float32)
    first_rows = range(0, len(starts), size)
    optimised = []
    with tqdm(total=steps * len(first_rows), desc="design", disable=not progress) as bar:
        for first in first_rows:
            rows = np.arange(first, first + size) % len(starts)
            designer.restart(starts[rows])
            steps_taken = _Path()
            if runs_compiled_loops() and not path:
                take_steps(designer, (clock[:1], clock[:1]), [np.zeros((steps, size), np.int32)])
                bar.update(steps)
            else:
                callbacks = [ProgressBar(bar), *([steps_taken] if path else [])]
                designer.fit(
                    clock, clock, batch_size=size, shuffle=False, verbose=0, callbacks=callbacks
                )
            if not np.isfinite(designer.designs).all():
                raise FloatingPointError(
                    f"the designs are not finite after {steps} steps; try a smaller learning rate"
                )
            optimised.append(np.stack(steps_taken.positions) if path else designer.designs)
    return np.concatenate(optimised, axis=1 if path else 0)[..., : len(starts), :]


def _starts(starts: npt.ArrayLike, n_inputs: int) -> npt.NDArray[np.float32]:
    values = arguments.array("starts", starts, f"(n, {n_inputs})", dtype=np.float32)
    return arguments.not_empty("starts", values)
