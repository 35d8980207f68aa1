"""Design of two-phase composites: optimisers of any `Problem`, and active learning.

What needs TensorFlow, pymoo, SciPy's optimisers or scikit-learn is imported when one of its names
is first used, so that importing this package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mdesign.design.composites.annealing import AnnealingSettings, anneal
from mdesign.design.composites.enumeration import Enumeration, enumerate_best
from mdesign.design.composites.gidn_results import GidnIteration, GidnResult, GidnSettings, Stopping
from mdesign.design.composites.multistart import MultistartSettings, multistart
from mdesign.design.composites.peaks import GLOBAL_MINIMUM, gradient_descent, peaks, peaks_gradient
from mdesign.design.composites.problem import DifferentiableProblem, GridProblem, Problem
from mdesign.design.composites.projection import project
from mdesign.design.composites.ranking import binarize
from mdesign.design.composites.sampling import random_designs
from mdesign.design.composites.swap import swap_search

_LAZY = {
    "genetic": ("GeneticSearch", "genetic_search"),
    "gidn": ("active_learning",),
    "logistic": ("LogisticSearch", "LogisticSettings", "element_weights", "logistic_search"),
    "topology": ("TopologyDesign", "central_difference_gradient", "optimise_topology"),
}

__all__ = [
    "GLOBAL_MINIMUM",
    "AnnealingSettings",
    "DifferentiableProblem",
    "Enumeration",
    "GeneticSearch",
    "GidnIteration",
    "GidnResult",
    "GidnSettings",
    "GridProblem",
    "LogisticSearch",
    "LogisticSettings",
    "MultistartSettings",
    "Problem",
    "Stopping",
    "TopologyDesign",
    "active_learning",
    "anneal",
    "binarize",
    "central_difference_gradient",
    "element_weights",
    "enumerate_best",
    "genetic_search",
    "gradient_descent",
    "logistic_search",
    "multistart",
    "optimise_topology",
    "peaks",
    "peaks_gradient",
    "project",
    "random_designs",
    "swap_search",
]


def __getattr__(name: str) -> Any:
    for module, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
