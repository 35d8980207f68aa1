"""Formulas, hulls and screened candidates a second; hours for half a billion quaternaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.crystals import element_fractions, format_formula
from mdesign.crystals.hull import LowerHull, convex_hull_energy
from mdesign.data.sets.compositions import OQMD_ELEMENTS, Compositions
from mdesign.design.screening import Candidates, candidate_compositions, screen
from mdesign.models.elemnet.network import build_elemnet
from mdesign.models.elemnet.training import ElemNet
from mdesign.papers.review.chemistry import N_CANDIDATES
from mdesign.reproduce import rates
from mdesign.training.fit import Fitted

rate = partial(rates.rate, repeats=2)

#: Formulas a second that the parser must reach: 200,000 a minute.
ASKED = 200_000 / 60

SYSTEMS = 1_000

Floats = npt.NDArray[np.float32]


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table; untrained weights and random compounds do not change the speed."""
    rng = np.random.default_rng(0)
    candidates = candidate_compositions(OQMD_ELEMENTS, 4)
    known = random_compounds(rng)
    rows = [of_formulas(candidates, rng), of_hulls(rng)]
    for width in tqdm([0.25, 1.0], desc="chemistry", disable=not progress):
        rows.append(of_screening(candidates, known, width))
    return rows


def of_formulas(candidates: Candidates, rng: np.random.Generator) -> dict[str, Any]:
    """Formulas a second on one core."""
    formulas = [
        format_formula(candidates[int(i)]) for i in rng.integers(len(candidates), size=5_000)
    ]
    ours = rate(partial(element_fractions, formulas), len(formulas))
    return rates.row("element fractions, against 200,000 a minute", ours, ASKED, 1.0, "formulas/s")


def of_hulls(rng: np.random.Generator) -> dict[str, Any]:
    """Energies of the hull of a quaternary system, against the linear programs of HiGHS."""
    compounds, energies = rng.dirichlet(np.ones(4), 60), -rng.random(60)
    wanted = rng.dirichlet(np.ones(4), 205)
    ours = rate(lambda: LowerHull.of(compounds, energies)(wanted), len(wanted))
    peer = rate(partial(convex_hull_energy, compounds, energies, at=wanted), len(wanted))
    return rates.row(
        "hull of 60 quaternary compounds, facets against HiGHS", ours, peer, 10.0, "points/s"
    )


def of_screening(candidates: Candidates, known: Compositions, width: float) -> dict[str, Any]:
    """Candidates a second with prediction and hull, against layers in NumPy.

    Shards are independent, so that ten Dask workers like this machine take a tenth of its time.
    """
    network = untrained(width)
    wanted = len(candidates.recipes) * SYSTEMS
    work = partial(screen, candidates, known=known, max_systems=SYSTEMS)
    ours = rate(partial(work, predict=network), wanted)
    peer = rate(partial(work, predict=numpy_layers(network)), wanted)
    hours = N_CANDIDATES[4] / ours / 3_600
    case = (
        f"screening, width {width:g}, against NumPy; {N_CANDIDATES[4]:,} take {hours:.1f} h, "
        f"{hours / 10:.1f} h on ten workers"
    )
    return rates.row(case, ours, peer, 1.0, "candidates/s")


def numpy_layers(network: ElemNet) -> Callable[[Floats], Floats]:
    """Return the network as plain products of matrices."""
    dense = [one for one in network.model.layers if isinstance(one, keras.layers.Dense)]
    *hidden, last = [layer.get_weights() for layer in dense]

    def predict(fractions: Floats) -> Floats:
        state = fractions
        for weights, bias in hidden:
            state = np.maximum(state @ weights + bias, 0)
        return (state @ last[0] + last[1])[:, 0]

    return predict


def untrained(width: float) -> ElemNet:
    """Build a network with random weights."""
    model = build_elemnet(len(OQMD_ELEMENTS), width=width, dropout=0.0, seed=0)
    return ElemNet(Fitted(model, {}, 0.0), OQMD_ELEMENTS, 0.0, 1.0)


def random_compounds(rng: np.random.Generator, n: int = 30_000) -> Compositions:
    """Draw compounds of two to four elements, each composition once."""
    amounts = np.zeros((n, len(OQMD_ELEMENTS)), np.int64)
    for row in amounts:
        some = rng.choice(len(row), rng.integers(2, 5), replace=False)
        row[some] = rng.integers(1, 5, len(some))
    amounts //= np.gcd.reduce(amounts, axis=1, keepdims=True)
    amounts = np.unique(amounts, axis=0)
    return Compositions(amounts, -rng.random(len(amounts)))
