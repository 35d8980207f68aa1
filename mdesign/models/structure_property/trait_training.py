"""Training a structure-property network with and without a loss on a trait of physics.

A network learns from labelled microstructures until the validation set stops it. In addition it may
learn a trait at further images, which need no label: how the modulus changes with the solid
fraction according to a bound, or the exact derivative by each pixel. Networks with and without
start from the same weights and see the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.properties import LabelledSets
from mdesign.models.structure_property.network import build_structure_property, standardised
from mdesign.models.structure_property.training import NetworkSettings, images_of
from mdesign.models.structure_property.traits import TraitTraining, gradient_error, slope_error
from mdesign.training.batches import Blocks, Resumable, endless
from mdesign.training.callbacks import reset_optimizer
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import compile_adam, fit

__all__ = ["Trait", "bound_slopes", "train_with_trait"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trait:
    """A trait that is learnt beside the labels, and its weight.

    Parameters
    ----------
    images : array_like, shape (n, nx, ny)
        Where it is imposed; pixels in [0, 1].
    known : tuple of array_like
        Directions ``(n, nx, ny)`` of mean 1 and the slopes ``(n,)`` of the property by the solid
        fraction along them; or its exact gradient ``(n, nx, ny)`` alone.
    weight : float
        Of the trait's loss beside that of the standardised labels, zero or positive.
    batch_size : int
        Images in each step.
    """

    images: Any
    known: Sequence[Any]
    weight: float
    batch_size: int = 16

    def __post_init__(self) -> None:
        arguments.settle(self, weight="[0, inf)", batch_size="[1, inf)")
        images = arguments.images("images", self.images, "(n, nx, ny)", "[0, 1]")
        arguments.not_empty("images", images)
        known = tuple(arguments.array("known", one) for one in self.known)
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "known", known)
        n, shapes = len(self.images), tuple(array.shape for array in self.known)
        whole = self.images.shape
        if shapes not in ((whole,), (whole, (n,))):
            raise ValueError(
                f"known must be a gradient {whole}, or directions {whole} and slopes {(n,)}; "
                f"got {shapes}"
            )

    @property
    def error(self) -> Callable[..., Any]:
        """The loss for what is known."""
        return gradient_error if len(self.known) == 1 else slope_error


def train_with_trait(
    sets: LabelledSets,
    trait: Trait,
    settings: NetworkSettings,
    *,
    output: int = 0,
    folder: str | Path | None = None,
    progress: bool = False,
) -> keras.Model:
    """Train one network, or load it if it was trained before.

    The network is that of `build_structure_property`, with the weights of the least validation loss
    of the labels. The test set is not used.

    Parameters
    ----------
    trait : Trait
        With a weight of 0 the training is the plain one, on the same batches.
    settings : NetworkSettings
        How to train; `update_steps` does not count.
    output : int
        The property of the trait.
    folder : pathlib.Path, optional
        Keeps the weights.
    """
    output = arguments.whole("output", output, f"[0, {sets.train.properties.shape[1] - 1}]")
    if trait.images.shape[1:] != sets.train.phases.shape[1:]:
        raise ValueError(
            f"images must have the size of the labelled ones, {sets.train.phases.shape[1:]}; "
            f"got {trait.images.shape[1:]}"
        )
    mean, deviation = sets.train.properties.mean(axis=0), sets.train.properties.std(axis=0)
    shape = (tuple(mean.tolist()), tuple(deviation.tolist()), sets.train.phases.shape[1])
    how = settings.training
    training = _compiled(
        shape, replace(settings, training=replace(how, seed=0)), trait.error, trait.weight, output
    )
    model = _build(shape, settings, seed=how.seed)
    training.network.set_weights(model.get_weights())
    reset_optimizer(training.optimizer)
    labelled, checks = (
        (images_of(part.phases), ((part.properties - mean) / deviation).astype(np.float32))
        for part in (sets.train, sets.validation)
    )
    data = (sets.train, sets.validation, trait, output)
    fit(
        training,
        lambda: TraitBatches(*labelled, trait, settings),
        epochs=settings.looks(settings.steps),
        validation=Blocks(*checks, len(sets.validation)),
        patience=how.patience,
        checkpoints=Checkpoints.below(folder, training.name, settings, data, code=train_with_trait),
        progress=progress,
    )
    model.set_weights(training.network.get_weights())
    return model


def bound_slopes(
    fractions: npt.ArrayLike, bound: Callable[[Floats], npt.ArrayLike], *, step: float = 1e-4
) -> Floats:
    """Slopes of a bound by the solid fraction, by central differences.

    The `step` is half the difference of the solid fractions, which are clipped to [0, 1].

    Examples
    --------
    >>> bound_slopes([0.5, 1.0], lambda fraction: fraction**2).round(3).tolist()
    [1.0, 2.0]
    """
    solid = arguments.array("fractions", fractions, interval="[0, 1]")
    step = arguments.number("step", step, "[1e-12, 1]")  # below, differences are all rounding
    above, below = np.minimum(solid + step, 1.0), np.maximum(solid - step, 0.0)
    shape = str(solid.shape)
    ends = [arguments.array("values of bound", bound(at), shape) for at in (above, below)]
    return (ends[0] - ends[1]) / (above - below)


class TraitBatches(Resumable):
    """Labelled images and images of a trait, drawn side by side.

    Each kind is shuffled whenever it is used up. Both orders depend on the seed alone, not on the
    number of images of the other kind.
    """

    def __init__(
        self,
        inputs: npt.NDArray,
        targets: npt.NDArray,
        trait: Trait,
        settings: NetworkSettings,
    ) -> None:
        super().__init__()
        self._inputs, self._targets = inputs, targets
        self._trait = [_tensor(array) for array in (trait.images, *trait.known)]
        how = settings.training
        self._every = settings.check_every
        self.state = 0
        steps = settings.looks(settings.steps) * self._every
        self._orders = [
            endless(n, steps * size, np.random.default_rng([how.seed, stream])).reshape(steps, size)
            for stream, (n, size) in enumerate(
                [(len(inputs), how.batch_size), (len(trait.images), trait.batch_size)]
            )
        ]

    def __len__(self) -> int:
        """Return the number of batches between two looks at the validation set."""
        return self._every

    def __getitem__(self, index: int) -> tuple[tuple[npt.NDArray, ...], npt.NDArray]:
        rows, points = (order[self.state + index] for order in self._orders)
        beside = tuple(array[points] for array in self._trait)
        return (self._inputs[rows], *beside), self._targets[rows]

    def on_epoch_end(self) -> None:
        """Go on to the following batches, and from the last to the first."""
        self.state = (self.state + self._every) % len(self._orders[0])

    def go_on(self, done: int, state: Any) -> None:
        """See `Resumable`."""
        self.state = state


@lru_cache(maxsize=8)
def _compiled(
    shape: tuple[tuple[float, ...], tuple[float, ...], int],
    settings: NetworkSettings,
    error: Callable[..., Any],
    weight: float,
    output: int,
) -> TraitTraining:
    """Compile once for all trainings: it takes as long as a training on few samples."""
    network = _build(shape, settings, seed=0)
    training = TraitTraining(network, standardised(network), error, weight=weight, output=output)
    compile_adam(training, settings.training, "mse", n_batches=settings.check_every)
    return training


def _build(
    shape: tuple[tuple[float, ...], tuple[float, ...], int], settings: NetworkSettings, *, seed: int
) -> keras.Model:
    """Build a network for properties of this mean and deviation, and images of this size."""
    mean, deviation, size = shape
    return build_structure_property(
        size,
        len(mean),
        filters=settings.filters,
        head=settings.head,
        mean=mean,
        deviation=deviation,
        seed=seed,
    )


def _tensor(array: npt.NDArray) -> npt.NDArray[np.float32]:
    """Convert to single precision, with a channel for images."""
    values = array.astype(np.float32)
    return values[..., np.newaxis] if values.ndim == 3 else values
