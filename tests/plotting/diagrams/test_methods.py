"""The framework and the flowchart show what they are given."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign.plotting import FLOWCHART_SIZE, Flow, draw_flowchart, draw_framework

MAPS, IMAGES = np.zeros((2, 3, 3)), np.zeros((2, 96, 96))


@pytest.fixture
def ax():
    return Figure().add_axes((0, 0, 1, 1))


def flow(**others):
    settings = {
        "latents": MAPS,
        "patterns": IMAGES,
        "values": np.linspace(0.6, 0.7, 50),
        "target": 0.75,
        "designed_latents": MAPS,
        "designed_patterns": IMAGES,
        "designed_values": [0.75, 0.7575],
        "filters": (128, 64, 32, 16, 1),
        "neurons": (16,) * 4,
    }
    return Flow(**(settings | others))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def images(ax):
    return [panel.images[0].get_array() for panel in ax.child_axes if panel.images]


def test_flowchart_names_its_parts_and_shows_the_run(ax):
    draw_flowchart(ax, flow())
    written = texts(ax)
    for name in ("MDN", "latent z", "generator", "RCWA"):
        assert written.count(name) == 2
    for text in ("3 × 3", "96 × 96", "128-64-32-16-1", "REP 0.0 %, 1.0 %", "y* = 0.75"):
        assert text in written
    assert len(images(ax)) == 8
    assert ax.get_xlim()[1] == FLOWCHART_SIZE[0]
    # The target lies beyond the data: the histogram behind it must reach there.
    reached = [panel.get_xlim()[1] for panel in ax.child_axes if panel.lines]
    assert reached[0] >= 0.75


@pytest.mark.parametrize("name", ["latents", "designed_patterns"])
def test_flowchart_needs_two_of_a_kind(name):
    with pytest.raises(ValueError, match=rf"{name} must have shape \(2, .*; got \(3, 4, 4\)"):
        dataclasses.replace(flow(), **{name: np.zeros((3, 4, 4))})


def test_framework_names_its_parts_and_shows_all_images(ax):
    pair = np.ones((2, 8, 8))
    draw_framework(
        ax,
        samples=pair,
        starts=pair / 2,
        designs=pair * 0,
        strain=pair[0],
        captions=("i", "j", "k"),
    )
    written = {text.get_text() for text in ax.texts}
    parts = {"Training data", "Predictor", "Designer", "Physics-based model", "Optimised designs"}
    assert parts | {"i", "j", "k"} <= written
    assert sum(len(inset.images) for inset in ax.child_axes) == 7
    with pytest.raises(ValueError, match="samples must have shape"):
        draw_framework(ax, samples=pair[0], starts=pair, designs=pair, strain=pair[0])
