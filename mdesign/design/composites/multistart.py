"""Gradient ascent on the exact toughness from many random starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from mdesign import arguments
from mdesign.design.composites.problem import (
    Array,
    DifferentiableProblem,
    toughness_and_gradient_of,
    toughness_of,
)
from mdesign.design.composites.projection import project
from mdesign.design.composites.ranking import binarize, count_soft


@dataclass(frozen=True)
class MultistartSettings:
    """Starts and steps of `multistart`.

    Parameters
    ----------
    n_starts, steps : int
        Random starts, and steps of Adam from each.
    step_size : float
        Step of Adam, in units of the phase variable.
    start_deviation : float
        Standard deviation of the starts, which are normal around the mean phase.
    """

    n_starts: int = 1000
    steps: int = 100
    step_size: float = 0.05
    start_deviation: float = 0.25

    def __post_init__(self) -> None:
        counts = dict.fromkeys(("n_starts", "steps"), "[1, inf)")
        arguments.settle(self, **counts, step_size="(0, inf)", start_deviation="[0, inf)")


def multistart(
    problem: DifferentiableProblem,
    soft_fraction: float,
    rng: np.random.Generator,
    *,
    settings: MultistartSettings | None = None,
    progress: bool = False,
) -> tuple[Array, Array]:
    """Ascend ln(toughness) by the exact gradient from random starts, then rank to 0 and 1.

    Parameters
    ----------
    problem : DifferentiableProblem
        Its toughness is maximised.
    soft_fraction : float
        Share of soft elements, held in every step.
    rng : numpy.random.Generator
        Source of the starts.
    settings : MultistartSettings, optional
        Number of starts and steps.
    progress : bool
        Show a progress bar.

    Returns
    -------
    designs, toughness : ndarray, shapes (n_starts, n_elements) and (n_starts,)
        Designs of 0 and 1 and their exact toughness, best first.

    Raises
    ------
    ValueError
        If `soft_fraction` lies outside [0, 1].

    References
    ----------
    Kingma and Ba, arXiv:1412.6980 (the step rule, Adam).
    """
    settings = settings or MultistartSettings()
    count_soft(problem.n_elements, soft_fraction)
    shape = (settings.n_starts, problem.n_elements)
    designs = project(rng.normal(1 - soft_fraction, settings.start_deviation, shape), soft_fraction)
    first, second = np.zeros(shape), np.zeros(shape)
    for step in tqdm(range(1, settings.steps + 1), desc="multistart", disable=not progress):
        toughness, gradient = toughness_and_gradient_of(problem, designs)
        gradient = gradient / toughness[:, np.newaxis]
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        direction = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-12)
        designs = project(designs + settings.step_size * direction, soft_fraction)
    binary = binarize(designs, soft_fraction)
    values = toughness_of(problem, binary)
    order = np.argsort(-values, kind="stable")
    return binary[order], values[order]
