"""What artificial samples are worth, asked of one material after another.

A material is known by a few authentic images. A generative model and a Markov random field learn
from them; what they make is compared with authentic images in texture and in properties; and a
network that predicts properties is updated with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

from mdesign import seeding
from mdesign.data.sets.porous import PorousData
from mdesign.data.sets.properties import Labelled, LabelledSets, PropertySolver, label, label_sets
from mdesign.microstructure import (
    MarkovField,
    TextureComparison,
    compare_textures,
    nearest_difference,
)
from mdesign.models.structure_property.training import NetworkSettings
from mdesign.models.vae.training import GenerationSettings, artificial, train_generations
from mdesign.studies.added_data import AddedData, added_data_study, fraction_regression

__all__ = ["MaterialStudy", "StudySettings", "equivalent_number", "study_material"]

PROPOSED, MARKOV, AUTHENTIC = "proposed", "Markov field", "authentic"
_NOVELTY = 100


@dataclass(frozen=True)
class StudySettings:
    """How a material is studied.

    Parameters
    ----------
    generations : GenerationSettings
        Of the generative model; its seed is that of the study.
    networks : NetworkSettings
        Of the networks that predict properties.
    sizes : tuple of int
        How many samples are added to the training set, in rising order; the last is also how many
        each model draws.
    n_draws : int
        Draws of each size.

    Raises
    ------
    ValueError
        If the sizes are not positive and rising.
    """

    generations: GenerationSettings
    networks: NetworkSettings
    sizes: tuple[int, ...]
    n_draws: int

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError(f"sizes must be positive and rising; got {self.sizes}")


@dataclass(frozen=True)
class MaterialStudy:
    """What was found about a material.

    Parameters
    ----------
    sets : LabelledSets
        The authentic samples.
    sources : dict of str to Labelled
        Samples to add: of the proposed model, of the Markov field, and further authentic ones
        where there are any.
    textures : dict of str to TextureComparison
        The artificial ones beside the authentic ones they were learnt from.
    novelty : dict of str to float
        Median difference of an artificial sample from its nearest authentic one, over that of an
        authentic sample that the models do not know; near 0 for copies.
    accuracy : AddedData
        What the added samples do to the networks.
    fraction_alone : ndarray, shape (n_properties,)
        Test R2 of a polynomial in the volume fraction.
    """

    sets: LabelledSets
    sources: dict[str, Labelled]
    textures: dict[str, TextureComparison]
    novelty: dict[str, float]
    accuracy: AddedData
    fraction_alone: npt.NDArray[np.float64]

    @property
    def authentic(self) -> npt.NDArray[np.float64]:
        """Properties of all authentic samples of the three sets."""
        parts = (self.sets.train, self.sets.validation, self.sets.test)
        return np.concatenate([part.properties for part in parts])

    def distances(self, source: str) -> npt.NDArray[np.float64]:
        """Measure how far the distributions of a source lie from the authentic ones.

        Parameters
        ----------
        source : str
            Its name in `sources`.

        Returns
        -------
        ndarray, shape (n_properties,)
            Distances of Kolmogorov and Smirnov, from 0 to 1.
        """
        pairs = zip(self.sources[source].properties.T, self.authentic.T, strict=True)
        return np.array([ks_2samp(ours, theirs).statistic for ours, theirs in pairs])

    def spreads(self, source: str) -> npt.NDArray[np.float64]:
        """Measure how wide the distributions of a source are.

        Parameters
        ----------
        source : str
            Its name in `sources`.

        Returns
        -------
        ndarray, shape (n_properties,)
            Standard deviations over the authentic ones.
        """
        return self.sources[source].properties.std(axis=0) / self.authentic.std(axis=0)

    def gains(self, source: str) -> npt.NDArray[np.float64]:
        """Measure what all samples of a source add to networks trained on for as long without.

        Parameters
        ----------
        source : str
            Its name in `sources`.

        Returns
        -------
        ndarray, shape (n_draws,)
            Change of test R2, mean of the properties.
        """
        return (self.accuracy.added[source][-1] - self.accuracy.longer).mean(axis=1)


def study_material(
    data: PorousData,
    settings: StudySettings,
    medium: PropertySolver,
    *,
    further: npt.NDArray[np.uint8] | None = None,
    folder: Path | None = None,
    progress: bool = False,
) -> MaterialStudy:
    """Learn from authentic samples, make artificial ones, and find out what they are worth.

    Parameters
    ----------
    data : PorousData
        The authentic samples.
    settings : StudySettings
        How.
    medium : PropertySolver
        The physics, such as `mdesign.physics.PorousMedium`.
    further : ndarray of uint8, shape (n, size, size), optional
        Further authentic samples, another source to add.
    folder : pathlib.Path, optional
        Where models, properties and networks are kept, so that a killed study goes on where it
        was and other notebooks find what they share with it.
    progress : bool
        Show bars.

    Returns
    -------
    MaterialStudy
        What was found.

    Raises
    ------
    ValueError
        If the images have another size than the generative model.
    """
    seed, n = settings.generations.seed, settings.sizes[-1]
    generator = train_generations(data.known, settings.generations, folder, progress=progress)
    markov = MarkovField().fit(data.known, seeding.rng(seed))
    size = settings.generations.size
    made = {
        PROPOSED: artificial(generator, n, seeding.rng(seed + 1)),
        MARKOV: artificial(markov, n, seeding.rng(seed + 2), size=size),
    }
    labels = None if folder is None else folder / "labels"
    images = made | ({} if further is None else {AUTHENTIC: further})
    sources = {
        name: label(phases, medium, folder=labels, name=name, progress=progress)
        for name, phases in images.items()
    }
    sets = label_sets(data.train, data.validation, data.test, medium, folder=labels)
    accuracy = added_data_study(
        sets,
        sources,
        settings.sizes,
        settings=settings.networks,
        n_draws=settings.n_draws,
        folder=None if folder is None else folder / "networks",
        progress=progress,
    )
    return MaterialStudy(
        sets,
        sources,
        {name: compare_textures(phases, data.known) for name, phases in made.items()},
        _novelty(made, data),
        accuracy,
        fraction_regression(sets),
    )


def equivalent_number(
    sizes: Sequence[int], baseline: float, authentic: npt.ArrayLike, value: float
) -> float:
    """Say how many authentic samples raise the accuracy as much as others have done.

    Parameters
    ----------
    sizes : sequence of int
        How many authentic samples were added, in rising order.
    baseline : float
        Accuracy without any.
    authentic : array_like, shape (n_sizes,)
        Accuracy with them; a loss from one size to a larger one counts as no change.
    value : float
        Accuracy with the others.

    Returns
    -------
    float
        Between 0 and the last size, interpolated; both ends stand for what lies beyond them too.

    Raises
    ------
    ValueError
        If there is not one accuracy for each size.

    Examples
    --------
    >>> equivalent_number([100, 400], 0.6, [0.7, 0.8], 0.75)
    250.0
    """
    curve = np.asarray(authentic, dtype=np.float64)
    if curve.shape != (len(sizes),):
        raise ValueError(
            f"authentic must have one value for each of {len(sizes)} sizes; got {curve.shape}"
        )
    heights = np.maximum.accumulate(np.concatenate([[baseline], curve]))
    # Where the curve is flat, the fewest samples count.
    rising = np.concatenate([[True], np.diff(heights) > 0])
    numbers = np.concatenate([[0], np.asarray(sizes, dtype=np.float64)])
    return round(float(np.interp(value, heights[rising], numbers[rising])), 6)


def _novelty(made: dict[str, npt.NDArray[np.uint8]], data: PorousData) -> dict[str, float]:
    """Median difference from the nearest known sample, over that of unknown authentic ones."""
    usual = np.median(nearest_difference(data.test[:_NOVELTY], data.known))
    return {
        name: float(np.median(nearest_difference(phases[:_NOVELTY], data.known)) / usual)
        for name, phases in made.items()
    }
