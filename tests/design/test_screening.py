import itertools
import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from mdesign.crystals import ELEMENTS
from mdesign.crystals.hull import convex_hull_energy
from mdesign.data.sets.compositions import Compositions
from mdesign.design import screening
from mdesign.design.screening import candidate_compositions, screen
from mdesign.models.elemnet.network import build_elemnet
from mdesign.models.elemnet.training import ElemNet
from mdesign.training.fit import Fitted

KNOWN = Compositions(
    [[1, 2, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [1, 3, 1, 0], [0, 0, 1, 1], [2, 3, 0, 0]],
    [-3.0, -2.5, -1.0, -3.2, 0.4, -2.9],
    ("Ti", "O", "Sr", "Au"),
)


def energy(fractions):
    """A smooth model: energies of the size of the known ones."""
    return -4 * fractions[:, 0] * fractions[:, 1] * 2.93 - fractions[:, 2] * fractions[:, 1] * 4.07


@pytest.mark.parametrize(("n_species", "count"), [(2, 121_396), (3, 12_378_476), (4, 500_533_330)])
def test_counts_of_the_paper(n_species, count):
    assert len(candidate_compositions(ELEMENTS[:89], n_species)) == count


def test_candidates_against_brute_force():
    candidates = candidate_compositions(["Li", "Fe", "O", "Na"], 3, max_atoms=6)
    expected = {
        (system, amounts)
        for system in itertools.combinations(("Li", "Fe", "O", "Na"), 3)
        for amounts in itertools.product(range(1, 7), repeat=3)
        if sum(amounts) <= 6 and math.gcd(*amounts) == 1
    }
    listed = [(tuple(one), tuple(one.values())) for one in candidates]
    assert len(listed) == len(candidates) == len(expected)
    assert set(listed) == expected
    assert [candidates[i] for i in range(len(candidates))] == list(candidates)


def test_fractions_are_those_of_the_candidates_in_order():
    candidates = candidate_compositions(["Li", "Fe", "O", "Na"], 2, max_atoms=4)
    rows = [row for _, block in candidates.blocks(4) for row in candidates.fractions(block)]
    for row, amounts in zip(rows, candidates, strict=True):
        total = sum(amounts.values())
        expected = [amounts.get(symbol, 0) / total for symbol in candidates.elements]
        np.testing.assert_allclose(row, expected, atol=1e-7)


@pytest.mark.parametrize("n_species", [2, 3, 4])
def test_screening_against_brute_force(n_species):
    candidates = candidate_compositions(KNOWN.elements, n_species, max_atoms=6)
    result = screen(candidates, energy, KNOWN, keep=10_000)
    known = {
        frozenset((s, a) for s, a in zip(KNOWN.elements, row, strict=True) if a)
        for row in KNOWN.amounts.tolist()
    }
    amounts = [one for one in candidates if frozenset(one.items()) not in known]
    fractions = np.array(
        [[one.get(s, 0) / sum(one.values()) for s in KNOWN.elements] for one in amounts]
    )
    hull = convex_hull_energy(KNOWN.fractions, KNOWN.values, at=fractions)
    distances = energy(fractions) - hull
    assert result.n_candidates == len(amounts) == len(result.formulas)
    assert result.n_stable == (distances < 0).sum() > 0
    assert result.histogram.sum() == len(amounts)
    np.testing.assert_allclose(result.distances, np.sort(distances), atol=1e-6)


def test_the_best_are_kept_whatever_the_blocks(monkeypatch):
    candidates = candidate_compositions(KNOWN.elements, 2, max_atoms=8)
    whole = screen(candidates, energy, KNOWN, keep=7)
    assert len(whole.formulas) == 7
    monkeypatch.setattr(screening, "_SYSTEMS_AT_ONCE", 1)
    monkeypatch.setattr(screening, "_SHARD", 2)
    again = screen(candidates, energy, KNOWN, keep=7)
    assert again.formulas == whole.formulas
    assert again.n_stable == whole.n_stable


def test_workers_find_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(screening, "_SHARD", 2)
    candidates = candidate_compositions(KNOWN.elements, 2, max_atoms=8)
    alone = screen(candidates, energy, KNOWN, keep=7)
    kept = {"folder": tmp_path, "model_name": "smooth"}
    with ThreadPoolExecutor(2) as executor:
        together = screen(candidates, energy, KNOWN, keep=7, executor=executor, **kept)
    assert together.formulas == alone.formulas
    assert together.n_stable == alone.n_stable
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_a_network_can_be_sent_to_a_worker():
    elements = KNOWN.elements
    model = build_elemnet(len(elements), width=0.02, seed=0)
    fitted = Fitted(model, {"loss": [0.0]}, 0.0)
    network = ElemNet(fitted, elements, 1.0, 2.0)
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again(KNOWN.fractions), network(KNOWN.fractions))
    oxides = KNOWN.lie_within(["O", "Ti"])
    part = pickle.loads(pickle.dumps(network.of_elements(["O", "Ti"])))
    fractions = KNOWN.fractions[oxides]
    np.testing.assert_allclose(part(fractions[:, [1, 0]]), network(fractions), rtol=1e-6)
    with pytest.raises(ValueError, match="elements must be different symbols among Ti, O"):
        network.of_elements(["Fe"])
    with pytest.raises(ValueError, match=r"fractions must have shape \(n, 2\)"):
        part(fractions)


def test_a_killed_screening_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(screening, "_SHARD", 2)
    candidates = candidate_compositions(KNOWN.elements, 2, max_atoms=5)
    calls = []

    def killed(fractions):
        calls.append(len(fractions))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return energy(fractions)

    arguments = {"folder": tmp_path, "model_name": "smooth"}
    with pytest.raises(KeyboardInterrupt):
        screen(candidates, killed, KNOWN, **arguments)
    again = screen(candidates, killed, KNOWN, **arguments)
    assert len(calls) == 4  # two shards were kept, the third was computed twice
    assert again.formulas == screen(candidates, energy, KNOWN).formulas


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["Ti", "Ti"], 2), "elements must be different symbols"),
        ((["Ti", "Q"], 2), "elements must be different symbols"),
        ((["Ti"], 2), "elements must be 2 or more"),
        ((["Ti", "O"], 0), "n_species must"),
        ((["Ti", "O"], 2, 1), "max_atoms must"),
    ],
)
def test_bad_candidates_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        candidate_compositions(*arguments)


def test_pure_elements_belong_to_the_hull():
    known = Compositions([[1, 0], [2, 1]], [-5.0, -1.0], ("Li", "O"))
    candidates = candidate_compositions(known.elements, 2, max_atoms=3)
    result = screen(candidates, lambda x: np.full(len(x), -1.0), known)
    assert result.formulas == ["LiO2", "LiO"]
    hull = convex_hull_energy(known.fractions, known.values, at=[[1 / 3, 2 / 3], [1 / 2, 1 / 2]])
    np.testing.assert_allclose(result.distances, -1 - hull, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_predictions_that_are_not_finite_are_refused(wrong):
    candidates = candidate_compositions(["Ti", "O"], 2)
    with pytest.raises(ValueError, match="what predict returns must be finite"):
        screen(candidates, lambda x: np.where(x[:, 0] > 0.5, wrong, -1.0), KNOWN)


def test_bad_screenings_are_refused(tmp_path):
    candidates = candidate_compositions(["Ti", "O"], 2)
    with pytest.raises(ValueError, match=r"what predict returns must have shape \(31,\)"):
        screen(candidates, lambda x: -1.0, KNOWN)
    forked = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"))
    with pytest.raises(ValueError, match="executor must start its processes by spawn"):
        screen(candidates, energy, KNOWN, executor=forked)
    candidates = candidate_compositions(["Ti", "Fe"], 2)
    with pytest.raises(ValueError, match=r"known must have the elements.*\['Fe'\]"):
        screen(candidates, energy, KNOWN)
    with pytest.raises(ValueError, match="model_name, which a folder needs, must not be empty"):
        screen(candidate_compositions(["Ti", "O"], 2), energy, KNOWN, folder=tmp_path)
