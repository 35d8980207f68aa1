"""Crystals a second: files, neighbours, training and prediction of graph networks."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import ase.io
import keras
import numpy as np
from matscipy.neighbours import neighbour_list
from published_graphs import keras_network, torch_steps
from tqdm import tqdm

from mdesign.crystals import Structure, crystal_graphs, parse_cif, periodic_neighbours
from mdesign.data.public import materials_project
from mdesign.data.sets.crystals import published_perovskite_splits
from mdesign.models.cgcnn.batches import GraphBatches
from mdesign.models.cgcnn.network import build_cgcnn
from mdesign.reproduce import rates

rate = partial(rates.rate, repeats=2)

CUTOFF = 8.0
"""Å, of the neighbour lists."""

BATCH = 256
N_BATCHES = 4

#: Ratios to the best peer that are asked for.
ASKED = {"perovskites": 5.0, "Materials Project": 3.0, "training": 2.0}


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table, on public crystals; peers get one crystal at a time, as they are made."""
    cifs = materials_project.crystals().cifs[:1_000]
    structures = published_perovskite_splits().train.structures
    sets = {
        "perovskites": list(structures[:2_000]),
        "Materials Project": [parse_cif(cif) for cif in cifs],
    }
    tasks: list[Callable[[], list[dict[str, Any]]]] = [
        partial(of_files, list(cifs)),
        *(partial(of_neighbours, name, crystals) for name, crystals in sets.items()),
        partial(of_networks, list(structures[: BATCH * N_BATCHES])),
    ]
    return [row for task in tqdm(tasks, desc="crystals", disable=not progress) for row in task()]


def of_files(cifs: list[str]) -> list[dict[str, Any]]:
    """Files of the CIF format a second, with all checks, against ase."""
    ours = rate(lambda: [parse_cif(cif) for cif in cifs], len(cifs))
    few = cifs[:100]
    peer = rate(lambda: [ase.io.read(io.StringIO(cif), format="cif") for cif in few], len(few))
    return [rates.row("CIF files, against ase", ours, peer, None, "files/s")]


def of_neighbours(name: str, crystals: list[Structure]) -> list[dict[str, Any]]:
    """Neighbour lists a second, against the faster one of matscipy and pymatgen."""
    ours = rate(partial(periodic_neighbours, crystals, CUTOFF), len(crystals))
    few = crystals[:200]
    peers = {"matscipy": rate(lambda: [by_matscipy(one) for one in few], len(few))}
    if find_spec("pymatgen"):
        peers["pymatgen"] = rate(lambda: [by_pymatgen(one) for one in few], len(few))
    best = max(peers, key=lambda peer: peers[peer])
    case = f"neighbours within {CUTOFF:g} Å, {name}, against {best}"
    return [rates.row(case, ours, peers[best], ASKED[name], "crystals/s")]


def by_matscipy(crystal: Structure) -> object:
    """Pairs, images and distances."""
    places = crystal.positions @ crystal.lattice
    return neighbour_list(
        "ijSd", positions=places, cell=crystal.lattice, pbc=[True] * 3, cutoff=CUTOFF
    )


def by_pymatgen(crystal: Structure) -> object:
    """Pairs, images and distances."""
    from pymatgen.optimization.neighbors import find_points_in_spheres

    places = crystal.positions @ crystal.lattice
    return find_points_in_spheres(
        places, places, CUTOFF, np.ones(3, np.int64), np.ascontiguousarray(crystal.lattice)
    )


def of_networks(crystals: list[Structure]) -> list[dict[str, Any]]:
    """Perovskites a second in training and prediction, against the form that is published.

    That has twelve neighbours and one matrix for each pair. It is written in PyTorch, as the
    authors' code is, where that is installed, and in Keras.
    """
    graphs = crystal_graphs(crystals)
    targets = np.random.default_rng(0).normal(size=len(crystals))
    batches = GraphBatches(graphs, targets, batch_size=BATCH, rng=np.random.default_rng(0))
    train, predict = keras_steps(build_cgcnn(seed=0), [batches[i] for i in range(len(batches))])
    twelve = crystal_graphs(crystals, rule="nearest")
    peers = {"Keras": keras_steps(*keras_network(twelve, targets, BATCH))}
    if find_spec("torch"):
        peers["PyTorch"] = torch_steps(twelve, targets, BATCH)
    n = len(batches) * BATCH
    rows = []
    for what, ours, place in (("training", train, 0), ("prediction", predict, 1)):
        for name, steps in peers.items():
            asked = ASKED.get(what) if name == "PyTorch" else None
            case = f"{what} of crystal graphs, against the published form in {name}"
            rows.append(rates.row(case, rate(ours, n), rate(steps[place], n), asked, "crystals/s"))
    return rows


def keras_steps(
    model: keras.Model, batches: list[Any]
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Give a training epoch and a prediction of all batches."""
    model.compile("adam", "mse", jit_compile=True)
    return (
        lambda: [model.train_on_batch(*batch) for batch in batches],
        lambda: [model.predict_on_batch(batch[0]) for batch in batches],
    )
