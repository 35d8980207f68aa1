"""Screening of compositions: all candidates of many systems, against the convex hull."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import chain, combinations, islice, product
from math import comb, gcd
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
from mdesign.crystals import by_electronegativity, format_formula
from mdesign.crystals.composition import check_symbols
from mdesign.crystals.hull import LowerHull, convex_hull_energy
from mdesign.data.sets.compositions import Compositions
from mdesign.storage import kept_arrays, result_name

__all__ = ["Candidates", "Screening", "candidate_compositions", "convex_hull_energy", "screen"]

#: Edges of the histogram of distances to the hull, in eV/atom.
EDGES = np.linspace(-1.0, 2.0, 121)

_SYSTEMS_AT_ONCE = 256
_SHARD = 20_000
_LISTED = ("distance", "energy", "index")

Arrays = dict[str, npt.NDArray[Any]]
Predict = Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]]


@dataclass(frozen=True)
class Candidates:
    """All compositions of every system of some elements, without a list of them in memory.

    Parameters
    ----------
    elements : tuple of str
        Symbols; a system is a choice of them.
    recipes : ndarray of int, shape (n_recipes, n_species)
        Atoms of each element of a system, the same for all systems.
    """

    elements: tuple[str, ...]
    recipes: npt.NDArray[np.int64]

    @property
    def n_species(self) -> int:
        """Elements of a system."""
        return self.recipes.shape[1]

    @property
    def n_systems(self) -> int:
        """Choices of the elements."""
        return comb(len(self.elements), self.n_species)

    def __len__(self) -> int:
        return self.n_systems * len(self.recipes)

    def __iter__(self) -> Iterator[dict[str, int]]:
        """Give the amounts of one candidate after another, by symbol."""
        for system in combinations(self.elements, self.n_species):
            for recipe in self.recipes.tolist():
                yield dict(zip(system, recipe, strict=True))

    def __getitem__(self, index: int) -> dict[str, int]:
        """Amounts of one candidate by symbol, by its place in the iteration."""
        index = arguments.whole("index", index, f"[0, {len(self) - 1}]")
        system, recipe = divmod(index, len(self.recipes))
        chosen: list[str] = []
        column = 0
        while len(chosen) < self.n_species:
            others = len(self.elements) - column - 1
            beginning = comb(others, self.n_species - len(chosen) - 1)
            if system < beginning:
                chosen.append(self.elements[column])
            else:
                system -= beginning
            column += 1
        return dict(zip(chosen, self.recipes[recipe].tolist(), strict=True))

    def blocks(
        self, size: int, first: int = 0, last: int | None = None
    ) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """Give systems `first` to `last`, `size` at a time: number of the first, and the columns.

        The columns of the elements have shape (size, n_species).
        """
        systems = combinations(range(len(self.elements)), self.n_species)
        chosen = islice(systems, first, last)
        while block := list(islice(chosen, size)):
            yield first, np.array(block)
            first += len(block)

    def fractions(self, systems: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Fractions of the elements in all candidates of some systems, system by system."""
        shares = (self.recipes / self.recipes.sum(axis=1, keepdims=True)).astype(np.float32)
        fractions = np.zeros((len(systems), len(shares), len(self.elements)), np.float32)
        rows = np.arange(len(systems))[:, np.newaxis, np.newaxis]
        recipes = np.arange(len(shares))[:, np.newaxis]
        fractions[rows, recipes, systems[:, np.newaxis, :]] = shares
        return fractions.reshape(-1, len(self.elements))


@dataclass(frozen=True)
class Screening:
    """What a screening found; a candidate is a composition that is not among the known compounds.

    Distances are those of the predicted energy from the hull of the known compounds, in eV/atom:
    negative ones are predicted to be stable.
    """

    n_candidates: int
    n_stable: int
    n_systems: int
    #: Systems with at least one candidate below the hull.
    n_stable_systems: int
    #: Candidates by distance, between the edges `EDGES`; the outer ones are counted at the ends.
    histogram: npt.NDArray[np.int64]
    #: The candidates of the smallest distance, smallest first.
    formulas: list[str]
    energies: npt.NDArray[np.float64]
    distances: npt.NDArray[np.float64]
    seconds: float


def candidate_compositions(
    elements: Sequence[str], n_species: int, max_atoms: int = 10
) -> Candidates:
    """List all compounds of `n_species` elements with at most `max_atoms` atoms in the formula.

    Formulas whose amounts have a common divisor are left out, as they repeat a smaller one.

    Parameters
    ----------
    elements : sequence of str
        Symbols to choose from.
    n_species : int
        Elements of a compound.
    max_atoms : int, optional
        Largest total of the amounts.

    Returns
    -------
    Candidates
        With a length, and to iterate over; nothing is computed before it is needed.

    Raises
    ------
    ValueError
        If there are fewer elements than `n_species`, or fewer atoms.

    Examples
    --------
    >>> candidates = candidate_compositions(["Ti", "O"], 2, max_atoms=3)
    >>> len(candidates), list(candidates)
    (3, [{'Ti': 1, 'O': 1}, {'Ti': 1, 'O': 2}, {'Ti': 2, 'O': 1}])

    References
    ----------
    Jha et al., Sci. Rep. 8, 17593 (2018).
    """
    symbols = check_symbols("elements", elements)
    n_species = arguments.whole("n_species", n_species, "[1, inf)")
    if n_species > len(symbols):
        raise ValueError(
            f"elements must be {n_species} or more for compounds of {n_species}; "
            f"got {list(symbols)}"
        )
    max_atoms = arguments.whole("max_atoms", max_atoms, f"[{n_species}, 100]")
    amounts = range(1, max_atoms - n_species + 2)
    recipes = [
        recipe
        for recipe in product(amounts, repeat=n_species)
        if sum(recipe) <= max_atoms and gcd(*recipe) == 1
    ]
    return Candidates(symbols, np.array(recipes))


def screen(
    candidates: Candidates,
    predict: Predict,
    known: Compositions,
    *,
    keep: int = 1_000,
    max_systems: int | None = None,
    folder: str | Path | None = None,
    model_name: str = "",
    executor: Executor | None = None,
    progress: bool = False,
) -> Screening:
    """Predict the energy of all candidates, and compare it with the hull of known compounds.

    The memory does not grow with the number of candidates. Systems are screened in shards of
    20,000. A shard is what is kept in the folder, so that a killed run goes on after the last one,
    and what a worker does at a time.

    Parameters
    ----------
    candidates : Candidates
        From `candidate_compositions`.
    predict : callable
        Formation energy, (n,) in eV/atom, of fractions (n, len(candidates.elements)); of a network
        that knows more elements ``ElemNet.of_elements(candidates.elements)``.
    known : Compositions
        Compounds with their formation energy, which make the hull; of at least these elements.
    keep : int
        Candidates of the smallest distance to keep.
    max_systems : int, optional
        Screen the first so many systems alone.
    folder : pathlib.Path, optional
        Keeps the shards, if there is one.
    model_name : str
        Name of what `predict` computes, such as the fingerprint of its weights; needed by `folder`.
    executor : concurrent.futures.Executor, optional
        Screens the shards side by side, such as ``client.get_executor()`` of Dask or a
        ``ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))``; processes must be
        able to unpickle `predict`.

    Raises
    ------
    ValueError
        If the known compounds lack an element, there is a folder without a name, a prediction is
        not finite, or the executor forks its processes.
    """
    if _forks(executor):
        raise ValueError(
            "executor must start its processes by spawn, "
            'ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")): a network that '
            "has predicted before hangs in forked ones; got one that forks"
        )
    keep = arguments.whole("keep", keep)
    n_systems = candidates.n_systems
    if max_systems is not None:
        n_systems = min(n_systems, arguments.whole("max_systems", max_systems))
    if folder is not None:
        arguments.text("model_name, which a folder needs,", model_name)
        name = result_name("screening", candidates, model_name, known, keep, code=screen)
    stem = None if folder is None else Path(folder) / name
    reference = _Reference.of(known, candidates)
    begun = perf_counter()
    screened = partial(_shard, candidates, predict, reference, keep, n_systems, stem)
    firsts = range(0, n_systems, _SHARD)
    shards = []
    with tqdm(total=n_systems, desc="screening", unit="system", disable=not progress) as bar:
        several: Iterator[Arrays] = (
            executor.map(screened, firsts)
            if executor
            else (screened(first, update=bar.update) for first in firsts)
        )
        for number, shard in enumerate(several, start=1):
            shards.append(shard)
            bar.update(min(number * _SHARD, n_systems) - bar.n)
    return _summary(candidates, shards, n_systems, keep, perf_counter() - begun)


def _forks(executor: Executor | None) -> bool:
    """Whether an executor copies this process with its threads, as TensorFlow does not allow."""
    context = getattr(executor, "_mp_context", None) if executor else None
    return context is not None and context.get_start_method() == "fork"


def _shard(
    candidates: Candidates,
    predict: Predict,
    reference: _Reference,
    keep: int,
    n_systems: int,
    stem: Path | None,
    first: int,
    update: Callable[[int], Any] = lambda number: None,
) -> Arrays:
    """Screen the systems of a shard, or read what was kept of it."""
    last = min(first + _SHARD, n_systems)
    screened = partial(_screen_systems, candidates, predict, reference, first, last, keep, update)
    if stem is None:
        return screened()
    return kept_arrays(stem.with_name(f"{stem.name}-{first}-{last}.npz"), screened)


@dataclass(frozen=True)
class _Reference:
    """Known compounds by their system, columns of the elements of the candidates."""

    fractions: npt.NDArray[np.float64]
    energies: npt.NDArray[np.float64]
    amounts: npt.NDArray[np.int64]
    rows: dict[tuple[int, ...], list[int]]

    @classmethod
    def of(cls, known: Compositions, candidates: Candidates) -> _Reference:
        """Index the known compounds that have no other elements."""
        missing = sorted(set(candidates.elements) - set(known.elements))
        if missing:
            raise ValueError(f"known must have the elements of the candidates; it lacks {missing}")
        within = known[known.lie_within(candidates.elements)]
        amounts = within.amounts[:, [known.elements.index(s) for s in candidates.elements]]
        rows: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for row, amount in enumerate(amounts):
            rows[tuple(np.flatnonzero(amount).tolist())].append(row)
        return cls(amounts / amounts.sum(axis=1, keepdims=True), within.values, amounts, rows)

    def hull(self, system: tuple[int, ...]) -> LowerHull:
        """Compute the hull of the known compounds of a system and of the systems in it."""
        parts = (combinations(system, size) for size in range(1, len(system) + 1))
        inside = [row for part in chain.from_iterable(parts) for row in self.rows.get(part, ())]
        return LowerHull.of(self.fractions[np.ix_(inside, system)], self.energies[inside])

    def known_recipes(
        self, system: tuple[int, ...], recipes: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Which recipes are those of a known compound of the system itself."""
        found = self.rows.get(system)
        if not found:
            return np.zeros(len(recipes), bool)
        own = self.amounts[np.ix_(found, system)]
        return (recipes[:, np.newaxis, :] == own).all(axis=2).any(axis=1)


def _screen_systems(
    candidates: Candidates,
    predict: Predict,
    reference: _Reference,
    first: int,
    last: int,
    keep: int,
    update: Callable[[int], Any],
) -> Arrays:
    """Screen some systems: counts, and the candidates of the smallest distance."""
    recipes = candidates.recipes
    shares = recipes / recipes.sum(axis=1, keepdims=True)
    counts = {"candidates": 0, "stable": 0, "stable systems": 0}
    histogram = np.zeros(len(EDGES) - 1, np.int64)
    best: Arrays = {"distance": np.empty(0), "energy": np.empty(0), "index": np.empty(0, np.int64)}
    for start, systems in candidates.blocks(_SYSTEMS_AT_ONCE, first, last):
        fractions = candidates.fractions(systems)
        energy = arguments.array("what predict returns", predict(fractions), f"({len(fractions)},)")
        energy = energy.reshape(len(systems), len(recipes))
        distance = np.empty_like(energy)
        for row, system in enumerate(map(tuple, systems.tolist())):
            distance[row] = energy[row] - reference.hull(system)(shares)
            distance[row, reference.known_recipes(system, recipes)] = np.nan
        new = np.isfinite(distance)
        stable = new & (distance < 0)
        counts["candidates"] += int(new.sum())
        counts["stable"] += int(stable.sum())
        counts["stable systems"] += int(stable.any(axis=1).sum())
        histogram += np.histogram(np.clip(distance[new], EDGES[0], EDGES[-1]), EDGES)[0]
        index = start * len(recipes) + np.flatnonzero(new.ravel())
        block = {"distance": distance[new], "energy": energy[new], "index": index}
        best = _smallest([best, block], keep)
        update(len(systems))
    return best | {"counts": np.array(list(counts.values())), "histogram": histogram}


def _smallest(parts: Sequence[Arrays], keep: int) -> Arrays:
    """Join lists of candidates, and keep those of the smallest distance."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in _LISTED}
    order = np.lexsort([joined["index"], joined["distance"]])[:keep]
    return {name: values[order] for name, values in joined.items()}


def _formula(amounts: dict[str, int]) -> str:
    """Write a formula, the most electronegative element last."""
    return format_formula({symbol: amounts[symbol] for symbol in by_electronegativity([*amounts])})


def _summary(
    candidates: Candidates, shards: Sequence[Arrays], n_systems: int, keep: int, seconds: float
) -> Screening:
    """Put shards together."""
    best = _smallest(shards, keep)
    n_candidates, n_stable, n_stable_systems = np.sum([s["counts"] for s in shards], axis=0)
    return Screening(
        int(n_candidates),
        int(n_stable),
        n_systems,
        int(n_stable_systems),
        np.sum([shard["histogram"] for shard in shards], axis=0),
        [_formula(candidates[index]) for index in best["index"].tolist()],
        best["energy"],
        best["distance"],
        seconds,
    )
