"""Valid calls of everything public about sites of crystals, from symmetry to ranked structures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from calls_of_design import KEPT, eagerly
from fuzzing import Calls, Text, named, valid

from mdesign.crystals import Structure, fingerprint, symmetry
from mdesign.data.sets import sites as sets
from mdesign.data.sets.sites import crystal_sites
from mdesign.design import structure_ranking
from mdesign.design.structure_ranking import Templates
from mdesign.models.crystal_sites import baselines, errors, network, training
from mdesign.models.crystal_sites.network import Layout, build_autoencoder
from mdesign.models.crystal_sites.training import SHORT_FIT, Autoencoder, Classifiers, SiteModel
from mdesign.training.fit import Fitted

FOLDER = Path(KEPT.name)
SALT = Structure(2.82 * (1 - np.eye(3)), [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
CAESIUM = Structure(4.1 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [55, 17])
MANY = [SALT, CAESIUM, SALT, CAESIUM]
SITES = crystal_sites(MANY)
RNG = np.random.default_rng(3)
PROBABILITIES = RNG.dirichlet(np.ones(118), len(SITES.numbers))
LAYOUT = Layout((2,), 1, 3, 2)
LATENTS = RNG.normal(size=(8, 2))
SAMPLES = (LATENTS, SITES.numbers)
FEW = replace(SHORT_FIT, epochs=1, batch_size=4)


def fitted(model):
    return Fitted(model, {}, 0.0)


ENCODER = Autoencoder(fitted(build_autoencoder(LAYOUT, seed=0)))
CLASSIFIERS = Classifiers(
    fitted(network.build_sigmoid_classifier(2, width=2, seed=0)),
    fitted(network.build_softmax_classifier(width=2, seed=0)),
)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def direct(**arguments):
    """What the baseline predicts, in place of the function that it is."""
    return baselines.train_direct(**arguments)(LATENTS)


def calls() -> Calls:
    both = {"train": SAMPLES, "validation": SAMPLES, "width": 2, "settings": FEW}
    kept = {"folder": FOLDER, "progress": False}
    probable = {"probabilities": PROBABILITIES, "numbers": SITES.numbers}
    shape = {"layout": LAYOUT, "divergence": 0.1}
    table = {
        "site_fingerprints": lambda: dict(structures=SALT),
        "find_symmetry": lambda: dict(structure=SALT, tolerance=0.01),
        "unique_sites": lambda: dict(structure=SALT, tolerance=0.01),
        "Sites": lambda: (
            {name: getattr(SITES, name) for name in vars(SITES)}
            | {"prototypes": SITES.prototypes.tolist()}
        ),
        "crystal_sites": lambda: dict(structures=[SALT], tolerance=0.01, **kept),
        "split_sites": lambda: dict(sites=SITES, rng=rng(), shares=(0.3, 0.3), by="crystal"),
        "Layout": lambda: dict(filters=(2, 3), convolutions=2, hidden=3, n_latent=2),
        "build_autoencoder": lambda: dict(**shape, seed=3),
        "build_sigmoid_classifier": lambda: dict(n_latent=2, width=2, n_elements=3, seed=3),
        "build_softmax_classifier": lambda: dict(n_inputs=2, width=2, n_elements=3, seed=3),
        "depth": lambda: dict(model=ENCODER.fitted.model),
        "encoder_of": lambda: dict(autoencoder=ENCODER.fitted.model),
        "top_k_error": lambda: dict(**probable, k=2),
        "errors_within_families": lambda: dict(probable),
        "log_likelihoods": lambda: dict(sites=SITES, probabilities=PROBABILITIES, per="site"),
        "Templates": lambda: dict(
            sites=SITES, probabilities=PROBABILITIES, per="atom", prior=PROBABILITIES[0]
        ),
        "train_pca": lambda: dict(train=SITES, n_latent=2, seed=0),
    }
    trainings = {
        # Its other arguments are those of the two below.
        "train_site_model": lambda: dict(
            train=SITES,
            validation=SITES,
            layout=LAYOUT,
            autoencoder=FEW,
            classifiers=FEW,
            **kept,
        ),
        "train_autoencoder": lambda: dict(
            train=SITES, validation=SITES, **shape, settings=FEW, **kept
        ),
        "train_classifiers": lambda: dict(**both, positive_weight=3.0, **kept),
    }
    templates = Templates(SITES, PROBABILITIES)
    model = SiteModel(ENCODER, CLASSIFIERS)
    methods = {
        "train_direct": (eagerly(direct), lambda: dict(**both, **kept)),
        "train_commonest": (
            lambda train: baselines.train_commonest(train)(SITES.fingerprints),
            lambda: dict(train=SITES),
        ),
        "Autoencoder.call": (ENCODER, lambda: dict(fingerprints=SITES.fingerprints)),
        "Autoencoder.reconstructions": (
            ENCODER.reconstructions,
            lambda: dict(fingerprints=SITES.fingerprints),
        ),
        "Classifiers.call": (CLASSIFIERS, lambda: dict(latents=LATENTS)),
        "SiteModel.call": (model, lambda: dict(fingerprints=SITES.fingerprints)),
        "Templates.rank": (templates.rank, lambda: dict(formula=Text("MgO"))),
        "Templates.test": (templates.test, lambda: dict(rows=np.array([0, 3]))),
        "Templates.n_candidates": (templates.n_candidates, lambda: dict(rows=np.array([0, 3]))),
        "RankingTest.top": (templates.test([0, 1]).top, lambda: dict(k=2)),
        "RankingTest.chance_isostructural": (
            templates.test([0, 1]).chance_isostructural,
            lambda: dict(k=2),
        ),
    }
    public = {name: value for module in MODULES for name, value in vars(module).items()}
    public |= {name: eagerly(public[name]) for name in trainings}
    return named(public, table | trainings) | {name: valid(*call) for name, call in methods.items()}


MODULES = (fingerprint, symmetry, sets, network, training, baselines, errors, structure_ranking)
PUBLIC = {name for module in MODULES for name in module.__all__}

#: Types, constants and results; what reads public data; functions of tensors.
NOT_CALLED = {
    *("SHAPE", "Symmetry", "SiteSplits", "materials_project_sites", "DEPTH", "N_ELEMENTS"),
    *("PAPER", "SMALL", "LatentSample", "SHORT_FIT", "Autoencoder", "Classifiers", "SiteModel"),
    *("PrincipalComponents", "FamilyErrors", "Ranking", "RankingTest"),
    *("reconstruction_error", "weighted_cross_entropy", "fit_elements"),
}
