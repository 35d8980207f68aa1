"""Long generation of data, cut into shards that survive a kill and are checked when read.

Each shard depends on the seed and its own index alone, so that it has the same bytes in whatever
order shards are computed and however often the run was interrupted. It is kept with its checksum,
see `mdesign.storage.files`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.arguments import function, whole
from mdesign.paths import as_path, sweep, written_whole
from mdesign.storage.arrays import Arrays, kept_arrays
from mdesign.storage.fingerprint import as_json, fingerprint

__all__ = ["ShardedSet"]

Make = Callable[[np.random.Generator, int], Mapping[str, npt.NDArray[Any]]]


@dataclass(frozen=True)
class ShardedSet:
    """A set of samples kept as shards in one folder.

    Parameters
    ----------
    folder : pathlib.Path
        Each set has a folder of its own in it, named by its fingerprint.
    settings : mapping of str to object
        All that shapes a sample besides the seed, for `fingerprint`.
    shard_size : int
        Samples in a shard.
    seed : int
        Zero or positive. Shard k draws from a stream of its own, derived from (seed, k).

    Examples
    --------
    >>> import tempfile
    >>> squares = ShardedSet(Path(tempfile.mkdtemp()), {"power": 2}, shard_size=4, seed=0)
    >>> def make(rng, n):
    ...     x = rng.random(n)
    ...     return {"x": x, "y": x**2}
    >>> samples = squares.load(make, 10)
    >>> samples["x"].shape, len(list(squares.path.glob("*.npz")))
    ((10,), 3)
    """

    folder: Path
    settings: Mapping[str, object]
    shard_size: int
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.settings, Mapping):
            raise TypeError(f"settings must be a mapping; got {self.settings!r}")
        fingerprint(self.settings)
        plain = {
            "folder": as_path("folder", self.folder),
            "shard_size": whole("shard_size", self.shard_size),
            "seed": whole("seed", self.seed, "[0, inf)"),
        }
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @property
    def path(self) -> Path:
        """Folder of this set, named by its settings, shard size and seed."""
        whole = (dict(self.settings), self.shard_size, self.seed)
        return self.folder / fingerprint(whole)[:16]

    def load(self, make: Make, n_samples: int, *, progress: bool = False) -> Arrays:
        """Read the first samples of the set, computing the shards that are missing.

        A shard that is truncated or altered is named in a warning and computed again. A larger set
        begins with the samples of a smaller one.

        Parameters
        ----------
        make : callable of (numpy.random.Generator, int)
            Draws so many samples: named arrays that share their first axis, the same names in every
            shard. All its randomness must come from the generator.
        n_samples : int
            Number of samples, at least 1.
        progress : bool
            Show a bar, one step a shard.

        Returns
        -------
        dict of str to ndarray, first axis n_samples
            The arrays of `make`, in the order of the shards.

        Raises
        ------
        ValueError
            If `make` returns arrays of another length, of Python objects, or of changing names.
        """
        function("make", make)
        n_samples = whole("n_samples", n_samples)
        self._prepare()
        n_shards = -(-n_samples // self.shard_size)
        shards: list[Arrays] = []
        for number in tqdm(range(n_shards), desc="shards", unit="shard", disable=not progress):
            shards.append(self._shard(make, number))
        return _joined(shards, n_samples)

    def shard_path(self, number: int) -> Path:
        """Path of a shard, counted from 0; ``.sha256`` is appended for its checksum."""
        return self.path / f"shard-{whole('number', number, '[0, inf)'):05d}.npz"

    def _prepare(self) -> None:
        """Create the folder, write the settings for the reader, delete the leftovers of a kill."""
        self.path.mkdir(parents=True, exist_ok=True)
        described = self.path / "settings.json"
        if not described.is_file():
            whole = dict(self.settings) | {"shard_size": self.shard_size, "seed": self.seed}
            with written_whole(described) as temporary:
                temporary.write_text(json.dumps(as_json(whole), indent=1), encoding="utf-8")
        sweep(self.path)

    def _shard(self, make: Make, number: int) -> Arrays:
        path = self.shard_path(number)
        stream = np.random.default_rng(np.random.SeedSequence((self.seed, number)))
        return kept_arrays(path, lambda: _checked(make(stream, self.shard_size), self.shard_size))


def _checked(arrays: Mapping[str, npt.NDArray[Any]], n: int) -> Arrays:
    """Check the arrays of a shard before they are kept."""
    if not isinstance(arrays, Mapping) or not arrays:
        raise ValueError(f"make must return at least one array, by name; got {arrays!r}")
    for name, array in arrays.items():
        if array.ndim == 0 or len(array) != n or array.dtype == object:
            raise ValueError(
                f"make must return arrays of {n} samples and no objects; "
                f"got {name} of shape {array.shape} and type {array.dtype}"
            )
    return dict(arrays)


def _joined(shards: list[Arrays], n_samples: int) -> Arrays:
    names = set(shards[0])
    if any(set(shard) != names for shard in shards):
        raise ValueError(f"make must name its arrays alike in every shard; got {names} and others")
    return {name: np.concatenate([shard[name] for shard in shards])[:n_samples] for name in names}
