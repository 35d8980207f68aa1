"""Valid calls of everything public in `mdesign.design`."""

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from fuzzing import Calls, named, valid

from mdesign.design import composites
from mdesign.design.composites import enumeration, logistic, ranking, sampling, swap
from mdesign.design.patterns import (
    baselines,
    bayesian,
    interface,
    mixture,
    reranking,
    response_surface,
)
from mdesign.models.gan.network import build_generator
from mdesign.physics import CrackedComposite
from mdesign.training.fit import FitSettings

KEPT = tempfile.TemporaryDirectory()
"""Where networks are kept: each is trained once."""

PLATE = CrackedComposite(4, 3, 2)
RNG = np.random.default_rng(4)
MIXED = RNG.random((5, 12))
STARTS = sampling.random_designs(4, 12, 0.25, np.random.default_rng(3))
POINTS = RNG.normal(size=(3, 2))
LATENTS = RNG.uniform(-1, 1, (8, 2, 2)).astype(np.float32)
PATTERNS = RNG.integers(0, 2, (8, 6, 5)).astype(np.uint8)
VALUES = 0.5 + 0.1 * PATTERNS.mean((1, 2))
GREY = RNG.random((3, 6, 5))
LOOKUP = baselines.Lookup(PATTERNS, VALUES)
FEW = mixture.MdnSettings(2, (3,), FitSettings(epochs=1, batch_size=4))
ANNEALING = composites.AnnealingSettings(n_chains=4, steps=3, n_polished=1)
MULTISTART = composites.MultistartSettings(n_starts=3, steps=2)
LOGISTIC = composites.LogisticSettings(pool=20, rounds=2)
GIDN = composites.GidnSettings(
    n_random=20, n_starts=5, hidden=(4,), training_steps=2, batch_size=4, epochs=1, design_steps=2
)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def uphill(points: np.ndarray) -> np.ndarray:
    return 2 * points


def unchanged(latents: np.ndarray) -> np.ndarray:
    return latents


def share(patterns: np.ndarray) -> np.ndarray:
    return 0.5 + 0.1 * np.clip(patterns, 0, 1).mean((1, 2))


def eagerly(train: Callable[..., Any]) -> Callable[..., Any]:
    """Train without compiling, which takes longer than a few samples do."""

    def trained(*samples: Any, **arguments: Any) -> Any:
        tf.config.run_functions_eagerly(True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that the reading of data is compiled all the same
                return train(*samples, **arguments)
        finally:
            tf.config.run_functions_eagerly(False)

    return trained


@cache
def generator() -> keras.Model:
    return build_generator((4,), seed=0)


@cache
def mixtures() -> dict:
    """One trained inverse method of each kind."""
    keep = {"settings": FEW}
    return {
        "LatentMixture": eagerly(mixture.train_latent_mixture)(
            LATENTS, VALUES, generator(), **keep
        ),
        "PrincipalMixture": eagerly(mixture.train_principal_mixture)(PATTERNS, VALUES, 2, **keep),
        "PixelMixture": eagerly(mixture.train_pixel_mixture)(PATTERNS, VALUES, **keep),
    }


def asked(method: type, ask: str) -> Callable[..., Any]:
    """Make an inverse method and ask it for one pattern."""

    def answer(**fields: Any) -> Any:
        rest = {"n": 1, "rng": rng()} if ask == "candidates" else {}
        return getattr(method(**fields), ask)(target=0.55, **rest)

    return answer


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    problem = {"problem": PLATE}
    wanted = {"soft_fraction": 0.25}
    trained = {"values": VALUES, "settings": FEW, "folder": Path(KEPT.name)}
    images = {"patterns": PATTERNS, "threshold": "fraction"}
    search = {"decode": unchanged, "simulate": share, "latent_shape": (2, 2), "n_initial": 4}
    table = {
        "AnnealingSettings": lambda: asdict(ANNEALING),
        "GidnSettings": lambda: asdict(GIDN),
        "LogisticSettings": lambda: asdict(LOGISTIC),
        "MultistartSettings": lambda: asdict(MULTISTART),
        "Stopping": lambda: dict(iterations=2, patience=1, limit=4),
        "active_learning": lambda: dict(
            settings=GIDN, stopping=composites.Stopping(1), progress=False, **problem
        ),
        "anneal": lambda: dict(rng=rng(), settings=ANNEALING, starts=STARTS, **problem, **wanted),
        "binarize": lambda: dict(designs=MIXED, **wanted),
        "central_difference_gradient": lambda: dict(design=MIXED[0], step=1e-4, **problem),
        "count_soft": lambda: dict(n_elements=12, **wanted),
        "element_weights": lambda: dict(designs=MIXED, good=np.arange(5) // 3, penalty=1.0),
        "enumerate_best": lambda: dict(n_soft=2, keep=3, progress=False, **problem),
        "enumerate_designs": lambda: dict(n_elements=5, n_soft=2, chunk=3),
        "genetic_search": lambda: dict(
            rng=rng(), generations=2, population=4, soft_fraction=0.25, **problem
        ),
        "gradient_descent": lambda: dict(
            gradient=uphill, starts=POINTS, rate=0.1, steps=2, project=unchanged
        ),
        "list_swaps": lambda: dict(design=STARTS[0]),
        "logistic_search": lambda: dict(rng=rng(), settings=LOGISTIC, **problem, **wanted),
        "multistart": lambda: dict(rng=rng(), settings=MULTISTART, **problem, **wanted),
        "optimise_topology": lambda: dict(
            start=MIXED[0],
            gradient="central",
            objective="log toughness",
            step=1e-4,
            tolerance=0.1,
            iterations=9,
            **problem,
            **wanted,
        ),
        "peaks": lambda: dict(x=[0.3, 2.0], y=0.4),
        "peaks_gradient": lambda: dict(x=0.3, y=[0.3, 2.0]),
        "project": lambda: dict(designs=MIXED, **wanted),
        "random_designs": lambda: dict(n=3, n_elements=8, rng=rng(), **wanted),
        "sample_by_weights": lambda: dict(
            weights=MIXED[0], n=3, temperature=0.1, rng=rng(), **wanted
        ),
        "swap_search": lambda: dict(design=STARTS[0], **problem),
        "BayesianOptimisation": lambda: dict(
            n_iterations=2,
            acquisition="hedge",
            surface="distance",
            seed=1,
            folder=Path(KEPT.name),
            progress=False,
            **search,
        ),
        "Lookup": lambda: dict(patterns=PATTERNS, values=VALUES),
        "MdnSettings": lambda: dict(n_components=3, hidden=(4, 4), fit=FEW.fit),
        "RandomDraws": lambda: dict(generator=generator(), latent_shape=(2, 2)),
        "Reranked": lambda: dict(method=LOOKUP, surrogate=share, pool=5),
        "binary_images": lambda: dict(images=GREY, threshold="fraction"),
        "evaluate": lambda: dict(
            method=LOOKUP, targets=[0.55, 0.56], n=3, simulate=share, rng=rng()
        ),
        "prior_errors": lambda: dict(values=VALUES, target=0.55, n=3),
        "relative_errors": lambda: dict(values=VALUES, target=0.55),
        "train_latent_mixture": lambda: dict(latents=LATENTS, generator=generator(), **trained),
        "train_pixel_mixture": lambda: dict(**trained, **images),
        "train_principal_mixture": lambda: dict(n_dimensions=2, **trained, **images),
    }
    searching = bayesian.BayesianOptimisation(n_iterations=1, **search)
    methods = {
        "Bayesian": searching,
        "Lookup": LOOKUP,
        "RandomDraws": baselines.RandomDraws(generator(), (2, 2)),
        "Reranked": reranking.Reranked(LOOKUP, share, pool=5),
        **mixtures(),
    }
    candidates = {
        f"{name}.candidates": valid(method.candidates, lambda: dict(target=0.55, n=3, rng=rng()))
        for name, method in methods.items()
    }
    other = {
        "BayesianOptimisation.towards": (searching.towards, lambda: dict(target=0.55)),
        "LatentMixture.mixture": (
            mixtures()["LatentMixture"].mixture,
            lambda: dict(targets=VALUES),
        ),
        "LatentMixture.latents": (
            mixtures()["LatentMixture"].latents,
            lambda: dict(target=0.55, n=3, rng=rng()),
        ),
        "Stopping.reached": (composites.Stopping(2).reached, lambda: dict(maxima=[1.0, 2.0])),
    }
    public = {name: getattr(composites, name) for name in composites.__all__}
    for module in (*MODULES, swap):
        public |= vars(module)
    # Functions among the fields are called by these methods first.
    for method, ask in (("BayesianOptimisation", "towards"), ("Reranked", "candidates")):
        public[method] = asked(public[method], ask)
    public |= {
        name: eagerly(public[name]) for name in table if name.startswith(("train", "active"))
    }
    return named(public, table) | candidates | {name: valid(*call) for name, call in other.items()}


MODULES = (baselines, bayesian, interface, mixture, reranking, enumeration, ranking, sampling)
MODULES += (logistic,)
PUBLIC = {name for module in (composites, *MODULES, response_surface) for name in module.__all__}
PUBLIC |= {"list_swaps"}

#: Results that functions return, protocols and constants; and the parts of the Bayesian search,
#: which calls them with arrays of its own, ten thousands of times a step.
NOT_CALLED = {
    *("BayesianHistory", "Enumeration", "Evaluation", "GeneticSearch", "GidnIteration"),
    *("GidnResult", "LatentMixture", "LogisticSearch", "PixelMixture", "PrincipalMixture"),
    *("TopologyDesign", "DifferentiableProblem", "GLOBAL_MINIMUM", "GridProblem"),
    *("InverseMethod", "Problem", *response_surface.__all__),
}
