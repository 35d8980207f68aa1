"""Training a generator of microstructures on Gaussian random fields, resumable."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from mdesign.data.sets.absorption import sample_latents
from mdesign.models.batch_norm import settle_norms
from mdesign.models.features import feature_network
from mdesign.models.gan.fields import UPSCALING, FieldCrops, GanSettings
from mdesign.models.gan.network import Gan, build_discriminator, build_generator
from mdesign.models.gan.records import GanTraining, save_training, texture
from mdesign.training.checkpoints import Checkpoints, Recorder, TrainingState

__all__ = ["FieldCrops", "GanSettings", "GanTraining", "save_training", "texture", "train_gan"]

#: Images whose statistics the finished generator keeps.
N_SETTLE = 500


def train_gan(
    settings: GanSettings,
    folder: str | Path | None = None,
    *,
    checkpoint_every: int = 200,
    progress: bool = False,
) -> GanTraining:
    """Train a generator and a discriminator on Gaussian random fields.

    What a step sees depends on the seed and its number alone, so that a run that was killed
    goes on from its last checkpoint as if nothing had happened.

    Parameters
    ----------
    settings : GanSettings
        The run.
    folder : path-like, optional
        Where checkpoints are kept, in a subfolder for these settings. A finished run found
        there is returned at once. Without it nothing is kept.
    checkpoint_every : int, optional
        Steps between checkpoints.
    progress : bool, optional
        Show a bar.

    Returns
    -------
    GanTraining
        The trained networks and their losses.

    Raises
    ------
    ValueError
        If a feature network cannot be had, or `checkpoint_every` is below 1.

    References
    ----------
    Yang et al., J. Mech. Des. 140, 111416 (2018): the networks and the three losses.
    """
    if checkpoint_every < 1:
        raise ValueError(f"checkpoint_every must be at least 1; got {checkpoint_every}")
    gan = _build(settings)
    checkpoints = None if folder is None else Checkpoints(Path(folder), settings, "gan")
    state = TrainingState() if checkpoints is None else checkpoints.restore(gan)
    if state.step < settings.n_steps:
        batches = FieldCrops(settings, first=state.step)
        with tqdm(
            total=settings.n_steps, initial=state.step, desc="GAN", disable=not progress
        ) as bar:
            recorder = Recorder(state, checkpoints, checkpoint_every, bar)
            gan.fit(batches, verbose=0, shuffle=False, callbacks=[recorder])
    _settle(gan.generator, settings)
    return GanTraining(gan.generator, gan.discriminator, state.losses, state.seconds)


def _build(settings: GanSettings) -> Gan:
    """Build the three networks and the two optimisers of a run."""
    gan = Gan(
        build_generator(seed=settings.seed),
        build_discriminator(settings.image_size, seed=settings.seed + 1),
        feature_network(settings),
        weights=settings.weights,
        discriminator_steps=settings.discriminator_steps,
    )
    gan.compile_optimizers(
        _adam(settings.generator_rate, settings.n_steps),
        _adam(settings.discriminator_rate, settings.n_steps),
    )
    return gan


def _settle(generator: keras.Model, settings: GanSettings) -> None:
    """Let the moving averages of the generator catch up with its weights."""
    side = settings.image_size // UPSCALING
    latents = sample_latents(N_SETTLE, (side, side), np.random.default_rng(settings.seed))
    settle_norms(generator, latents[..., None])


def _adam(rate: float, n_steps: int) -> keras.optimizers.Optimizer:
    """Adam whose rate falls linearly to a tenth."""
    schedule = keras.optimizers.schedules.PolynomialDecay(
        rate, n_steps, end_learning_rate=rate / 10
    )
    return keras.optimizers.Adam(schedule, beta_1=0.5)
