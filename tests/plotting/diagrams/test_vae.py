import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from mdesign.plotting import (
    AUTOENCODER_SIZE,
    MORPHOLOGY_SIZE,
    AutoencoderLayers,
    draw_autoencoder,
    draw_morphology,
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
    with pytest.raises(ValueError, match="losses must be 2 term"):
        draw_autoencoder(ax, layers(variational=True), image=IMAGE, made=IMAGE, losses=["error"])
    with pytest.raises(ValueError, match="samples and authentic must have one shape"):
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
