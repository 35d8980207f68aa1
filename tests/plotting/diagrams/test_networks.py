import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mdesign.plotting import (
    AUTOENCODER_SIZE,
    MIXTURE_SIZE,
    MORPHOLOGY_SIZE,
    AutoencoderLayers,
    draw_autoencoder,
    draw_mixture_network,
    draw_morphology,
    draw_stages,
)

ENCODER = [(32, 4), (16, 4), (16, 8)]
DECODER = [(8, 1), (16, 8), (32, 4)]
IMAGE = np.linspace(0, 1, 64).reshape(8, 8)
SAMPLES = np.stack([IMAGE, IMAGE.T, IMAGE])


def canvas(size):
    figure = plt.figure(figsize=(size[0] / 2.54, size[1] / 2.54))
    return figure.add_axes((0, 0, 1, 1))


def layers(*, variational):
    return AutoencoderLayers(ENCODER, DECODER, (20, 30), 5, variational)


def drawn(*, variational):
    ax = canvas(AUTOENCODER_SIZE)
    losses = ["squared error", "divergence"][: 1 + variational]
    made = 0.5 * IMAGE
    draw_autoencoder(ax, layers(variational=variational), image=IMAGE, made=made, losses=losses)
    return ax


def texts(ax):
    return [text.get_text() for text in ax.texts]


def outside(ax):
    """Texts that leave the figure."""
    figure = ax.figure
    figure.canvas.draw()
    frame = figure.bbox
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts if text.get_text()}
    return [
        text
        for text, box in boxes.items()
        if min(box.x0 - frame.x0, box.y0 - frame.y0, frame.x1 - box.x1, frame.y1 - box.y1) < -1
    ]


@pytest.mark.parametrize("variational", [False, True])
def test_every_layer_is_drawn_and_labelled(variational):
    ax = drawn(variational=variational)
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(bars) == len(ENCODER) + len(DECODER) + 2 + (3 if variational else 1)
    labels = texts(ax)
    for side, channels in (*ENCODER, *DECODER):
        assert f"{side}²\n× {channels}" in labels
    assert {"dense\n20", "dense\n30", "z\n5"} <= set(labels)
    assert ("$\\mu$" in labels) == variational
    assert ("divergence" in labels) == variational
    assert not outside(ax)
    plt.close(ax.figure)


def test_larger_maps_are_higher_and_more_maps_wider():
    ax = drawn(variational=False)
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    first, second, third = bars[:3]
    assert first.get_height() > second.get_height() == pytest.approx(third.get_height())
    assert second.get_width() < third.get_width()
    plt.close(ax.figure)


def test_images_stand_upright_on_both_sides():
    ax = drawn(variational=False)
    shown = [panel.images[0].get_array() for panel in ax.child_axes]
    np.testing.assert_allclose(shown[0], IMAGE.T)
    np.testing.assert_allclose(shown[1], 0.5 * IMAGE.T)
    plt.close(ax.figure)


def test_samples_authentic_images_and_their_grams_are_shown():
    ax = canvas(MORPHOLOGY_SIZE)
    grams = (np.eye(3), 2 * np.eye(3))
    draw_morphology(
        ax,
        samples=SAMPLES,
        authentic=1 - SAMPLES,
        grams=grams,
        n_latent=5,
        filters=(4, 8),
        weights=(3.0, 2_000.0),
    )
    shown = [panel.images[0] for panel in ax.child_axes]
    assert len(shown) == 8
    assert {image.get_clim() for image in (shown[3], shown[7])} == {(-2.0, 2.0)}
    assert any("3 × collapse + 2,000 × style" in text for text in texts(ax))
    assert any("4 - 8 filters" in text for text in texts(ax))
    assert not outside(ax)
    plt.close(ax.figure)


def test_says_what_is_wrong():
    ax = canvas(AUTOENCODER_SIZE)
    with pytest.raises(ValueError, match="losses must be 2 texts; got 1"):
        draw_autoencoder(ax, layers(variational=True), image=IMAGE, made=IMAGE, losses=["error"])
    with pytest.raises(ValueError, match=r"authentic must have shape \(3, 8, 8\); got \(2, 8, 8\)"):
        draw_morphology(
            ax,
            samples=SAMPLES,
            authentic=SAMPLES[:2],
            grams=(np.eye(2), np.eye(2)),
            n_latent=5,
            filters=(4, 8),
            weights=(1.0, 1.0),
        )
    plt.close(ax.figure)


@pytest.fixture
def ax():
    return Figure().add_axes((0, 0, 1, 1))


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
    with pytest.raises(ValueError, match=r"sides (and channels must be as many|must be at least)"):
        draw_stages(ax, sides, channels, title="generator")
