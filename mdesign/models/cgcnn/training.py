"""Training of crystal graph networks: from structures to a property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import ELEMENTS, CrystalGraphs, Structure, crystal_graphs
from mdesign.crystals.graphs import CUTOFFS, RULES
from mdesign.data.sets.crystals import Crystals
from mdesign.models.cgcnn.batches import GraphBatches, GraphBlocks
from mdesign.models.cgcnn.network import build_cgcnn, site_model
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, Fitted, compile_adam, fit, split

__all__ = ["SHORT_FIT", "Cgcnn", "GraphSettings", "train_cgcnn"]

SHORT_FIT = FitSettings(
    learning_rate=5e-3, batch_size=128, patience=100, epochs=60, decay=True, validation_share=0.1
)
"""A short training on two cores; the rate falls to zero."""

_PREDICTED_TOGETHER = 512

_WORTH_COMPILING = 200
"""Steps from which compiling the graph of operations to machine code saves time."""

Values = npt.NDArray[np.float64]
Several = Structure | Sequence[Structure]


@dataclass(frozen=True)
class GraphSettings:
    """Which neighbours count, as in `mdesign.crystals.crystal_graphs`."""

    neighbours: int = 12
    cutoff: float = 8.0
    rule: str = "shell"

    def __post_init__(self) -> None:
        arguments.settle(self, neighbours="[1, 1000]", cutoff=CUTOFFS, rule=RULES)

    def of(self, structures: Several) -> CrystalGraphs:
        """Make the graphs of structures."""
        return crystal_graphs(
            structures, neighbours=self.neighbours, cutoff=self.cutoff, rule=self.rule
        )


@dataclass(frozen=True)
class Cgcnn:
    """A trained network: predicts a property from structures.

    The property is `mean` plus `deviation` times the output. `elements` are the atomic numbers that
    it has learnt from, if that is known; others give a warning.
    """

    fitted: Fitted
    graphs: GraphSettings
    mean: float
    deviation: float
    elements: tuple[int, ...] | None = None

    @property
    def model(self) -> keras.Model:
        """Maps graphs to the standardised property (n, 1)."""
        return self.fitted.model

    def __call__(self, structures: Several) -> Values:
        """Predict the property of each crystal, (n,).

        Raises
        ------
        ValueError
            If a crystal cannot be made a graph, or the network has no features of an element.
        """
        return self.mean + self.deviation * _outputs(self.model, self._graphs(structures))

    def of_sites(self, structures: Several) -> list[Values]:
        """Predict what each atom contributes: its mean over a crystal is the property.

        Raises
        ------
        ValueError
            If the network was not trained with `readout="site"`.
        """
        graphs = self._graphs(structures)
        sites = self.mean + self.deviation * _outputs(self._sites, graphs)
        return np.split(sites, graphs.first_atom[1:-1])

    def _graphs(self, structures: Several) -> CrystalGraphs:
        """Make the graphs of crystals whose elements the network knows."""
        graphs = self.graphs.of(structures)
        numbers = np.unique(graphs.numbers)
        n_rows = self.model.get_layer("elements").features.shape[0]
        if numbers[-1] >= n_rows:
            raise ValueError(
                f"structures must have elements up to {ELEMENTS[n_rows - 2]}, whose features the "
                f"network has; got {ELEMENTS[numbers[-1] - 1]}"
            )
        learnt = numbers if self.elements is None else self.elements
        new = [ELEMENTS[number - 1] for number in np.setdiff1d(numbers, learnt)]
        if new:
            symbols = ", ".join(new)
            arguments.warn_caller(f"structures have elements that were not learnt from: {symbols}")
        return graphs

    @cached_property
    def _sites(self) -> keras.Model:
        return site_model(self.model)


def train_cgcnn(
    crystals: Crystals,
    *,
    validation: Crystals | None = None,
    convolution: str = "gated",
    readout: str = "full",
    width: int = 64,
    n_convolutions: int = 4,
    hidden: int = 32,
    n_hidden: int = 1,
    graphs: GraphSettings = GraphSettings(),
    settings: FitSettings = SHORT_FIT,
    loss: str = "mae",
    folder: str | Path | None = None,
    progress: bool = False,
) -> Cgcnn:
    """Train a crystal graph network, or load it if the same call was finished before.

    Parameters
    ----------
    crystals : Crystals
        To train on.
    validation : Crystals, optional
        To stop early with; by default a part of `crystals`, chosen by
        `mdesign.training.fit.split`.
    convolution, readout, width, n_convolutions, hidden, n_hidden
        As in `mdesign.models.cgcnn.network.build_cgcnn`.
    graphs : GraphSettings
        Which neighbours count.
    settings : FitSettings
        How to train.
    loss : str
        Name of a loss of Keras, of the standardised property.
    folder : pathlib.Path, optional
        Keeps the trained network.

    Raises
    ------
    ValueError
        If all crystals have one value, or one cannot be made a graph.
    """
    if validation is None:
        training, check = split(len(crystals), settings)
        crystals, validation = crystals[training], crystals[check]
    mean, deviation = float(crystals.values.mean()), float(crystals.values.std())
    if not deviation > 0:
        raise ValueError(f"crystals must differ in their values; got {mean} for all")
    shape: dict[str, Any] = {
        "convolution": convolution,
        "readout": readout,
        "width": width,
        "n_convolutions": n_convolutions,
        "hidden": hidden,
        "n_hidden": n_hidden,
    }
    model = build_cgcnn(**shape, seed=settings.seed)
    batches = GraphBatches(
        graphs.of(crystals.structures),
        (crystals.values - mean) / deviation,
        batch_size=settings.batch_size,
        rng=np.random.default_rng([settings.seed, 1]),
    )
    compile_adam(model, settings, loss, n_batches=len(batches))
    # Keras leaves this off on machines without a GPU; here it halves the time of a step.
    model.jit_compile = settings.epochs * len(batches) >= _WORTH_COMPILING
    fitted = fit(
        model,
        batches,
        epochs=settings.epochs,
        validation=GraphBlocks(
            graphs.of(validation.structures),
            (validation.values - mean) / deviation,
            _PREDICTED_TOGETHER,
        ),
        patience=settings.patience,
        checkpoints=Checkpoints.below(
            folder,
            "cgcnn",
            settings,
            shape,
            graphs,
            loss,
            crystals,
            validation,
            code=train_cgcnn,
        ),
        progress=progress,
    )
    elements = {int(number) for one in crystals.structures for number in one.numbers}
    return Cgcnn(fitted, graphs, mean, deviation, tuple(sorted(elements)))


def _outputs(model: keras.Model, graphs: CrystalGraphs) -> Values:
    """Compute the outputs of a network for crystals or their atoms, (n,)."""
    outputs = []
    blocks = GraphBlocks(graphs, None, _PREDICTED_TOGETHER)
    # Tracing and compiling pays for many blocks.
    predict = model.predict_on_batch if len(blocks) > 4 else model
    for number in range(len(blocks)):
        inputs = blocks[number]
        atoms = int(inputs["sizes"].sum())
        output = keras.ops.convert_to_numpy(predict(inputs))[:, 0]
        # Only a model of sites has values for the padding, after all atoms.
        outputs.append(output[:atoms].astype(np.float64))
    return np.concatenate(outputs)
