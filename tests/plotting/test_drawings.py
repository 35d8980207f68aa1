"""The flowchart and the architectures show what they are given."""

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure

from mdesign.plotting import (
    FLOWCHART_SIZE,
    MIXTURE_SIZE,
    Flow,
    draw_flowchart,
    draw_mixture_network,
    draw_stages,
)

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
def test_flowchart_needs_two_of_a_kind(ax, name):
    malformed = dataclasses.replace(flow(), **{name: np.zeros((3, 4, 4))})
    with pytest.raises(ValueError, match=r"must have shape \(2, rows, columns\); got \(3, 4, 4\)"):
        draw_flowchart(ax, malformed)


def network(ax, **others):
    settings = {
        "neurons": (16,) * 4,
        "inputs": (1, 17, 33, 49),
        "heads": [("means", 160), ("deviations", 160), ("weights", 40)],
        "grid": [-1.0, 0.0, 1.0],
        "densities": {"y = 0.6": np.array([0.0, 1.0, 0.0])},
    }
    draw_mixture_network(ax, **(settings | others))


def test_mixture_network_shows_layers_heads_and_densities(ax):
    network(ax)
    written = texts(ax)
    assert [text.split()[0] for text in written if "→" in text] == ["1", "17", "33", "49"]
    assert "360 outputs" in written
    assert [text for text in written if text.startswith("dense")] == [
        f"dense {number}" for number in (1, 2, 3, 4)
    ]
    (panel,) = ax.child_axes
    assert panel.lines[0].get_ydata().tolist() == [0, 1, 0]
    assert ax.get_ylim()[1] == MIXTURE_SIZE[1]


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
def test_every_layer_is_linked_to_all_behind_it(ax, n_layers):
    inputs = tuple(1 + 16 * k for k in range(n_layers))
    network(ax, neurons=(16,) * n_layers, inputs=inputs)
    arrows = sum(type(patch).__name__ == "FancyArrowPatch" for patch in ax.patches)
    # Each layer from the input and from all layers before it; one to each head, one to the plot.
    assert arrows == n_layers * (n_layers + 1) / 2 + 3 + 1


def test_layers_and_inputs_must_match(ax):
    with pytest.raises(ValueError, match="as many; got 4 and 3"):
        network(ax, inputs=(1, 17, 33))


def test_stages_state_sides_and_channels(ax):
    draw_stages(ax, [3, 6, 12], [1, 128, 1], title="generator")
    assert texts(ax) == ["3²\n× 1", "6²\n× 128", "12²\n× 1"]
    heights = [patch.get_height() for patch in ax.patches if hasattr(patch, "get_height")]
    assert heights == sorted(heights)
    assert ax.get_title() == "generator"


@pytest.mark.parametrize(("sides", "channels"), [([3, 6], [1]), ([3, 0], [1, 1])])
def test_malformed_stages_are_refused(ax, sides, channels):
    with pytest.raises(ValueError, match="sides and channels must be as many"):
        draw_stages(ax, sides, channels, title="generator")
