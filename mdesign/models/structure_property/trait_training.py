"""Training a structure-property network with a loss on a trait of physics, and without it.

A network learns from labelled microstructures until the validation set stops it. Beside the labels
it may be taught a trait at further images, which need no label: how the modulus changes with the
solid fraction according to a bound, or the exact derivative by each pixel. Networks with and
without start from the same weights and see the same batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.structure_property.network import build_structure_property, standardised
from mdesign.models.structure_property.training import NetworkSettings
from mdesign.models.structure_property.traits import TraitTraining, gradient_error, slope_error
from mdesign.storage import ShardedSet
from mdesign.storage.code import code_name
from mdesign.storage.fingerprint import fingerprint
from mdesign.training.optimizers import reset_optimizer

__all__ = ["Trait", "bound_slopes", "train_with_trait"]

_SOURCES = (
    "models/structure_property/trait_training.py",
    "models/structure_property/network.py",
    "models/structure_property/traits.py",
)
"""The code behind the weights: what another version of it trained is not found again."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trait:
    """What is taught beside the labels, and how strongly.

    Parameters
    ----------
    images : ndarray, shape (n, nx, ny)
        Where it is taught; pixels in [0, 1].
    known : tuple of ndarray
        What is known there: directions ``(n, nx, ny)`` of mean 1 and the slopes ``(n,)`` of the
        property by the solid fraction along them; or its exact gradient ``(n, nx, ny)`` alone.
    weight : float
        Of the trait's loss beside that of the standardised labels, zero or positive.
    batch_size : int
        Images in each step.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or a number is out of range.
    """

    images: Floats
    known: tuple[Floats, ...]
    weight: float
    batch_size: int = 16

    def __post_init__(self) -> None:
        if self.images.ndim != 3 or not len(self.images):
            raise ValueError(f"images must have shape (n, nx, ny); got {self.images.shape}")
        n, shapes = len(self.images), tuple(array.shape for array in self.known)
        whole = self.images.shape
        if shapes not in ((whole,), (whole, (n,))):
            raise ValueError(
                f"known must be a gradient {whole}, or directions {whole} and slopes {(n,)}; "
                f"got {shapes}"
            )
        if not (np.isfinite(self.weight) and self.weight >= 0):
            raise ValueError(f"weight must be finite, zero or positive; got {self.weight}")
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; got {self.batch_size}")

    @property
    def error(self) -> Callable[..., Any]:
        """The loss that fits what is known."""
        return gradient_error if len(self.known) == 1 else slope_error


def train_with_trait(
    sets: LabelledSets,
    trait: Trait,
    settings: NetworkSettings,
    *,
    output: int = 0,
    folder: Path | None = None,
    progress: bool = False,
) -> keras.Model:
    """Train one network, or load it if it was trained before.

    Parameters
    ----------
    sets : LabelledSets
        Labelled samples: to train on, and to end the training with. The test set is not used.
    trait : Trait
        What is taught beside. With a weight of 0 the training is the plain one, on the same
        batches.
    settings : NetworkSettings
        How to train; `update_steps` does not count.
    output : int
        The property that the trait is about.
    folder : pathlib.Path, optional
        Where the weights are kept.
    progress : bool
        Show a bar.

    Returns
    -------
    keras.Model
        Of `mdesign.models.structure_property.network.build_structure_property`, in the units of the
        properties, with the weights of the least validation loss of the labels.

    Raises
    ------
    ValueError
        If the images of the trait have another size than the labelled ones.
    FloatingPointError
        If the training diverges.
    """
    if trait.images.shape[1:] != sets.train.phases.shape[1:]:
        raise ValueError(
            f"images must have the size of the labelled ones, {sets.train.phases.shape[1:]}; "
            f"got {trait.images.shape[1:]}"
        )
    model = _build(sets.train, settings)
    if folder is None:
        _train(model, sets, trait, settings, output, progress)
        return model

    def make(_: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
        _train(model, sets, trait, settings, output, progress)
        weights = [array.ravel() for array in model.get_weights()]
        return {"weights": np.concatenate(weights)[np.newaxis]}

    whole = {
        "network": settings,
        "trait": trait,
        "sets": fingerprint(
            [(part.phases, part.properties) for part in (sets.train, sets.validation)]
        ),
        "output": output,
        "code": code_name(*_SOURCES),
    }
    found = ShardedSet(folder, whole, shard_size=1).load(make, 1)["weights"][0]
    _set_weights(model, found)
    return model


def bound_slopes(
    fractions: npt.ArrayLike, bound: Callable[[Floats], npt.ArrayLike], *, step: float = 1e-4
) -> Floats:
    """Slope of a bound by the solid fraction, by central differences.

    Parameters
    ----------
    fractions : array_like
        Solid fractions in [0, 1].
    bound : callable
        Gives the bound at solid fractions.
    step : float
        Half the difference of the solid fractions; where it would leave [0, 1], the difference
        ends there.

    Returns
    -------
    ndarray
        One slope a fraction.

    Raises
    ------
    ValueError
        If a fraction leaves [0, 1] or `step` is not positive.

    Examples
    --------
    >>> bound_slopes([0.5, 1.0], lambda fraction: fraction**2).round(3).tolist()
    [1.0, 2.0]
    """
    solid = np.asarray(fractions, dtype=float)
    if not ((solid >= 0) & (solid <= 1)).all():
        raise ValueError(f"fractions must lie in [0, 1]; got {solid.min()} to {solid.max()}")
    if not step > 0:
        raise ValueError(f"step must be positive; got {step}")
    above, below = np.minimum(solid + step, 1.0), np.maximum(solid - step, 0.0)
    return (np.asarray(bound(above)) - np.asarray(bound(below))) / (above - below)


class TraitBatches(keras.utils.PyDataset):
    """Labelled images and images of a trait, drawn side by side.

    Each kind is walked through in random order and shuffled again when it is used up. Both
    orders depend on the seed alone, not on how many images the other kind has.

    Parameters
    ----------
    inputs, targets : ndarray
        Labelled images ``(n, nx, ny, 1)`` and their standardised properties.
    trait : Trait
        What is taught beside.
    settings : NetworkSettings
        Batch size, steps, steps between two looks at the validation set, and seed.
    """

    def __init__(
        self,
        inputs: npt.NDArray[np.float32],
        targets: npt.NDArray[np.float32],
        trait: Trait,
        settings: NetworkSettings,
    ) -> None:
        super().__init__()
        self._inputs, self._targets = inputs, targets
        self._trait = [_tensor(array) for array in (trait.images, *trait.known)]
        self._every = settings.check_every
        self._first = 0
        steps = _looks(settings) * self._every
        self._orders = [
            _order(n, size, steps, np.random.default_rng([settings.seed, stream]))
            for stream, (n, size) in enumerate(
                [(len(inputs), settings.batch_size), (len(trait.images), trait.batch_size)]
            )
        ]

    def __len__(self) -> int:
        """Return the number of batches between two looks at the validation set."""
        return self._every

    def __getitem__(self, index: int) -> tuple[tuple[npt.NDArray, ...], npt.NDArray]:
        """Return one batch of both kinds."""
        rows, points = (order[self._first + index] for order in self._orders)
        beside = tuple(array[points] for array in self._trait)
        return (self._inputs[rows], *beside), self._targets[rows]

    def on_epoch_end(self) -> None:
        """Go on to the following batches, and from the last to the first."""
        self._first = (self._first + self._every) % len(self._orders[0])


def _train(
    model: keras.Model,
    sets: LabelledSets,
    trait: Trait,
    settings: NetworkSettings,
    output: int,
    progress: bool,
) -> None:
    """Train a network in place, and leave it with its best weights."""
    mean, deviation = _moments(sets.train)
    training = _compiled(
        (sets.train.phases.shape[1], settings.filters, settings.head, settings.learning_rate),
        tuple(mean.tolist()),
        tuple(deviation.tolist()),
        (trait.error, trait.weight, output),
    )
    training.network.set_weights(model.get_weights())
    reset_optimizer(training.optimizer)
    scaled = [(part.properties - mean) / deviation for part in (sets.train, sets.validation)]
    inputs = [_tensor(part.phases) for part in (sets.train, sets.validation)]
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=settings.patience, restore_best_weights=True
    )
    with tqdm(total=_looks(settings), desc="looks", disable=not progress) as bar:
        advance = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: bar.update(1))
        losses = training.fit(
            TraitBatches(inputs[0], scaled[0].astype(np.float32), trait, settings),
            validation_data=(inputs[1], scaled[1].astype(np.float32)),
            validation_batch_size=len(inputs[1]),
            epochs=_looks(settings),
            shuffle=False,
            verbose=0,
            callbacks=[stopping, advance],
        ).history["val_loss"]
    if not np.isfinite(losses).all():
        raise FloatingPointError(
            f"the validation loss is not finite after {len(losses)} looks at it; try a "
            f"learning_rate below {settings.learning_rate} or a weight below {trait.weight}"
        )
    model.set_weights(training.network.get_weights())


@lru_cache(maxsize=8)
def _compiled(
    shape: tuple[int, tuple[int, ...], int, float],
    mean: tuple[float, ...],
    deviation: tuple[float, ...],
    lesson: tuple[Callable[..., Any], float, int],
) -> TraitTraining:
    """Compile a training once, for all networks that only differ in their first weights.

    Compiling costs as much as a training on few samples.
    """
    size, filters, head, learning_rate = shape
    error, weight, output = lesson
    network = build_structure_property(
        size, len(mean), filters=filters, head=head, mean=mean, deviation=deviation, seed=0
    )
    training = TraitTraining(network, standardised(network), error, weight=weight, output=output)
    training.compile(keras.optimizers.Adam(learning_rate), "mse")
    return training


def _build(samples: Labelled, settings: NetworkSettings) -> keras.Model:
    mean, deviation = _moments(samples)
    return build_structure_property(
        samples.phases.shape[1],
        samples.properties.shape[1],
        filters=settings.filters,
        head=settings.head,
        mean=mean,
        deviation=deviation,
        seed=settings.seed,
    )


def _moments(samples: Labelled) -> tuple[Floats, Floats]:
    return samples.properties.mean(axis=0), samples.properties.std(axis=0)


def _looks(settings: NetworkSettings) -> int:
    """How often the validation set is looked at, at most."""
    return -(-settings.steps // settings.check_every)


def _tensor(array: npt.NDArray) -> npt.NDArray[np.float32]:
    """Single precision, and a channel for images."""
    found = array.astype(np.float32)
    return found[..., np.newaxis] if found.ndim == 3 else found


def _order(n: int, size: int, steps: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Rows of each step; every sample comes once before any comes again."""
    rounds = -(-steps * size // n)
    rows = np.concatenate([rng.permutation(n) for _ in range(rounds)])
    return rows[: steps * size].reshape(steps, size)


def _set_weights(model: keras.Model, weights: npt.NDArray[np.float32]) -> None:
    """Cut a row of weights into the arrays of a network."""
    shapes = [array.shape for array in model.get_weights()]
    parts = np.split(weights, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
