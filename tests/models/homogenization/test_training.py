"""Labelled cells, the network that learns them, and how it is judged."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from mdesign.data.sets import stiffness
from mdesign.data.sets.stiffness import (
    COMPOSITE,
    stiffness_along_axis_0,
    stiffness_cells,
)
from mdesign.microstructure import FILTER_WIDTHS, filtered_noise
from mdesign.models.homogenization.training import (
    PAPER_FIT,
    StiffnessNetwork,
    train_homogenization_cnn,
)
from mdesign.models.metrics import Accuracy, accuracy
from mdesign.training.fit import FitSettings, Fitted

QUICK = FitSettings(batch_size=8, patience=20, epochs=10, validation_share=0.2)
SMALL = {"filters": (8, 16, 32), "dense": (32,)}


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return stiffness_cells(150, 8, scale=0.4, folder=tmp_path_factory.mktemp("cells"))


def test_the_stiffness_is_that_of_the_solver():
    phases = filtered_noise(5, (7, 7, 7), fraction=0.5, widths=1, rng=np.random.default_rng(0))
    exact = replace(COMPOSITE, tolerance=1e-9, dtype="float64").effective_stiffness(phases)
    np.testing.assert_allclose(stiffness_along_axis_0(phases), exact[:, 0, 0], rtol=3e-6)


def test_cells_solved_in_parts_are_the_same(monkeypatch):
    phases = filtered_noise(5, (6, 6, 6), fraction=0.5, widths=1, rng=np.random.default_rng(0))
    together = stiffness_along_axis_0(phases)
    monkeypatch.setattr(stiffness, "SOLVED_TOGETHER", 2 * 6**3)
    np.testing.assert_array_equal(stiffness_along_axis_0(phases), together)


def test_the_stiff_phase_alone_and_laminates_are_known():
    # lambda + 2 mu of each phase, and layers along and across axis 0.
    normal = COMPOSITE.lame_parameters[0] + 2 * COMPOSITE.lame_parameters[1]
    phases = np.zeros((2, 4, 4, 4), np.uint8)
    phases[0, :2] = 1
    phases[1] = 1
    found = stiffness_along_axis_0(phases)
    np.testing.assert_allclose(found, [2 / (1 / normal).sum(), normal[1]], rtol=1e-5)


def test_cells_have_the_fractions_and_filters_asked_for(cells):
    assert cells.phases.shape == (150, 8, 8, 8)
    assert cells.fraction.min() > 0.24
    assert cells.fraction.max() < 0.76
    assert np.ptp(cells.fraction) > 0.4
    rows = {tuple(row) for row in (0.4 * FILTER_WIDTHS).tolist()}
    assert {tuple(row) for row in cells.widths.tolist()} == rows
    # Stiffer with more of the stiff phase, yet by no means by it alone.
    assert 0.7 < np.corrcoef(cells.fraction, cells.stiffness)[0, 1] < 0.98


def test_a_second_call_reads_and_a_larger_set_continues(tmp_path, monkeypatch):
    first = stiffness_cells(60, 6, folder=tmp_path)
    monkeypatch.setattr(stiffness, "SHARD_SIZE", 50)
    calls = []
    solve = stiffness_along_axis_0

    def counted(phases, composite):
        calls.append(len(phases))
        return solve(phases, composite)

    monkeypatch.setattr(stiffness, "stiffness_along_axis_0", counted)
    again = stiffness_cells(100, 6, folder=tmp_path)
    # The probe alone: the second shard was made whole.
    assert calls == [2]
    np.testing.assert_array_equal(again.phases[:60], first.phases)
    np.testing.assert_array_equal(again[:60].stiffness, first.stiffness)
    np.testing.assert_allclose(solve(again.phases[90:]), again.stiffness[90:], rtol=1e-6)


def test_other_settings_give_other_cells(tmp_path):
    first = stiffness_cells(4, 6, folder=tmp_path)
    soft = replace(COMPOSITE, youngs_moduli=(2.4, 24.0))
    for changes in ({"seed": 1}, {"scale": 0.5}, {"fractions": (0.3, 0.4)}, {"composite": soft}):
        other = stiffness_cells(4, 6, folder=tmp_path, **changes)
        assert (other.stiffness != first.stiffness).all()


def test_the_network_learns_more_than_the_fraction_tells(cells, tmp_path):
    train, test = cells[:120], cells[120:]
    network = train_homogenization_cnn(
        train, **SMALL, moved=True, settings=QUICK, folder=tmp_path / "fits"
    )
    cubic = np.polyfit(train.fraction, train.stiffness, 3)
    by_fraction = accuracy(np.polyval(cubic, test.fraction), test.stiffness)
    assert accuracy(network(test.phases), test.stiffness).gpa < 0.9 * by_fraction.gpa
    assert network.fitted.validation_loss.argmin() > 2

    again = train_homogenization_cnn(
        train, **SMALL, moved=True, settings=QUICK, folder=tmp_path / "fits"
    )
    assert again.fitted.seconds == network.fitted.seconds
    np.testing.assert_array_equal(again(test.phases), network(test.phases))
    assert len(list((tmp_path / "fits").glob("*/final.weights.h5"))) == 1


def test_the_kept_network_is_tied_to_what_shaped_it(cells, tmp_path):
    short = replace(QUICK, epochs=1)
    tiny = {"filters": (2,), "dense": (), "settings": short, "folder": tmp_path / "fits"}
    for changes in ({}, {"penalty": 0.1}, {"moved": True}, {}):
        train_homogenization_cnn(cells[:20], **tiny | changes)
    assert len(list((tmp_path / "fits").glob("*/final.weights.h5"))) == 3


def test_moved_copies_average_out_where_a_network_looks():
    # A network that sees one corner of a cell: the mean over its copies is the stiff fraction.
    cells = keras.Input((4, 4, 4, 1))
    corner = Fitted(keras.Model(cells, cells[:, 0, 0, 0]), {}, 0.0)
    network, phases = StiffnessNetwork(corner), np.zeros((3, 4, 4, 4))
    phases[1, 0], phases[2] = 1, 1
    assert network(phases).tolist() == [0, 1, 1]
    found = network.averaged(phases, 2_000, np.random.default_rng(0))
    assert found == pytest.approx([0, 0.25, 1], abs=0.04)
    with pytest.raises(ValueError, match="copies must be at least 1; got 0"):
        network.averaged(phases, 0, np.random.default_rng(0))


def test_the_papers_training():
    assert (PAPER_FIT.batch_size, PAPER_FIT.patience, PAPER_FIT.validation_share) == (8, 10, 0.2)


def test_the_papers_percentages_share_one_mean():
    published = [(1.04, 3.10), (15.68, 46.66), (2.28, 6.79)]
    means = [100 * gpa / percent for gpa, percent in published]
    assert np.ptp(means) < 0.06
    assert accuracy([34.64], [33.6]) == pytest.approx(Accuracy(1.04, 3.095), abs=1e-3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c, f: stiffness_cells(2, 6, scale=0, folder=f), "scale must be positive"),
        (lambda c, f: stiffness_cells(2, 6, fractions=(0.7, 0.3), folder=f), "fractions must rise"),
        (lambda c, f: stiffness_cells(0, 6, folder=f), "n must be at least 1"),
        (lambda c, f: accuracy([1.0], [1.0, 2.0]), "as many, at least 1"),
        (lambda c, f: accuracy([], []), "as many, at least 1"),
        (lambda c, f: train_homogenization_cnn(c), "size must be at least 32"),
        (
            lambda c, f: train_homogenization_cnn(replace(c, stiffness=np.full(len(c), 2.0))),
            "cells must differ in their stiffness; got 2.0 for all",
        ),
    ],
)
def test_says_what_is_wrong(cells, tmp_path, call, said):
    with pytest.raises(ValueError, match=said):
        call(cells, tmp_path)
