"""Networks from structure to properties, trained again and again on few samples, and kept.

A network learns from the authentic training set until the validation set stops it. It is then
updated: more samples join the training set and the training goes on, as long at most however many
samples there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property.network import (
    FILTERS,
    build_structure_property,
    standardised,
)
from mdesign.storage import ShardedSet
from mdesign.storage.code import code_name
from mdesign.storage.fingerprint import fingerprint
from mdesign.training.optimizers import reset_optimizer

__all__ = ["Learner", "NetworkSettings", "TrainedNetwork", "predict", "train_property_network"]

PREDICTED_TOGETHER = 100

_SOURCES = ("models/structure_property/training.py", "models/structure_property/network.py")
"""The code behind the weights: what another version of it trained is not found again."""


@dataclass(frozen=True)
class NetworkSettings:
    """How a structure-property network is built and trained.

    Parameters
    ----------
    filters : tuple of int
        Feature maps of its five convolutions.
    head : int
        Neurons before the output.
    learning_rate : float
        Of Adam.
    batch_size : int
        Samples in a batch.
    steps : int
        Batches at most, of the first training.
    update_steps : int
        Batches at most, of an update, however many samples were added.
    check_every : int
        Batches between two looks at the validation set.
    patience : int
        Looks without a better validation loss after which training ends.
    seed : int
        Seed of the weights, of the order of the samples, and of which samples are added.

    Raises
    ------
    ValueError
        If a value breaks its rule.
    """

    filters: tuple[int, ...] = FILTERS
    head: int = 64
    learning_rate: float = 1e-3
    batch_size: int = 32
    steps: int = 600
    update_steps: int = 600
    check_every: int = 20
    patience: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch_size", "steps", "update_steps", "check_every", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1; got {getattr(self, name)}")
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be positive; got {self.learning_rate}")
        if self.seed < 0:
            raise ValueError(f"seed must be zero or positive; got {self.seed}")


@dataclass(frozen=True)
class TrainedNetwork:
    """Weights of a trained network, one after the other, and its test R2."""

    weights: npt.NDArray[np.float32]
    r2: npt.NDArray[np.float64]


def train_property_network(
    sets: LabelledSets,
    settings: NetworkSettings,
    *,
    added: Labelled | None = None,
    draw: int = 0,
    folder: Path | None = None,
) -> keras.Model:
    """Train one network, or load it if it was trained before.

    Parameters
    ----------
    sets : LabelledSets
        Authentic samples.
    settings : NetworkSettings
        How to train.
    added : Labelled, optional
        Samples with which it is updated, all of them.
    draw : int
        Which initial weights; draws 0, 1, ... are those of `added_data_study`.
    folder : pathlib.Path, optional
        Where it is kept: that of a study of the same samples has it already.

    Returns
    -------
    keras.Model
        Of `build_structure_property`, in the units of the properties.
    """
    learner = Learner(sets, settings, folder)
    size = 0 if added is None else len(added)
    return learner.model(learner.network(draw, added, size))


def predict(model: keras.Model, phases: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Predict the properties of many images.

    Parameters
    ----------
    model : keras.Model
        Of `build_structure_property`.
    phases : ndarray, shape (n, size, size)
        The images.

    Returns
    -------
    ndarray of float64, shape (n, n_properties)
        One row an image.
    """
    parts = [
        model(_images(phases[first : first + PREDICTED_TOGETHER]), training=False)
        for first in range(0, len(phases), PREDICTED_TOGETHER)
    ]
    outputs = [keras.ops.convert_to_numpy(part) for part in parts]
    return np.concatenate(outputs).astype(np.float64)


class Learner:
    """Trains networks of one kind on demand, and keeps them."""

    def __init__(self, sets: LabelledSets, settings: NetworkSettings, folder: Path | None) -> None:
        self.sets, self.settings, self.folder = sets, settings, folder
        self._trainer = _Trainer(sets, settings)
        self._sets = fingerprint([(part.phases, part.properties) for part in _parts(sets)])
        self._baselines: dict[int, TrainedNetwork] = {}

    def network(self, draw: int, added: Labelled | None, size: int) -> TrainedNetwork:
        """Give the network of a draw: untouched without `added`, else updated with so many."""
        if added is None:
            if draw not in self._baselines:
                self._baselines[draw] = self._kept(draw, "", 0, lambda: self._first(draw))
            return self._baselines[draw]
        # Without samples it does not matter whose they are.
        name = fingerprint((added.phases, added.properties)) if size else ""
        return self._kept(draw, f"update {name}", size, lambda: self._updated(draw, added, size))

    def model(self, network: TrainedNetwork) -> keras.Model:
        """Put the weights into a network of its own."""
        model = self._trainer.build(self.settings.seed)
        model.set_weights(self._trainer.unpacked(network.weights))
        return model

    def _first(self, draw: int) -> TrainedNetwork:
        """Train on the authentic training set from new weights."""
        rng = np.random.default_rng([self.settings.seed, draw, 0])
        start = self._trainer.build(int(rng.integers(2**31))).get_weights()
        return self._trainer.train(self.sets.train, start, self.settings.steps, rng)

    def _updated(self, draw: int, added: Labelled, size: int) -> TrainedNetwork:
        """Train on with more samples; the same draw takes the same ones first."""
        choice, order = (np.random.default_rng([self.settings.seed, draw, k]) for k in (1, 2))
        rows = choice.permutation(len(added))[:size]
        start = self._trainer.unpacked(self.network(draw, None, 0).weights)
        samples = self.sets.train.with_added(added[rows])
        return self._trainer.train(samples, start, self.settings.update_steps, order)

    def _kept(
        self, draw: int, kind: str, size: int, make: Callable[[], TrainedNetwork]
    ) -> TrainedNetwork:
        """Read a network, or make and write it."""
        if self.folder is None:
            return make()

        def arrays(_: np.random.Generator, n: int) -> dict[str, npt.NDArray[Any]]:
            made = make()
            return {"weights": made.weights[np.newaxis], "r2": made.r2[np.newaxis]}

        settings = {
            "network": self.settings,
            "sets": self._sets,
            "kind": kind,
            "size": size,
            "draw": draw,
            "code": code_name(*_SOURCES),
        }
        found = ShardedSet(self.folder, settings, shard_size=1).load(arrays, 1)
        return TrainedNetwork(found["weights"][0], found["r2"][0])


class _Trainer:
    """Trains from given weights, on the training set and what was added to it."""

    def __init__(self, sets: LabelledSets, settings: NetworkSettings) -> None:
        self.sets, self.settings = sets, settings
        self.mean = sets.train.properties.mean(axis=0)
        self.deviation = sets.train.properties.std(axis=0)
        self._network = _compiled(
            sets.train.phases.shape[1],
            sets.train.properties.shape[1],
            settings.filters,
            settings.head,
            settings.learning_rate,
        )
        self._validation = self._tensors(sets.validation)

    def build(self, seed: int) -> keras.Model:
        """Build the network with other initial weights."""
        return build_structure_property(
            self.sets.train.phases.shape[1],
            self.sets.train.properties.shape[1],
            filters=self.settings.filters,
            head=self.settings.head,
            mean=self.mean,
            deviation=self.deviation,
            seed=seed,
        )

    def train(
        self,
        samples: Labelled,
        start: list[npt.NDArray],
        steps: int,
        rng: np.random.Generator,
    ) -> TrainedNetwork:
        """Train from the given weights; return those with the least validation loss."""
        network, every = self._network, self.settings.check_every
        network.set_weights(start)
        reset_optimizer(network.optimizer)
        inputs, targets = self._tensors(samples)
        best, kept, waited = np.inf, start, 0
        for step, rows in enumerate(_batches(len(samples), self.settings.batch_size, steps, rng)):
            network.train_on_batch(inputs[rows], targets[rows])
            if (step + 1) % every and step + 1 < steps:
                continue
            loss = self._loss()
            if not np.isfinite(loss):
                raise FloatingPointError(
                    f"the validation loss is not finite after {step + 1} batches; "
                    f"try a learning_rate below {self.settings.learning_rate}"
                )
            waited += 1
            if loss < best:
                best, kept, waited = loss, network.get_weights(), 0
            if waited >= self.settings.patience:
                break
        return TrainedNetwork(np.concatenate([array.ravel() for array in kept]), self._score(kept))

    def _score(self, weights: list[npt.NDArray]) -> npt.NDArray[np.float64]:
        """Test R2 of each property."""
        self._network.set_weights(weights)
        outputs = self._network.predict_on_batch(_images(self.sets.test.phases))
        return r_squared(self.sets.test.properties, self.mean + self.deviation * outputs)

    def unpacked(self, weights: npt.NDArray[np.float32]) -> list[npt.NDArray]:
        """Cut the row of weights into the arrays of the network."""
        shapes = [array.shape for array in self._network.get_weights()]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        return [
            part.reshape(shape) for part, shape in zip(np.split(weights, ends), shapes, strict=True)
        ]

    def _loss(self) -> float:
        inputs, targets = self._validation
        return float(np.mean((self._network.predict_on_batch(inputs) - targets) ** 2))

    def _tensors(self, samples: Labelled) -> tuple[npt.NDArray[np.float32], npt.NDArray]:
        targets = (samples.properties - self.mean) / self.deviation
        return _images(samples.phases), targets.astype(np.float32)


@lru_cache(maxsize=8)
def _compiled(
    size: int, n_outputs: int, filters: tuple[int, ...], head: int, learning_rate: float
) -> keras.Model:
    """Compile a network once, for all trainings that set its weights and optimiser anew.

    Compiling costs as much as a training on few samples.
    """
    model = build_structure_property(size, n_outputs, filters=filters, head=head, seed=0)
    network = standardised(model)
    network.compile(keras.optimizers.Adam(learning_rate), "mse")
    return network


def _images(phases: npt.NDArray) -> npt.NDArray[np.float32]:
    return phases[..., np.newaxis].astype(np.float32)


def _batches(
    n: int, size: int, steps: int, rng: np.random.Generator
) -> Iterator[npt.NDArray[np.intp]]:
    """Rows of each batch; every sample comes once before any comes again."""
    order = np.empty(0, dtype=np.intp)
    for _ in range(steps):
        while len(order) < size:
            order = np.concatenate([order, rng.permutation(n)])
        yield order[:size]
        order = order[size:]


def _parts(sets: LabelledSets) -> tuple[Labelled, Labelled, Labelled]:
    return sets.train, sets.validation, sets.test
