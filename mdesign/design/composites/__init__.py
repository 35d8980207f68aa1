"""Inverse design: from a wanted property to the arrangement of two phases.

What needs TensorFlow, pymoo or scikit-learn is loaded when one of its names is first used, so that
importing this package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mdesign.design.composites.annealing import AnnealingSettings, anneal
from mdesign.design.composites.descent import gradient_descent
from mdesign.design.composites.enumeration import Enumeration, all_designs, enumerate_best
from mdesign.design.composites.multistart import MultistartSettings, multistart
from mdesign.design.composites.peaks import GLOBAL_MINIMUM, ORIGIN_MINIMUM, peaks, peaks_gradient
from mdesign.design.composites.projection import project
from mdesign.design.composites.ranking import binarize, soft_count
from mdesign.design.composites.sampling import RandomSample, random_designs, random_sampling
from mdesign.design.composites.swap import all_swaps, swap_search

_LAZY = {
    "genetic": ("GeneticSearch", "genetic_search"),
    "gidn": ("GidnIteration", "GidnResult", "GidnSettings", "Stopping", "active_learning"),
    "logistic": (
        "LogisticSearch",
        "LogisticSettings",
        "element_weights",
        "logistic_search",
        "sample_by_weights",
    ),
    "topology": ("TopologyDesign", "central_difference_gradient", "optimise_topology"),
}

__all__ = [
    "GLOBAL_MINIMUM",
    "ORIGIN_MINIMUM",
    "AnnealingSettings",
    "Enumeration",
    "GeneticSearch",
    "GidnIteration",
    "GidnResult",
    "GidnSettings",
    "LogisticSearch",
    "LogisticSettings",
    "MultistartSettings",
    "RandomSample",
    "Stopping",
    "TopologyDesign",
    "active_learning",
    "all_designs",
    "all_swaps",
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
    "random_sampling",
    "sample_by_weights",
    "soft_count",
    "swap_search",
]


def __getattr__(name: str) -> Any:
    for module, names in _LAZY.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
