"""Training of ElemNet: from the fractions of the elements to the formation energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals.composition import check_fractions, check_symbols
from mdesign.data.sets.compositions import Compositions
from mdesign.models.elemnet.network import build_elemnet
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_samples, split
from mdesign.training.predict import predict_in_blocks

__all__ = ["FITS", "PAPER_FIT", "SHORT_FIT", "ElemNet", "train_elemnet"]

PAPER_FIT = FitSettings(
    learning_rate=1e-4, batch_size=32, patience=200, epochs=10_000, validation_share=0.1
)
"""How the paper's network was trained, with its dropout."""

SHORT_FIT = FitSettings(
    learning_rate=1e-3, batch_size=256, patience=100, epochs=60, decay=True, validation_share=0.1
)
"""A short training on two cores, without dropout; the rate falls to zero."""

FITS = {"short": SHORT_FIT, "paper": PAPER_FIT}
"""Both by name."""

_PREDICTED_TOGETHER = 8_192

_LEAST_LOG = -7.0
"""Bound of the logarithm of a standard deviation, in units of the spread of the labels."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ElemNet:
    """A trained network: predicts a property from the fractions of the elements.

    The property is `mean` plus `deviation` times the first output.
    """

    fitted: Fitted
    elements: tuple[str, ...]
    mean: float
    deviation: float

    @property
    def model(self) -> keras.Model:
        """Maps fractions ``(n, n_elements)`` to standardised outputs ``(n, 1)`` or ``(n, 2)``."""
        return self.fitted.model

    def __call__(self, fractions: npt.ArrayLike) -> Values:
        """Predict the property, shape (n,), from fractions (n, len(elements))."""
        return self.mean + self.deviation * self._outputs(fractions)[:, 0]

    def with_deviation(self, fractions: npt.ArrayLike) -> tuple[Values, Values]:
        """Predict the property and its standard deviation, each (n,).

        Raises
        ------
        ValueError
            If the network was not trained to give a deviation.
        """
        if self.model.output_shape[1] != 2:
            raise ValueError("the network must be trained with probabilistic=True; it was not")
        outputs = self._outputs(fractions)
        log = np.maximum(outputs[:, 1], _LEAST_LOG)
        return self.mean + self.deviation * outputs[:, 0], self.deviation * np.exp(log)

    def of_elements(self, elements: Sequence[str]) -> Callable[[npt.ArrayLike], Values]:
        """Return what predicts the property from the fractions of these elements alone.

        ValueError for an element that the network does not have.
        """
        symbols = check_symbols("elements", elements, self.elements)
        return partial(self._of_columns, [self.elements.index(symbol) for symbol in symbols])

    def _of_columns(self, columns: list[int], fractions: npt.ArrayLike) -> Values:
        part = arguments.array("fractions", fractions, f"(n, {len(columns)})", dtype=np.float32)
        inputs = np.zeros((len(part), len(self.elements)), np.float32)
        inputs[:, columns] = part
        return self(inputs)

    def _outputs(self, fractions: npt.ArrayLike) -> Values:
        inputs = check_fractions("fractions", fractions, len(self.elements), tolerance=1e-5)
        outputs = predict_in_blocks(
            self.model,
            inputs,
            size=_PREDICTED_TOGETHER,
            prepare=np.float32,
            compiled=len(inputs) > 4 * _PREDICTED_TOGETHER,
        )
        return outputs.astype(np.float64)


def train_elemnet(
    compositions: Compositions,
    *,
    depth: int = 17,
    width: float = 1.0,
    dropout: float = 1.0,
    probabilistic: bool = False,
    start: ElemNet | None = None,
    settings: FitSettings = PAPER_FIT,
    folder: str | Path | None = None,
    progress: bool = False,
) -> ElemNet:
    """Train ElemNet with the mean absolute error, or load it if the same call was finished before.

    Parameters
    ----------
    compositions : Compositions
        To train on and to stop early with; `mdesign.training.fit.split` chooses which.
    depth, width, dropout
        As in `mdesign.models.elemnet.network.build_elemnet`.
    probabilistic : bool
        Predict a standard deviation too, by the likelihood of a normal distribution.
    start : ElemNet, optional
        Continue from the weights and the scale of a network of the same shape: transfer.
    settings : FitSettings
        How to train.
    folder : pathlib.Path, optional
        Keeps the trained network.

    Raises
    ------
    ValueError
        If all compositions have one value, or `start` has another shape or other elements.
    """
    training, _ = split(len(compositions), settings)
    values = compositions.values[training]
    mean, deviation = float(values.mean()), float(values.std())
    if start is not None:
        if start.elements != compositions.elements:
            raise ValueError(
                "start must have the elements of the compositions in their order, "
                f"{', '.join(compositions.elements)}; got {', '.join(start.elements)}"
            )
        mean, deviation = start.mean, start.deviation
    if not deviation > 0:
        raise ValueError(f"compositions must differ in their values; got {mean} for all")
    shape: dict[str, Any] = {"depth": depth, "width": width, "dropout": dropout}
    model = build_elemnet(
        len(compositions.elements), **shape, n_outputs=1 + probabilistic, seed=settings.seed
    )
    if start is not None:
        _copy_weights(start.model, model)
    fitted = fit_samples(
        model,
        (
            compositions.fractions.astype(np.float32),
            (compositions.values[:, np.newaxis] - mean) / deviation,
        ),
        settings,
        loss=_negative_log_likelihood if probabilistic else "mae",
        checkpoints=Checkpoints.below(
            folder,
            "elemnet",
            settings,
            shape,
            probabilistic,
            () if start is None else tuple(start.model.get_weights()),
            compositions,
            code=train_elemnet,
        ),
        progress=progress,
    )
    return ElemNet(fitted, compositions.elements, mean, deviation)


def _negative_log_likelihood(truth: Any, outputs: Any) -> Any:
    """Of a normal distribution with the mean and the logarithm of the deviation in the outputs."""
    log = keras.ops.maximum(outputs[:, 1], _LEAST_LOG)
    return log + 0.5 * ((truth[:, 0] - outputs[:, 0]) * keras.ops.exp(-log)) ** 2


def _copy_weights(source: keras.Model, model: keras.Model) -> None:
    """Copy all weights of a network of the same shape."""
    if [w.shape for w in source.weights] != [w.shape for w in model.weights]:
        raise ValueError(
            "start must have the depth, width and outputs of the network, weights of shapes "
            f"{[w.shape for w in model.weights]}; got {[w.shape for w in source.weights]}"
        )
    model.set_weights(source.get_weights())
