"""Valid calls of everything public about oxides, from ions to their networks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from calls_of_design import KEPT, eagerly
from fuzzing import Calls, Text, named, valid

from mdesign.crystals import ions, oxides
from mdesign.crystals.ions import Ion
from mdesign.crystals.oxides import PEROVSKITE
from mdesign.data.sets import oxides as sets
from mdesign.models.oxides import baselines, network, training
from mdesign.models.oxides.network import Layers
from mdesign.models.oxides.training import FIT

FOLDER = Path(KEPT.name)
SR, BA, TI = Ion("Sr", 2), Ion("Ba", 2), Ion("Ti", 4)
SITES = [({SR: 1.0}, {TI: 1.0}), ({SR: 0.5, BA: 0.5}, {TI: 1.0})]
DESCRIPTORS = np.random.default_rng(3).normal(size=(8, 3))
ENERGIES = DESCRIPTORS[:, 0] ** 2
FEW = replace(FIT, steps=2, check_every=1, batch_size=3, validation_share=0.4)
SMALL = Layers(3, 2, 2, 0.5)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def calls() -> Calls:
    samples = {"descriptors": DESCRIPTORS, "energies": ENERGIES}
    table = {
        "Ion": lambda: dict(symbol="Ti", charge=4),
        "ionic_radius": lambda: dict(ion=TI, coordination=6, spin="high", nearest=False),
        "electronegativity": lambda: dict(symbol="Ti"),
        "averaged_descriptors": lambda: dict(
            oxides=SITES, prototype=PEROVSKITE, mean="bond energy"
        ),
        "ordered_descriptors": lambda: dict(
            oxides=SITES, orderings=np.array([0, 9]), mixed="A", prototype=PEROVSKITE
        ),
        "ordering_bits": lambda: dict(orderings=np.array([0, 9]), n_orderings=10),
        "formation_energy": lambda: dict(
            ions={SR: 1.0, TI: 1.0}, energy=-3.0, oxide_energies={SR: -1.0, TI: -1.5}
        ),
        "composition_folds": lambda: dict(compositions=[0, 0, 1, 2, 3], n_folds=2, rng=rng()),
        "Layers": lambda: dict(n_inputs=4, hidden=12, linear=8, dropout=0.1),
        "build_oxide_network": lambda: dict(layers=SMALL, seed=3),
        "train_oxide_network": lambda: dict(
            **samples,
            hidden=2,
            linear=2,
            dropout=0.5,
            settings=FEW,
            folder=FOLDER,
            progress=False,
        ),
        "held_out_predictions": lambda: dict(
            train=baselines.train_mean, folds=np.split(np.arange(8), 2), **samples
        ),
    }
    predict = training.train_oxide_network(DESCRIPTORS, ENERGIES, hidden=2, settings=FEW)
    others = {
        "Ion.parse": (Ion.parse, lambda: dict(written=Text("Ti4+"))),
        "OxideNetwork.call": (predict, lambda: dict(descriptors=DESCRIPTORS)),
        "train_mean": (mean_of(baselines.train_mean), lambda: dict(samples)),
        "train_forest": (
            mean_of(baselines.train_forest),
            lambda: dict(n_trees=2, seed=0, **samples),
        ),
    }
    public = {name: value for module in MODULES for name, value in vars(module).items()}
    public["train_oxide_network"] = eagerly(public["train_oxide_network"])
    return named(public, table) | {name: valid(*call) for name, call in others.items()}


def mean_of(train):
    """What a trained baseline predicts, in place of the function that it is."""
    return lambda **arguments: train(**arguments)(DESCRIPTORS)


MODULES = (ions, oxides, sets, network, baselines, training)
PUBLIC = {name for module in MODULES for name in module.__all__}

#: Types, constants and results; what reads public data.
NOT_CALLED = {
    *("SPINS", "GARNET", "PEROVSKITE", "MEANS", "Prototype", "Site", "A_IONS", "B_IONS", "Oxides"),
    *("oxide_energies", "perovskites", "NETWORKS", "FIT", "OxideNetwork"),
}
