"""Training of many structure-property networks on few samples.

A network learns from the authentic training set until the validation set stops it. It is then
updated: more samples join the training set and the training goes on, with the same largest number
of steps for any number of samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property.network import (
    FILTERS,
    build_structure_property,
    standardised,
)
from mdesign.training.batches import Blocks, OrderedBatches, endless
from mdesign.training.callbacks import reset_optimizer
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, compile_adam, fit
from mdesign.training.predict import predict_in_blocks

__all__ = ["Learner", "NetworkSettings", "TrainedNetwork", "images_of", "predict"]

PREDICTED_TOGETHER = 100


@dataclass(frozen=True)
class NetworkSettings:
    """How a structure-property network is built and trained.

    Parameters
    ----------
    filters : sequence of int
        Feature maps of its five convolutions.
    head : int
        Neurons before the output.
    training : FitSettings
        How it is trained; `steps` and `check_every` count, not `epochs`.
    update_steps : int, optional
        Largest number of batches of an update; `training.steps` if not given.
    """

    filters: Sequence[int] = FILTERS
    head: int = 64
    training: FitSettings = field(
        default_factory=lambda: FitSettings(batch_size=32, patience=8, steps=600, check_every=20)
    )
    update_steps: int | None = None

    def __post_init__(self) -> None:
        names = ("filters", "head", "update_steps")
        arguments.settle(self, **dict.fromkeys(names, "[1, inf)"))
        if len(self.filters) != 5:
            raise ValueError(f"filters must be five numbers; got {self.filters}")
        if self.training.steps is None or self.training.check_every is None:
            raise ValueError(
                "training must have numbers of steps and check_every; "
                f"got {self.training.steps} and {self.training.check_every}"
            )

    def looks(self, steps: int) -> int:
        """Largest number of looks at the validation loss in so many steps."""
        return -(-steps // self.check_every)

    @property
    def steps(self) -> int:
        """Largest number of batches of the first training."""
        return cast(int, self.training.steps)

    @property
    def check_every(self) -> int:
        """Batches from one look at the validation loss to the next."""
        return cast(int, self.training.check_every)


@dataclass(frozen=True)
class TrainedNetwork:
    """Weights of a trained network, and its test R2 of each property."""

    weights: list[npt.NDArray[np.float32]]
    r2: npt.NDArray[np.float64]


def predict(model: keras.Model, phases: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Predict the properties ``(n, n_properties)`` of images ``(n, size, size)``, in float64."""
    _, nx, ny, _ = model.input_shape
    images = arguments.images("phases", phases, f"(n, {nx}, {ny})", "[0, 1]", dtype=np.float32)
    outputs = predict_in_blocks(model, images[..., np.newaxis], size=PREDICTED_TOGETHER)
    return outputs.astype(np.float64)


class Learner:
    """Trains networks of one kind on demand, on authentic samples, and keeps them in a folder."""

    def __init__(
        self, sets: LabelledSets, settings: NetworkSettings, folder: str | Path | None
    ) -> None:
        self.sets, self.settings, self.folder = sets, settings, folder
        self.mean = sets.train.properties.mean(axis=0)
        self.deviation = sets.train.properties.std(axis=0)
        self._network = _compiled(
            sets.train.phases.shape[1],
            sets.train.properties.shape[1],
            replace(settings, training=replace(settings.training, seed=0)),
        )
        self._first: dict[int, TrainedNetwork] = {}

    def network(self, draw: int, added: Labelled | None, size: int) -> TrainedNetwork:
        """Return the first network of a draw, or the one updated with `size` of `added`."""
        draw = arguments.whole("draw", draw, "[0, inf)")
        size = arguments.whole("size", size, "[0, inf)")
        seed, steps = self.settings.training.seed, self.settings.steps
        if added is None:
            if draw not in self._first:
                rng = np.random.default_rng([seed, draw, 0])
                start = self._built(int(rng.integers(2**31))).get_weights()
                self._first[draw] = self._trained(self.sets.train, start, steps, rng, draw)
            return self._first[draw]
        choice, order = (np.random.default_rng([seed, draw, stream]) for stream in (1, 2))
        # The same draw takes the same samples first.
        samples = self.sets.train.with_added(added[choice.permutation(len(added))[:size]])
        start = self.network(draw, None, 0).weights
        steps = self.settings.update_steps or steps
        return self._trained(samples, start, steps, order, draw)

    def model(self, network: TrainedNetwork) -> keras.Model:
        """Build a network with these weights."""
        model = self._built(self.settings.training.seed)
        model.set_weights(network.weights)
        return model

    def _built(self, seed: int) -> keras.Model:
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

    def _trained(
        self,
        samples: Labelled,
        start: list[npt.NDArray[np.float32]],
        steps: int,
        rng: np.random.Generator,
        draw: int,
    ) -> TrainedNetwork:
        """Train from the given weights, or load the result; score on the test set."""
        network, how, looks = self._network, self.settings.training, self.settings.looks(steps)
        network.set_weights(start)
        reset_optimizer(network.optimizer)
        every = min(self.settings.check_every, steps)
        rows = endless(len(samples), looks * every * how.batch_size, rng)
        others = (samples, self.sets.validation)
        fit(
            network,
            OrderedBatches(*self._tensors(samples), rows.reshape(looks, every, how.batch_size)),
            epochs=looks,
            steps=steps,
            validation=Blocks(*self._tensors(self.sets.validation), len(self.sets.validation)),
            patience=how.patience,
            checkpoints=Checkpoints.below(
                self.folder, network.name, self.settings, others, start, steps, draw, code=Learner
            ),
        )
        return TrainedNetwork(network.get_weights(), self._score())

    def _score(self) -> npt.NDArray[np.float64]:
        """Test R2 of each property."""
        outputs = self._network.predict_on_batch(images_of(self.sets.test.phases))
        return r_squared(self.sets.test.properties, self.mean + self.deviation * outputs)

    def _tensors(self, samples: Labelled) -> tuple[npt.NDArray[np.float32], npt.NDArray]:
        targets = (samples.properties - self.mean) / self.deviation
        return images_of(samples.phases), targets.astype(np.float32)


@lru_cache(maxsize=8)
def _compiled(size: int, n_outputs: int, settings: NetworkSettings) -> keras.Model:
    """Compile a network once for all trainings: it takes as long as a training on few samples."""
    model = build_structure_property(
        size, n_outputs, filters=settings.filters, head=settings.head, seed=0
    )
    network = standardised(model)
    compile_adam(network, settings.training, "mse", n_batches=settings.check_every)
    return network


def images_of(phases: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Images of one channel in the type of the networks, from pixels in [0, 1]."""
    images = arguments.images("phases", phases, "(n, nx, ny)", "[0, 1]", dtype=np.float32)
    return images[..., np.newaxis]
