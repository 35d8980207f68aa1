"""Simulated annealing of designs of 0 and 1 with a fixed number of soft elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
from mdesign.design.composites.problem import Array, GridProblem, Problem, toughness_of
from mdesign.design.composites.ranking import count_soft
from mdesign.design.composites.sampling import random_designs
from mdesign.design.composites.swap import swap_search


@dataclass(frozen=True)
class AnnealingSettings:
    """Schedule of `anneal`.

    Parameters
    ----------
    n_chains, steps : int
        Independent chains, evaluated together, and exchanges proposed in each.
    hottest, coldest : float
        First and last temperature of ln(toughness), which falls geometrically.
    neighbour_share : float
        Share of proposals that move a soft element to one of the eight places around it; the
        others exchange any two elements.
    n_polished : int
        Number of best chains whose best designs a swap search improves.
    """

    n_chains: int = 128
    steps: int = 12_000
    hottest: float = 0.35
    coldest: float = 0.004
    neighbour_share: float = 0.6
    n_polished: int = 16

    def __post_init__(self) -> None:
        counts = dict.fromkeys(("n_chains", "steps", "n_polished"), "[1, inf)")
        ranges = {"hottest": "(0, inf)", "coldest": "(0, inf)", "neighbour_share": "[0, 1]"}
        arguments.settle(self, **counts, **ranges)
        if self.coldest > self.hottest:
            raise ValueError(
                "temperatures must satisfy 0 < coldest <= hottest, got "
                f"coldest={self.coldest}, hottest={self.hottest}"
            )


def anneal(
    problem: GridProblem,
    soft_fraction: float,
    rng: np.random.Generator,
    *,
    settings: AnnealingSettings | None = None,
    starts: npt.ArrayLike | None = None,
    progress: bool = False,
) -> tuple[Array, Array]:
    """Search for the toughest design of 0 and 1 by exchanges of soft and stiff elements.

    Parameters
    ----------
    problem : GridProblem
        Its toughness is maximised.
    soft_fraction : float
        Share of soft elements, kept by every move, so that there are soft and stiff ones.
    rng : numpy.random.Generator
        Source of starts and moves.
    settings : AnnealingSettings, optional
        Chains and schedule.
    starts : array_like, shape (n_chains, n_elements), optional
        Designs of 0 and 1 with this share of soft elements; random ones by default.
    progress : bool
        Show a progress bar.

    Returns
    -------
    designs, toughness : ndarray, shapes (n_polished, n_elements) and (n_polished,)
        Best designs of the best chains after the swap search, best first.

    Raises
    ------
    ValueError
        If `soft_fraction` leaves no soft or no stiff element, or `starts` are other designs.

    References
    ----------
    Kirkpatrick, Gelatt and Vecchi, Science 220, 671 (1983).
    """
    settings = settings or AnnealingSettings()
    shape = (settings.n_chains, problem.n_elements)
    n_soft = count_soft(problem.n_elements, soft_fraction, both=True)
    if starts is None:
        starts = random_designs(*shape, soft_fraction, rng)
    current = arguments.phases("starts", starts, f"({shape[0]}, {shape[1]})").astype(np.float64)
    if (np.count_nonzero(current == 0, axis=1) != n_soft).any():
        raise ValueError(f"starts must have {n_soft} soft elements each, as soft_fraction says")
    energy = np.log(toughness_of(problem, current, "(0, inf)"))
    best, best_energy = current.copy(), energy.copy()
    temperatures = np.geomspace(settings.hottest, settings.coldest, settings.steps)
    for temperature in tqdm(temperatures, desc="annealing", disable=not progress):
        proposal = propose(current, problem.nx, rng, settings.neighbour_share)
        proposed = np.log(toughness_of(problem, proposal, "(0, inf)"))
        accepted = rng.random(len(current)) < np.exp((proposed - energy).clip(max=0) / temperature)
        current[accepted], energy[accepted] = proposal[accepted], proposed[accepted]
        better = energy > best_energy
        best[better], best_energy[better] = current[better], energy[better]
    return _polish(problem, best[np.argsort(-best_energy)[: settings.n_polished]])


def propose(designs: Array, nx: int, rng: np.random.Generator, neighbour_share: float) -> Array:
    """Exchange a soft and a stiff element in each design, shape (n, nx * ny).

    A move off the grid or onto another soft element leaves the design as it was.
    """
    rows, ny = np.arange(len(designs)), designs.shape[1] // nx
    keys = rng.random(designs.shape, dtype=np.float32)
    soft = np.argmax(keys * (designs == 0), axis=1)
    anywhere = np.argmax(keys * (designs == 1), axis=1)
    ix, iy = soft // ny + rng.integers(-1, 2, rows.size), soft % ny + rng.integers(-1, 2, rows.size)
    inside = (ix >= 0) & (ix < nx) & (iy >= 0) & (iy < ny)
    beside = np.where(inside, ix * ny + iy, soft)
    target = np.where(rng.random(rows.size) < neighbour_share, beside, anywhere)
    moved = designs.copy()
    moved[rows, soft] = designs[rows, target]
    moved[rows, target] = designs[rows, soft]
    return moved


def _polish(problem: Problem, designs: Array) -> tuple[Array, Array]:
    """Improve each design by a swap search, and sort the results."""
    polished = [swap_search(problem, design) for design in designs]
    toughness = np.array([value for _, value in polished])
    order = np.argsort(-toughness, kind="stable")
    return np.stack([polished[i][0] for i in order]), toughness[order]
