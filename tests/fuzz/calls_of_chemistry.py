"""Valid calls of everything public about compositions, from formulas to active learning."""

from pathlib import Path

import numpy as np
from calls_of_design import KEPT, eagerly
from fuzzing import AnyShape, Calls, Text, named, valid

from mdesign import crystals
from mdesign.analysis import embedding, saliency, uncertainty
from mdesign.crystals import composition, elements, features, hull
from mdesign.data.sets import compositions as sets
from mdesign.data.sets.compositions import Compositions
from mdesign.design import active_learning, screening
from mdesign.design.screening import candidate_compositions
from mdesign.models.elemnet import baselines, network, training
from mdesign.models.elemnet.network import build_elemnet
from mdesign.models.elemnet.training import ElemNet
from mdesign.training.fit import FitSettings, Fitted

FOLDER = Path(KEPT.name)
RNG = np.random.default_rng(3)
SYMBOLS = ("Ti", "O", "Sr")
AMOUNTS = np.array([[1, 2, 0], [1, 1, 0], [0, 1, 1], [1, 3, 1], [2, 3, 0], [1, 0, 2]])
KNOWN = Compositions(AMOUNTS, [-3.0, -2.5, -1.0, -3.2, -2.9, 0.3], SYMBOLS)
FRACTIONS = KNOWN.fractions
ENERGIES = KNOWN.values
POINTS = RNG.normal(size=(8, 3))
MEANS, DEVIATIONS = RNG.normal(size=6), RNG.uniform(0.1, 1.0, 6)
TWO = build_elemnet(3, depth=3, width=1 / 64, dropout=0.0, n_outputs=2, seed=0)
ONE = build_elemnet(3, depth=3, width=1 / 64, dropout=0.0, seed=0)
DROPPED = build_elemnet(3, depth=3, width=1 / 16, seed=0)
NETWORK = ElemNet(Fitted(TWO, {}, 0.0), SYMBOLS, 0.5, 2.0)
CANDIDATES = candidate_compositions(SYMBOLS, 2, max_atoms=4)
FOREST = baselines.train_forest(POINTS, POINTS[:, 0], n_trees=2)
QUICK = FitSettings(epochs=1, batch_size=3, validation_share=0.4)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def energy(fractions: np.ndarray) -> np.ndarray:
    return -np.asarray(fractions).max(axis=1)


def mean_and_spread(points: np.ndarray, values: np.ndarray):
    """A model that knows the mean and the spread of all values."""
    return lambda new: (np.full(len(new), values.mean()), np.full(len(new), values.std() + 1))


def calls() -> Calls:
    intervals = {"predictions": MEANS, "level": 0.5}
    table = {
        "parse_formula": lambda: dict(formula=Text("TiO2")),
        "element_fractions": lambda: dict(formulas=[Text("TiO2"), Text("SrO")], elements=SYMBOLS),
        "format_formula": lambda: dict(amounts={"Ti": 1.0, "O": 2.0}),
        "whole_amounts": lambda: dict(fractions=FRACTIONS, largest=20, tolerance=1e-4),
        "element_features": dict,
        "element_table": lambda: dict(elements=SYMBOLS),
        "by_electronegativity": lambda: dict(symbols=SYMBOLS),
        "composition_features": lambda: dict(fractions=FRACTIONS, elements=SYMBOLS),
        "convex_hull_energy": lambda: dict(
            compositions=FRACTIONS, energies=ENERGIES, at=FRACTIONS[:2]
        ),
        "Compositions": lambda: dict(
            amounts=AMOUNTS.astype(float), values=ENERGIES.view(AnyShape), elements=SYMBOLS
        ),
        "split_compositions": lambda: dict(compositions=KNOWN, rng=rng(), shares=(0.5, 0.25)),
        "build_elemnet": lambda: dict(
            n_elements=3, depth=4, width=0.02, dropout=0.5, n_outputs=2, seed=3
        ),
        "with_active_dropout": lambda: dict(model=DROPPED),
        "layer_widths": lambda: dict(depth=5),
        "train_elemnet": lambda: dict(
            compositions=KNOWN,
            depth=3,
            width=0.02,
            dropout=0.5,
            probabilistic=True,
            settings=QUICK,
            folder=FOLDER,
            progress=False,
        ),
        "train_forest": lambda: dict(
            features=POINTS, values=POINTS[:, 0], n_trees=2, max_features=0.5, seed=0
        ),
        "train_boosting": lambda: dict(
            features=POINTS, values=POINTS[:, 0], n_trees=2, learning_rate=0.1, leaves=3, seed=0
        ),
        "conformal_intervals": lambda: dict(
            calibration=(MEANS, MEANS + 0.1), deviations=(DEVIATIONS, DEVIATIONS), **intervals
        ),
        "normal_intervals": lambda: dict(deviations=DEVIATIONS, **intervals),
        "ensemble_prediction": lambda: dict(predictions=POINTS.view(AnyShape)),
        "repeated_prediction": lambda: dict(
            model=network.with_active_dropout(DROPPED), inputs=FRACTIONS, repeats=2, block=8
        ),
        "interval_quality": lambda: dict(
            intervals=np.stack([MEANS - 1, MEANS + DEVIATIONS], axis=1), values=MEANS, level=0.5
        ),
        "element_saliency": lambda: dict(network=ONE, fractions=FRACTIONS),
        "activations": lambda: dict(network=ONE, inputs=FRACTIONS, layer="dense_1"),
        "principal_components": lambda: dict(values=POINTS.view(AnyShape), n_components=2),
        "tsne": lambda: dict(values=POINTS.view(AnyShape), perplexity=3.0, seed=0),
        "nearest_examples": lambda: dict(queries=POINTS[:2], examples=POINTS, k=2, metric="cosine"),
        "candidate_compositions": lambda: dict(elements=SYMBOLS, n_species=2, max_atoms=4),
        "screen": lambda: dict(
            candidates=CANDIDATES,
            predict=energy,
            known=KNOWN,
            keep=3,
            max_systems=2,
            folder=FOLDER,
            model_name=Text("largest share"),
            progress=False,
        ),
        "expected_improvement": lambda: dict(means=MEANS, deviations=DEVIATIONS, best=0.1),
        "acquire": lambda: dict(
            acquisition="uncertainty", means=MEANS, deviations=DEVIATIONS, n=2, best=0.1, rng=rng()
        ),
        "learn_actively": lambda: dict(
            pool=(POINTS, POINTS[:, 0]),
            test=(POINTS, POINTS[:, 0]),
            fit=mean_and_spread,
            acquisition="random",
            n_initial=2,
            n_rounds=1,
            n_added=1,
            rng=rng(),
            progress=False,
        ),
    }
    lower = hull.LowerHull.of(FRACTIONS, ENERGIES)
    methods = {
        "LowerHull.of": (
            hull.LowerHull.of,
            lambda: dict(compositions=FRACTIONS, energies=ENERGIES),
        ),
        "LowerHull.call": (lower, lambda: dict(fractions=FRACTIONS)),
        "ElemNet.call": (NETWORK, lambda: dict(fractions=FRACTIONS)),
        "ElemNet.with_deviation": (NETWORK.with_deviation, lambda: dict(fractions=FRACTIONS)),
        "Compositions.of": (
            Compositions.of,
            lambda: dict(
                formulas=[Text("TiO2"), Text("SrO")], values=POINTS[:2, 0], elements=SYMBOLS
            ),
        ),
        "Compositions.contain": (KNOWN.contain, lambda: dict(symbols=["Ti", "O"])),
        "Compositions.lie_within": (KNOWN.lie_within, lambda: dict(symbols=["Ti", "O"])),
        "Compositions.are_among": (KNOWN.are_among, lambda: dict(others=KNOWN[:2])),
        "ElemNet.of_elements": (NETWORK.of_elements, lambda: dict(elements=["O", "Ti"])),
        "Trees.call": (FOREST, lambda: dict(features=POINTS)),
        "Trees.with_deviation": (FOREST.with_deviation, lambda: dict(features=POINTS)),
    }
    public = {name: getattr(crystals, name) for name in crystals.__all__}
    for module in MODULES:
        public |= vars(module)
    public["train_elemnet"] = eagerly(public["train_elemnet"])
    return named(public, table) | {name: valid(*call) for name, call in methods.items()}


MODULES = (composition, elements, features, hull, sets, network, baselines, training, uncertainty)
MODULES += (saliency, embedding, screening, active_learning)
PUBLIC = {name for module in MODULES for name in module.__all__}

#: Results that functions return, types and constants; what reads public data; what gives NaN where
#: an element is not there.
NOT_CALLED = {
    *("ELEMENTS", "Formula", "PROPERTIES", "FEATURE_NAMES", "LowerHull", "CompositionSplits"),
    *(
        "FITS",
        "materials_project_compositions",
        "OQMD_ELEMENTS",
        "oqmd_compositions",
        "DROPOUT",
        "WIDTHS",
        "ActiveDropout",
        "Trees",
    ),
    *("PAPER_FIT", "SHORT_FIT", "ElemNet", "IntervalQuality", "effect_of_leaving_out"),
    *("Candidates", "Screening", "ACQUISITIONS", "LearningHistory"),
    *("check_fractions", "check_symbols", "element_families"),
}
