"""Simulated annealing of designs of 0 and 1 with a fixed number of soft elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.design.composites.sampling import random_designs
from mdesign.design.composites.swap import swap_search
from mdesign.physics import CrackedComposite

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AnnealingSettings:
    """Schedule of the annealing.

    Parameters
    ----------
    n_chains : int
        Independent chains, evaluated together.
    steps : int
        Proposed exchanges a chain.
    hottest, coldest : float
        Temperature of ln(toughness) at the start and the end, falling geometrically.
    neighbour_share : float
        Share of proposals that move a soft element to one of the eight places around it; the
        others exchange any two.
    n_polished : int
        Chains whose best design a swap search finishes.

    Raises
    ------
    ValueError
        If a setting breaks its rule.
    """

    n_chains: int = 128
    steps: int = 12_000
    hottest: float = 0.35
    coldest: float = 0.004
    neighbour_share: float = 0.6
    n_polished: int = 16

    def __post_init__(self) -> None:
        if min(self.n_chains, self.steps, self.n_polished) < 1:
            raise ValueError(
                "n_chains, steps and n_polished must be at least 1, got "
                f"{self.n_chains}, {self.steps}, {self.n_polished}"
            )
        if not 0 < self.coldest <= self.hottest:
            raise ValueError(
                "temperatures must satisfy 0 < coldest <= hottest, got "
                f"coldest={self.coldest}, hottest={self.hottest}"
            )
        if not 0 <= self.neighbour_share <= 1:
            raise ValueError(f"neighbour_share must lie in [0, 1], got {self.neighbour_share}")


def anneal(
    composite: CrackedComposite,
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
    composite : CrackedComposite
        Plate whose toughness is maximised.
    soft_fraction : float
        Share of soft elements, kept by every move.
    rng : numpy.random.Generator
        Source of starts and moves.
    settings : AnnealingSettings, optional
        Chains and schedule.
    starts : array_like, shape (n_chains, n_elements), optional
        Designs of 0 and 1 to start from; random ones by default.
    progress : bool
        Show a progress bar.

    Returns
    -------
    designs : ndarray, shape (n_polished, n_elements)
        Best designs of the best chains, after the swap search, best first.
    toughness : ndarray, shape (n_polished,)
        Their toughness.

    Raises
    ------
    ValueError
        If `soft_fraction` leaves no soft or no stiff element, or `starts` has the wrong shape.

    References
    ----------
    Kirkpatrick, Gelatt and Vecchi, Science 220, 671 (1983).
    """
    settings = settings or AnnealingSettings()
    shape = (settings.n_chains, composite.n_elements)
    if starts is None:
        starts = random_designs(*shape, soft_fraction, rng)
    current = np.array(starts, dtype=np.float64)
    if current.shape != shape:
        raise ValueError(f"starts must have shape {shape}, got {current.shape}")
    energy = np.log(composite.toughness(current))
    best, best_energy = current.copy(), energy.copy()
    for temperature in tqdm(
        np.geomspace(settings.hottest, settings.coldest, settings.steps),
        desc="annealing",
        disable=not progress,
    ):
        proposal = propose(current, composite.nx, rng, settings.neighbour_share)
        proposed = np.log(composite.toughness(proposal))
        accepted = rng.random(len(current)) < np.exp((proposed - energy).clip(max=0) / temperature)
        current[accepted], energy[accepted] = proposal[accepted], proposed[accepted]
        better = energy > best_energy
        best[better], best_energy[better] = current[better], energy[better]
    return _polish(composite, best[np.argsort(-best_energy)[: settings.n_polished]])


def propose(designs: Array, nx: int, rng: np.random.Generator, neighbour_share: float) -> Array:
    """One exchange of a soft and a stiff element in each design.

    Parameters
    ----------
    designs : ndarray, shape (n, nx * ny)
        Phases 0 and 1.
    nx : int
        Elements along the first axis.
    rng : numpy.random.Generator
        Source of the moves.
    neighbour_share : float
        Share of moves to one of the eight places around; a move off the plate or onto another
        soft element leaves the design as it was.

    Returns
    -------
    ndarray, shape (n, nx * ny)
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


def _polish(composite: CrackedComposite, designs: Array) -> tuple[Array, Array]:
    """Swap search from each design, sorted by the result."""
    polished = [swap_search(composite, design) for design in designs]
    toughness = np.array([value for _, value in polished])
    order = np.argsort(-toughness, kind="stable")
    return np.stack([polished[i][0] for i in order]), toughness[order]
