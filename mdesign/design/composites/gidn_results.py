"""Settings and results of generative inverse design networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["GidnIteration", "GidnResult", "GidnSettings", "Stopping"]

_SCALES = ("log", "linear")
_INITIALIZERS = ("he_uniform", "glorot_uniform")  # the predictor's, whose import loads Keras
_CONSTRAINTS = ("projection", "clip", "penalty")

DEAD = 0.99
"""Share of unmoved starts from which a designer counts as dead."""

Phases = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GidnSettings:
    """Sizes and choices of one active-learning run.

    Parameters
    ----------
    soft_fraction : float
        Volume fraction of the soft phase, in (0, 1).
    n_random, n_starts : int
        Random designs, computed once, and inverse designs of an iteration; the paper has
        1,000,000 of each.
    hidden, dropout : sequence of int, at least one, and float
        Neurons of the predictor's hidden layers, and its dropout, in [0, 1); the paper has 0.5.
    initializer : {"he_uniform", "glorot_uniform"}
        Distribution of the initial weights of these layers. The paper names none; TensorFlow's own
        default is Glorot's, with which a dropout of 0.5 does not silence the network.
    training_steps, batch_size : int
        Gradient steps of the predictor in an iteration, and samples in a batch; the paper has
        10,000.
    epochs : int, optional
        Train so many times as many samples as there are training data, in place of
        `training_steps`; the paper has 1,250.
    learning_rate, decay : float and bool
        Initial rate of Adam, and whether it falls to zero along half a cosine; the paper mentions
        no decay.
    target_scale : {"log", "linear"}
        Train on the logarithm of the toughness, or on the toughness over its standard deviation.
    design_share : float
        Largest share of verified designs in a batch, in [0, 1). Until it is reached, iteration k
        trains on equal parts of the random designs and of those of the k - 1 iterations before,
        as in the paper.
    warm_start : bool
        Keep the predictor's weights from iteration to iteration.
    start_deviation : float
        Standard deviation of the normal distribution of initial designs.
    constraint : {"projection", "clip", "penalty"}
        How the designer keeps the volume fraction: exact Euclidean projection, box only, or box
        and quadratic penalty.
    design_steps, design_rate : int and float
        Steps and rate of Adam in the designer.
    test_share : float
        Share of all computed designs kept for testing, in (0, 1).
    seed : int
        Seed of everything random.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Sections 2.2 and 4.
    """

    soft_fraction: float = 0.25
    n_random: int = 200_000
    n_starts: int = 20_000
    hidden: Sequence[int] = (256,) * 6
    dropout: float = 0.0
    initializer: str = "he_uniform"
    training_steps: int = 4_000
    batch_size: int = 1_000
    epochs: int | None = None
    learning_rate: float = 1e-3
    decay: bool = True
    target_scale: str = "log"
    design_share: float = 2 / 3
    warm_start: bool = True
    start_deviation: float = 0.25
    constraint: str = "projection"
    design_steps: int = 100
    design_rate: float = 0.02
    test_share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        counts = ("n_random", "n_starts", "training_steps", "batch_size", "epochs", "design_steps")
        rules = dict.fromkeys((*counts, "hidden"), "[1, inf)")
        rules |= dict.fromkeys(("learning_rate", "start_deviation", "design_rate"), "(0, inf)")
        rules |= {"dropout": "[0, 1)", "design_share": "[0, 1)", "seed": "[0, inf)"}
        rules |= {"soft_fraction": "(0, 1)", "test_share": "(0, 1)"}
        arguments.settle(
            self,
            **rules,
            initializer=_INITIALIZERS,
            target_scale=_SCALES,
            constraint=_CONSTRAINTS,
        )
        if not self.hidden:
            raise ValueError("hidden must be at least one number; got ()")
        smallest = min(self.n_random, self.n_starts) * min(self.test_share, 1 - self.test_share)
        if smallest < 1:
            raise ValueError(
                "test_share must leave designs to train on and to test with of n_random = "
                f"{self.n_random} and n_starts = {self.n_starts}; got {self.test_share}"
            )


@dataclass(frozen=True)
class Stopping:
    """When a run ends.

    Parameters
    ----------
    iterations, limit : int
        Smallest and largest number of iterations; the paper has 3.
    patience : int
        Iterations in a row without a tougher design after which a run ends; 0 ends it after
        `iterations`.
    """

    iterations: int = 3
    patience: int = 0
    limit: int = 12

    def __post_init__(self) -> None:
        arguments.settle(self, iterations="[1, inf)", patience="[0, inf)")
        arguments.settle(self, limit=f"[{self.iterations}, inf)")

    def reached(self, maxima: Sequence[float]) -> bool:
        """Tell whether a run with these maxima, one an iteration, has ended."""
        maxima = arguments.numbers("maxima", maxima, least=0)
        if len(maxima) < self.iterations:
            return False
        if self.patience == 0 or len(maxima) >= self.limit:
            return True
        stale = len(maxima) - 1 - int(np.argmax(maxima))
        return stale >= self.patience


@dataclass(frozen=True)
class GidnIteration:
    """Outcome of one training and one design process.

    Attributes
    ----------
    designs : ndarray of uint8, shape (n_starts, n_elements)
        Inverse designs, 1 = stiff.
    toughness, predicted : ndarray, shape (n_starts,)
        Their computed and predicted toughness.
    predicted_before : ndarray, shape (n_starts,)
        Predicted toughness of what the designer has found, before it is turned into two phases.
    training_maximum, training_mean : float
        Of the toughness of the data trained on, each group weighted by its share of a batch.
    training_error, testing_error : float
        Mean squared error of the predicted toughness over the variance of the toughness, whatever
        the target of the predictor.
    sample_toughness, sample_predicted, sample_source : ndarray, shape (m,)
        Computed and predicted toughness of testing samples, and their source: 0 for a random
        design, k for an inverse design of iteration k.
    repeated, duplicates : float
        Shares of the inverse designs that repeat one of an earlier iteration, or another of the
        same iteration.
    unmoved : float
        Share of the starts that the designer has left where they were, because the gradient of the
        prediction is zero there.
    seconds : float
        Time of training, design and verification.
    """

    designs: Phases
    toughness: Values
    predicted: Values
    predicted_before: Values
    training_maximum: float
    training_mean: float
    training_error: float
    testing_error: float
    sample_toughness: Values
    sample_predicted: Values
    sample_source: npt.NDArray[np.int64]
    repeated: float
    duplicates: float
    unmoved: float
    seconds: float

    @property
    def dead(self) -> bool:
        """Whether the inverse designs are no more than starts turned into two phases.

        Then nearly no start has a gradient, or the predictor gives all testing samples one value:
        a penalty on the volume fraction moves designs even so.
        """
        constant = np.ptp(self.sample_predicted) <= 1e-6 * np.ptp(self.sample_toughness)
        return self.unmoved >= DEAD or bool(constant)

    @property
    def errors_by_source(self) -> list[float]:
        """Root-mean-square error of the predicted toughness on the samples of each source."""
        squares = (self.sample_predicted - self.sample_toughness) ** 2
        sources = range(self.sample_source.max() + 1)
        return [float(np.sqrt(squares[self.sample_source == source].mean())) for source in sources]

    @property
    def maximum(self) -> float:
        """Toughness of the best inverse design."""
        return float(self.toughness.max())

    @property
    def mean(self) -> float:
        """Mean toughness of the inverse designs."""
        return float(self.toughness.mean())

    @property
    def best_design(self) -> Phases:
        """The toughest inverse design, shape (n_elements,)."""
        return self.designs[self.toughness.argmax()]


@dataclass(frozen=True)
class GidnResult:
    """Outcome of an active-learning run.

    Attributes
    ----------
    settings : GidnSettings
        Settings of the run.
    random_toughness : ndarray, shape (n_random,)
        Toughness of the random designs.
    iterations : tuple of GidnIteration
        Outcome of each iteration.
    """

    settings: GidnSettings
    random_toughness: Values
    iterations: tuple[GidnIteration, ...]

    @property
    def maxima(self) -> list[float]:
        """Toughness of the best design of each iteration."""
        return [iteration.maximum for iteration in self.iterations]

    @property
    def means(self) -> list[float]:
        """Mean toughness of the inverse designs of each iteration."""
        return [iteration.mean for iteration in self.iterations]

    @property
    def best_design(self) -> Phases:
        """The toughest design of all iterations, shape (n_elements,)."""
        return self.iterations[int(np.argmax(self.maxima))].best_design

    @property
    def evaluations(self) -> int:
        """Number of designs whose toughness was computed."""
        return len(self.random_toughness) + sum(len(i.toughness) for i in self.iterations)

    @property
    def seconds(self) -> float:
        """Time of all iterations."""
        return sum(iteration.seconds for iteration in self.iterations)


def as_arrays(iteration: GidnIteration, weights: list[npt.NDArray]) -> dict[str, npt.NDArray]:
    """Name the arrays of one iteration and of the predictor's weights."""
    arrays = {field.name: np.asarray(getattr(iteration, field.name)) for field in fields(iteration)}
    return arrays | {f"weights_{index:03d}": array for index, array in enumerate(weights)}


def from_arrays(stored: dict[str, npt.NDArray]) -> tuple[GidnIteration, list[npt.NDArray]]:
    """Turn these arrays into the iteration and the weights again."""
    weights = [stored.pop(name) for name in sorted(stored) if name.startswith("weights_")]
    values: dict[str, Any] = {
        name: array if array.ndim else float(array) for name, array in stored.items()
    }
    return GidnIteration(**values), weights
