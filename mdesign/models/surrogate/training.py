"""Training of a forward surrogate: the property network in place of the physics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.models.surrogate.network import build_property_cnn, shifted_and_turned
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, fit_samples, split
from mdesign.training.predict import predict_in_blocks

__all__ = ["Surrogate", "train_surrogate"]

_PREDICTED_TOGETHER = 500


@dataclass(frozen=True)
class Surrogate:
    """Predicts the property of patterns: a parabola in their volume fraction plus a network.

    `parabola` holds coefficients, the highest power first; the network gives the residual in units
    of `deviation`, its standard deviation over the training data.
    """

    model: keras.Model
    parabola: npt.NDArray[np.float64]
    deviation: float
    fitted: Fitted

    def __call__(self, patterns: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the property, shape (n,), of patterns of shape (n, nx, ny)."""
        cells = arguments.phases("patterns", patterns)
        first_guess = np.polyval(self.parabola, cells.mean((1, 2)))
        images = cells[..., np.newaxis]
        output = predict_in_blocks(self.model, images, size=_PREDICTED_TOGETHER, prepare=np.float32)
        return first_guess + self.deviation * output[:, 0].astype(np.float64)


def train_surrogate(
    patterns: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    filters: Sequence[int] = (16, 32, 64, 128),
    start: keras.Model | None = None,
    frozen: bool = False,
    settings: FitSettings | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Surrogate:
    """Train a property network on patterns ``(n, nx, nx)`` of periodic structures and values (n,).

    The volume fraction explains most of many properties and is known exactly, so that the network
    learns the residual of a parabola in it. Each batch is shifted, mirrored and turned at random,
    which does not change the absorptance of a periodic structure under unpolarised light at normal
    incidence.

    Parameters
    ----------
    patterns, values
        Phases 0 and 1, and the property of each.
    filters, start, frozen
        As in `build_property_cnn`; a `start` gives the first layers of a discriminator.
    settings : FitSettings, optional
        How to train; `split` chooses the training samples.
    folder : pathlib.Path, optional
        Keeps the trained network for the next call with the same data.
    """
    patterns = arguments.not_empty(
        "patterns", arguments.phases("patterns", patterns, "(n, nx, nx)")
    )
    values = arguments.array("values", values, f"({len(patterns)},)")
    filters = arguments.wholes("filters", filters)
    settings = settings or FitSettings()
    training, _ = split(len(values), settings)
    fractions = patterns.mean((1, 2))
    parabola = np.polyfit(fractions[training], values[training], 2)
    residuals = values - np.polyval(parabola, fractions)
    deviation = float(residuals[training].std())
    if not deviation > 1e-9 * np.abs(values).max():
        raise ValueError("values must vary beside the volume fraction; a parabola gives them all")

    copied = () if start is None else tuple(start.get_weights())
    shape = ("property network", tuple(filters), frozen, copied)
    fitted = fit_samples(
        build_property_cnn(filters, start=start, frozen=frozen, seed=settings.seed),
        (patterns[..., np.newaxis], (residuals / deviation)[:, np.newaxis]),
        settings,
        loss="mse",
        transform=shifted_and_turned,
        validation_batch=_PREDICTED_TOGETHER,
        checkpoints=Checkpoints.below(
            folder, "surrogate", settings, shape, patterns, values, code=train_surrogate
        ),
        progress=progress,
    )
    return Surrogate(fitted.model, parabola, deviation, fitted)
