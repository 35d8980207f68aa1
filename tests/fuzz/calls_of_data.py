"""Valid calls of everything public in data, storage, training, papers, seeding and paths."""

import math
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np
from fuzzing import AnyShape, Calls, Text, named, valid

from mdesign import data, papers, paths, seeding, storage
from mdesign.data.public import localization, pickles, porous
from mdesign.data.sets import absorption, properties, stiffness, strains
from mdesign.data.sets import porous as porous_sets
from mdesign.data.sets.properties import Labelled
from mdesign.data.sets.strains import CellSettings, StrainFields
from mdesign.papers import gan_mdn
from mdesign.papers import gidn as gidn_numbers
from mdesign.physics import OpticalStack, VoxelElasticity
from mdesign.training import batches, callbacks, checkpoints, compiled_loop, fit, predict
from mdesign.training.batches import Blocks, MixedBatches, ShuffledBatches
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings

KEPT = tempfile.TemporaryDirectory()  # deleted when the tests end
FOLDER = Path(KEPT.name)
(FOLDER / "arrays.pickle").write_bytes(pickle.dumps({"a": np.arange(3.0)}))
storage.save_arrays(FOLDER / "kept.npz", {"a": np.arange(3.0)}, probe=[1.0])
CLAIM = papers.Claim("mean", "value", 1.86, (1.80, math.inf), "Section 2.3", "standard error")
SQUARES = np.random.default_rng(0).integers(0, 2, (4, 5, 5)).astype(np.uint8)
CUBES = np.random.default_rng(1).integers(0, 2, (5, 3, 3, 3)).astype(np.uint8)
CUBES[:, 0, 0, 0], CUBES[:, 1, 1, 1] = 0, 1
FIELDS = StrainFields(CUBES, np.ones(CUBES.shape))
SOFT = VoxelElasticity((1.0, 2.0), (0.3, 0.3), tolerance=1e-3)
INPUTS = np.random.default_rng(2).random((6, 2)).view(AnyShape)
GAPS = np.array([np.nan, 2.0]).view(AnyShape)
TARGETS = INPUTS @ [[1.0], [2.0]]
SETTINGS = FitSettings(epochs=1, batch_size=3)
AUTHENTIC = porous_sets.authentic("random_fields", size=4, n_per_set=2, crop=8)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@dataclass(frozen=True)
class Medium:
    """Properties that cost nothing."""

    exponent: float = 2.0

    def properties(self, phases: np.ndarray) -> np.ndarray:
        return phases.mean((1, 2))[:, np.newaxis] ** self.exponent


class Maker:
    """A generator whose images cost nothing."""

    def get_weights(self) -> list[np.ndarray]:
        return [np.zeros(1)]


def decode(generator: Maker, latents: np.ndarray) -> np.ndarray:
    return (latents > 0).astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2)


def network() -> keras.Model:
    inputs = keras.Input((2,))
    outputs = keras.layers.Dense(1, kernel_initializer="ones")(inputs)
    return keras.Model(inputs, outputs, name="line")


def compiled() -> keras.Model:
    model = network()
    model.compile("sgd", "mse")
    return model


def shuffled() -> ShuffledBatches:
    return ShuffledBatches(INPUTS, TARGETS, batch_size=3, rng=rng())


def mixed() -> MixedBatches:
    pair = (INPUTS, TARGETS[:, 0])
    return MixedBatches([pair, pair], [0.5, 0.5], batch_size=4, n_batches=2, rng=rng())


def make(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    return {"x": rng.random(n)}


def unrolled(kind: Callable[..., Any]) -> Callable[..., Any]:
    """All batches of a class, instead of an object."""

    def made(**arguments: Any) -> list[Any]:
        whole = kind(**arguments)
        return [whole[number] for number in range(len(whole))]

    return made


def entered(manager: Callable[..., Any]) -> Callable[..., Any]:
    """A context manager that is entered and left."""

    def enter(**arguments: Any) -> None:
        with manager(**arguments) as path:
            if path.is_file():
                path.write_bytes(b"a")

    return enter


def small_shards(module: Any, size: int) -> Callable[..., Any]:
    """A set that is kept in small shards."""
    names = {absorption: "absorption_data", stiffness: "stiffness_cells"}

    def call(**arguments: Any) -> Any:
        with mock.patch.object(module, "SHARD_SIZE", size):
            return vars(getattr(module, names[module])(**arguments))

    return call


def losses(function: Callable[..., Any]) -> Callable[..., Any]:
    """The losses of a training."""

    def train(**arguments: Any) -> dict[str, list[float]]:
        found = function(**arguments).losses
        keras.backend.clear_session()  # compiled steps of hundreds of networks fill the memory
        return found

    return train


def calls_of_sets() -> Calls:
    """Those that make or read data."""
    table = {
        "PublicFile": lambda: dict(
            key="group/file.bin",
            url="https://example.org/file.bin",
            bytes=3,
            sha256="0" * 64,
            licence=Text("CC0"),
            citation=Text("a paper"),
        ),
        "find": lambda: dict(name="gan_mdn"),
        "files": dict,
        "key_of": lambda: dict(contrast=10),
        "read_arrays": lambda: dict(path=FOLDER / "arrays.pickle"),
        "sample_latents": lambda: dict(n=2, shape=(3, 3), rng=rng()),
        "authentic": lambda: dict(system="random_fields", size=4, n_per_set=2, seed=0, crop=8),
        "further_training": lambda: dict(
            system="random_fields", data=AUTHENTIC, n=2, size=4, seed=0, crop=8
        ),
        "Labelled": lambda: dict(phases=SQUARES, properties=Medium().properties(SQUARES)),
        "StrainFields": lambda: dict(phases=CUBES, strains=np.ones(CUBES.shape)),
        "label": lambda: dict(
            phases=SQUARES, medium=Medium(), folder=FOLDER, name=Text("a"), progress=False
        ),
        "label_sets": lambda: dict(
            train=SQUARES, validation=SQUARES, test=SQUARES, medium=Medium(), folder=FOLDER
        ),
        "stiffness_along_axis_0": lambda: dict(phases=CUBES, composite=SOFT),
        "CellSettings": lambda: dict(
            contrast=10.0, size=3, poisson_ratio=0.3, tolerance=1e-3, shard_size=2, seed=0
        ),
        "random_cells": lambda: dict(n=2, size=3, rng=rng()),
        "make_strain_fields": lambda: dict(
            settings=CellSettings(2.0, size=3, shard_size=2), n_cells=2, folder=FOLDER
        ),
        "split_cells": lambda: dict(data=FIELDS, shares=(0.4, 0.3)),
    }
    modules = (data, localization, pickles, porous_sets, absorption, properties, stiffness, strains)
    public = {name: value for module in modules for name, value in vars(module).items()}
    cells = {"scale": 0.5, "fractions": (0.3, 0.6), "composite": SOFT, "folder": FOLDER}
    others = {
        "absorption_data": (
            small_shards(absorption, 2),
            lambda: dict(
                generator=Maker(),
                stack=OpticalStack(orders=(3, 3)),
                decode=decode,
                n_samples=2,
                latent_shape=(3, 3),
                seed=0,
                folder=FOLDER,
            ),
        ),
        "stiffness_cells": (
            small_shards(stiffness, 2),
            lambda: dict(n=2, size=3, seed=0, **cells),
        ),
        "porous.key_of": (porous.key_of, lambda: dict(system="sandstone")),
        "CellSettings.solve": (CellSettings(2.0).solve, lambda: dict(phases=CUBES)),
        "Labelled.with_added": (
            Labelled(SQUARES, Medium().properties(SQUARES)).with_added,
            lambda: dict(others=Labelled(SQUARES, Medium().properties(SQUARES))),
        ),
    }
    return named(public, table) | {name: valid(*call) for name, call in others.items()}


def calls_of_files() -> Calls:
    """Those that keep results, and published numbers."""
    table = {
        "ShardedSet": lambda: dict(folder=FOLDER, settings={}, shard_size=3, seed=0),
        "digest": lambda: dict(path=FOLDER / "kept.npz"),
        "kept_arrays": lambda: dict(
            path=FOLDER / "kept.npz", make=lambda: {"a": np.arange(3.0)}, probe=[1.0]
        ),
        "load_arrays": lambda: dict(path=FOLDER / "kept.npz", parse=dict, probe=[1.0]),
        "save_arrays": lambda: dict(
            path=FOLDER / "other.npz",
            arrays={"a": np.array([np.nan, 2.0]).view(AnyShape)},
            probe=[1.0],
        ),
        "read_kept": lambda: dict(path=FOLDER / "kept.npz", read=Path.read_bytes),
        "result_name": lambda: dict(kind=Text("a"), code=(make,)),
        "rounded": lambda: dict(values=INPUTS, digits=4),
        "Claim": lambda: {
            name: Text(value)
            if isinstance(value, str) and name not in ("kind", "better")
            else value
            for name, value in vars(CLAIM).items()
        },
        "claims": lambda: dict(paper="gidn"),
        "claims_of": lambda: dict(notebook="gidn/fig2_peaks"),
        "known_papers": dict,
        "read_claims": lambda: dict(
            by_notebook={"fig1": "mean | value | 1.86 | at least 1.8 | Section 2.3\nMean -- error"}
        ),
        "published_rows": lambda: dict(data_set=1, method=Text("GAN-MDN")),
        "cell_name": lambda: dict(method=Text("GAN-MDN"), target=0.55, quantity=Text("minimum")),
        "rng": lambda: dict(seed=3),
        "spawn": lambda: dict(generator=rng(), n=2),
        "seed_everything": lambda: dict(seed=3),
        "sweep": lambda: dict(folder=FOLDER),
    }
    public = vars(storage) | vars(papers) | vars(gan_mdn) | vars(seeding) | vars(paths)
    shards = storage.ShardedSet(FOLDER, {"b": 2}, shard_size=3)
    others = {
        "run_folder": (paths.run_folder, lambda: dict(paper=Text("gidn"), profile=Text("quick"))),
        "result_folder": (
            paths.result_folder,
            lambda: dict(paper=Text("gidn"), profile=Text("quick")),
        ),
        "kept_whole": (entered(storage.kept_whole), lambda: dict(path=FOLDER / "a")),
        "written_whole": (entered(paths.written_whole), lambda: dict(path=FOLDER / "b")),
        "temporary_folder": (
            entered(paths.temporary_folder),
            lambda: dict(parent=FOLDER, stem=Text("a")),
        ),
        "ShardedSet.load": (shards.load, lambda: dict(make=make, n_samples=5)),
        "ShardedSet.shard_path": (shards.shard_path, lambda: dict(number=1)),
        "Claim.verdict": (CLAIM.verdict, lambda: dict(ours=1.87)),
        "Claim.beats": (CLAIM.beats, lambda: dict(rival=1.87, ours=1.5)),
    }
    return named(public, table) | {name: valid(*call) for name, call in others.items()}


def calls_of_training() -> Calls:
    """Those of networks: a few samples, one epoch."""
    pair = {"inputs": INPUTS, "targets": TARGETS}
    table = {
        "Checkpoints": lambda: dict(folder=FOLDER, every=3),
        "FitSettings": lambda: dict(
            learning_rate=0.1,
            batch_size=3,
            patience=2,
            epochs=4,
            decay=True,
            validation_share=0.3,
            steps=5,
            check_every=2,
            seed=1,
        ),
        "compile_adam": lambda: dict(model=network(), settings=SETTINGS, loss="mse", n_batches=2),
        "compiled": lambda: dict(function=np.sum),
        "runs_compiled_loops": dict,
        "fit_mixed": lambda: dict(
            model=compiled(), batches=mixed(), epochs=1, label=Text("a"), progress=False
        ),
        "endless": lambda: dict(n_samples=3, n_draws=7, rng=rng()),
        "predict_in_blocks": lambda: dict(model=network(), inputs=INPUTS, size=4, compiled=False),
        "reset_optimizer": lambda: dict(optimizer=keras.optimizers.Adam()),
        "split": lambda: dict(n=10, settings=SETTINGS),
    }
    trainings = {
        "fit": lambda: dict(
            model=compiled(),
            batches=shuffled(),
            epochs=1,
            steps=1,
            validation=Blocks(INPUTS, TARGETS, 3),
            patience=1,
            checkpoints=None,
            label=Text("a"),
            progress=False,
        ),
        "fit_adam": lambda: dict(
            model=network(),
            batches=shuffled(),
            settings=SETTINGS,
            loss="mse",
            validation=Blocks(INPUTS, TARGETS, 3),
        ),
        "fit_samples": lambda: dict(
            model=network(),
            samples=(INPUTS, TARGETS),
            settings=SETTINGS,
            loss="mse",
            validation_batch=2,
        ),
    }
    kinds = {
        "Blocks": lambda: dict(size=4, **pair),
        "EpochBatches": lambda: dict(make=lambda epoch: shuffled()),
        "MixedBatches": lambda: dict(
            groups=[(INPUTS, TARGETS[:, 0]), (INPUTS, TARGETS[:, 0])],
            shares=[0.5, 0.5],
            batch_size=4,
            n_batches=2,
            rng=rng(),
        ),
        "OrderedBatches": lambda: dict(rows=np.arange(6).reshape(1, 2, 3), **pair),
        "ShuffledBatches": lambda: dict(batch_size=3, rng=rng(), **pair),
    }
    below = lambda: dict(folder=FOLDER, name=Text("a"), code=make, every=3)  # noqa: E731
    public = vars(batches) | vars(callbacks) | vars(checkpoints) | vars(compiled_loop)
    public |= vars(fit) | vars(predict)
    return (
        named(public, table)
        | {name: valid(losses(getattr(fit, name)), call) for name, call in trainings.items()}
        | {name: valid(unrolled(getattr(batches, name)), call) for name, call in kinds.items()}
        | {"Checkpoints.below": valid(Checkpoints.below, below)}
    )


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    return calls_of_sets() | calls_of_files() | calls_of_training()


_MODULES = (
    *(data, localization, pickles, porous, absorption, porous_sets, properties, stiffness, strains),
    *(storage, papers, gan_mdn, gidn_numbers, seeding, paths),
    *(batches, callbacks, checkpoints, compiled_loop, fit, predict),
)
PUBLIC = {name for module in _MODULES for name in module.__all__}

#: Nothing to be called by a user: results, tables, protocols, exceptions and folders.
NOT_CALLED = {
    *("AbsorptionData", "Fitted", "LabelledSets", "PorousData", "StiffnessCells", "StrainedCells"),
    *("BestKnown", "PublishedRow", "TrainingState"),
    *("BAYESIAN", "BEST_KNOWN", "CLAIMS", "COMPOSITE", "CONTRASTS", "CROP_SIZE", "DIRECT", "GAP"),
    *("CELLS", "GAN_MDN", "IN_RANGE", "OUT_OF_RANGE", "PCA_MDN", "QUANTITIES", "RANDOM_SYSTEMS"),
    *("SETS", "SYSTEMS", "reused_seconds"),
    *("TABLES", "Generator", "PropertySolver", "Kind", "Resumable", "Transform", "Verdict"),
    *("DataNotReachable", "UnsafePickle"),
    *("data_cache", "data_mirror", "figures", "home", "repository", "runs"),
    # They download; `key_of` and `find` check what they take.
    *("fetch", "images", "strained_cells"),
    # They take any settings, and any code.
    *("fingerprint", "code_of"),
    # Parts of `fit`.
    *("ProgressBar", "Recorder"),
    # Names an argument of the function that calls it.
    "as_path",
    # Needs JAX.
    "take_steps",
}
