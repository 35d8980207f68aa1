"""Distinct sites of crystals: the fingerprint of each, the element on it, and its crystal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
from mdesign.crystals import Structure, find_symmetry, parse_cif, site_fingerprints
from mdesign.crystals.fingerprint import SHAPE
from mdesign.data.public import materials_project
from mdesign.data.sets.crystals import ISOLATED, Rows, split_groups
from mdesign.storage import kept_arrays, result_name

__all__ = ["SiteSplits", "Sites", "crystal_sites", "materials_project_sites", "split_sites"]

_AT_ONCE = 256

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Sites:
    """Distinct sites of crystals, crystal after crystal; ValueError if the arrays do not fit.

    Parameters
    ----------
    fingerprints : array_like, shape (n_sites, 16, 16, 12)
        See `mdesign.crystals.site_fingerprints`; kept as float16, whose error of 0.05 % is below
        that of the atomic positions.
    nearest : array_like, shape (n_sites,)
        Distance of the nearest neighbour in Å.
    numbers : array_like of int, shape (n_sites,)
        Atomic number of the element on the site.
    multiplicities : array_like of int, shape (n_sites,)
        Atoms of the site in a primitive cell, at most 48.
    first_site : array_like of int, shape (n + 1,)
        First site of each crystal, and the number of sites.
    prototypes : array_like of str, shape (n,)
        Prototype of each crystal.
    """

    fingerprints: Any
    nearest: Any
    numbers: Any
    multiplicities: Any
    first_site: Any
    prototypes: Any

    def __post_init__(self) -> None:
        array = arguments.array
        shape = f"(n, {', '.join(map(str, SHAPE))})"
        fingerprints = array("fingerprints", self.fingerprints, shape, "[0, 1]", dtype=np.float16)
        rows = f"({len(fingerprints)},)"
        first = array("first_site", self.first_site, "(n,)", "[0, inf)", dtype=np.int64)
        if (
            len(first) < 2
            or first[0]
            or first[-1] != len(fingerprints)
            or (np.diff(first) < 1).any()
        ):
            raise ValueError(
                f"first_site must rise from 0 to the number of sites, {len(fingerprints)}; "
                f"got {first[:1].tolist()} to {first[-1:].tolist()} in {len(first)} numbers"
            )
        prototypes = _texts("prototypes", self.prototypes)
        if len(prototypes) != len(first) - 1:
            raise ValueError(
                f"prototypes must be one for each of {len(first) - 1} crystals; "
                f"got {len(prototypes)}"
            )
        checked = {
            "fingerprints": fingerprints,
            "nearest": array("nearest", self.nearest, rows, "(0, inf)"),
            "numbers": array("numbers", self.numbers, rows, "[1, 118]", dtype=np.int64),
            "multiplicities": array(
                "multiplicities", self.multiplicities, rows, "[1, 48]", dtype=np.int64
            ),
            "first_site": first,
            "prototypes": prototypes,
        }
        for name, values in checked.items():
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        """Count the crystals."""
        return len(self.first_site) - 1

    def __getitem__(self, rows: Rows) -> Sites:
        """Select crystals, with all their sites."""
        chosen = np.arange(len(self))[rows]
        sizes = np.diff(self.first_site)[chosen]
        first = np.concatenate([[0], np.cumsum(sizes)])
        sites = np.arange(first[-1]) + np.repeat(self.first_site[chosen] - first[:-1], sizes)
        return self._of(sites, first, self.prototypes[chosen])

    @property
    def crystals(self) -> npt.NDArray[np.int64]:
        """Crystal of each site, (n_sites,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.first_site))

    def with_added(self, others: Sites) -> Sites:
        """Append other crystals to these."""
        names = ("fingerprints", "nearest", "numbers", "multiplicities", "prototypes")
        return Sites(
            **{
                name: np.concatenate([getattr(self, name), getattr(others, name)]) for name in names
            },
            first_site=np.concatenate(
                [self.first_site[:-1], self.first_site[-1] + others.first_site]
            ),
        )

    def apart(self) -> Sites:
        """Take each site for a crystal of its own, as a split by site does."""
        sites = np.arange(len(self.numbers))
        return self._of(sites, np.arange(len(sites) + 1), self.prototypes[self.crystals])

    def _of(
        self, sites: npt.NDArray[Any], first: npt.NDArray[Any], prototypes: npt.NDArray[Any]
    ) -> Sites:
        return Sites(
            self.fingerprints[sites],
            self.nearest[sites],
            self.numbers[sites],
            self.multiplicities[sites],
            first,
            prototypes,
        )


@dataclass(frozen=True)
class SiteSplits:
    """Sites to train on, to validate with and to test."""

    train: Sites
    validation: Sites
    test: Sites

    @property
    def shared_prototypes(self) -> float:
        """Share of the tested crystals whose prototype is also among those trained on."""
        return float(np.isin(self.test.prototypes, self.train.prototypes).mean())


def crystal_sites(
    structures: Sequence[Structure],
    *,
    tolerance: float = 0.01,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Sites:
    """Describe the distinct sites of crystals, or read them if it was done before.

    Parameters
    ----------
    structures : sequence of Structure
        At least one.
    tolerance : float
        Of the symmetry, in Å; see `mdesign.crystals.find_symmetry`.
    folder : pathlib.Path, optional
        Keeps the sites.

    Raises
    ------
    ValueError
        If a crystal has no symmetry, or an atom no neighbour or one that is too close.
    """
    tolerance = arguments.number("tolerance", tolerance, "(0, 1]")
    if not len(structures):
        raise ValueError("structures must be at least one; got none")

    def make() -> Arrays:
        blocks = [structures[i : i + _AT_ONCE] for i in range(0, len(structures), _AT_ONCE)]
        described = [
            _described(block, tolerance)
            for block in tqdm(blocks, desc="sites", unit="block", disable=not progress)
        ]
        return {name: np.concatenate([one[name] for one in described]) for name in described[0]}

    if folder is None:
        arrays = make()
    else:
        name = result_name("sites", list(structures), tolerance, code=crystal_sites)
        arrays = kept_arrays(Path(folder) / f"{name}.npz", make)
    first = np.concatenate([[0], np.cumsum(arrays.pop("sizes"))])
    prototypes = arrays.pop("prototypes").tobytes().decode("ascii").split("\n")[:-1]
    return Sites(**arrays, first_site=first, prototypes=prototypes)


def materials_project_sites(
    n: int | None = None,
    *,
    rng: np.random.Generator | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> Sites:
    """Describe the distinct sites of crystals of the Materials Project; see `crystal_sites`.

    Parameters
    ----------
    n : int, optional
        Number of crystals, drawn at random by `rng`; by default all 25,984.
    rng : numpy.random.Generator, optional
        Source of the choice.

    Raises
    ------
    mdesign.data.DataNotReachable
        If a file is not available.
    ValueError
        If there are fewer than `n` crystals, or `n` is given without `rng`.
    """
    published = materials_project.crystals(progress=progress)
    names = published.identifiers
    rows = np.array([row for row, name in enumerate(names) if name not in ISOLATED])
    if n is not None:
        n = arguments.whole("n", n, f"[1, {len(rows)}]")
        if rng is None:
            raise ValueError("rng must be given to draw n crystals; got None")
        rows = np.sort(rng.choice(rows, n, replace=False))
    structures = [parse_cif(published.cifs[row], name=names[row]) for row in rows]
    return crystal_sites(structures, folder=folder, progress=progress)


def split_sites(
    sites: Sites,
    rng: np.random.Generator,
    *,
    shares: Sequence[float] = (0.7, 0.1),
    by: str = "crystal",
) -> SiteSplits:
    """Split sites at random; the sites of one crystal, or of one prototype, stay together.

    Parameters
    ----------
    sites : Sites
        To split.
    rng : numpy.random.Generator
        Source of the order.
    shares : sequence of float, optional
        Shares of the crystals to train on and to validate with; the rest is the test.
    by : {"crystal", "prototype", "site"}
        What stays together. A split by site puts sites of one crystal, which have each other as
        neighbours, into several parts: a model is then tested on crystals that it has seen.

    Raises
    ------
    ValueError
        If a part is empty.
    """
    arguments.choice("by", by, ("crystal", "prototype", "site"))
    whole = sites.apart() if by == "site" else sites
    groups = whole.prototypes if by == "prototype" else np.arange(len(whole))
    return SiteSplits(*(whole[part] for part in split_groups(groups, rng, shares)))


def _texts(name: str, values: Any) -> npt.NDArray[Any]:
    """Check a sequence of texts."""
    plain = isinstance(values, Sequence | np.ndarray) and not isinstance(values, str)
    if not plain or not all(isinstance(one, str) for one in values):
        raise TypeError(f"{name} must be a sequence of texts; got {values!r:.60}")
    return np.array(values, dtype=np.str_)


def _described(structures: Sequence[Structure], tolerance: float) -> Arrays:
    """Describe the sites of some crystals; `sizes` are their numbers of sites."""
    symmetries = [find_symmetry(structure, tolerance=tolerance) for structure in structures]
    fingerprints, nearest = site_fingerprints(structures, [one.sites for one in symmetries])
    names = "".join(f"{one.prototype}\n" for one in symmetries)
    return {
        "fingerprints": fingerprints.astype(np.float16),
        "nearest": nearest,
        "numbers": np.concatenate([one.numbers for one in symmetries]),
        "multiplicities": np.concatenate([one.multiplicities for one in symmetries]),
        "sizes": np.array([len(one.sites) for one in symmetries]),
        "prototypes": np.frombuffer(names.encode("ascii"), np.uint8),
    }
