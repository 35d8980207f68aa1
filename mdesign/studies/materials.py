"""Value of artificial samples, for one material after another.

A generative model and a Markov random field learn from a few authentic images of a material. Their
samples are compared with authentic ones in texture and properties, and update a network that
predicts the properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.stats import ks_2samp

from mdesign import arguments, seeding
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
    """Settings of `study_material`.

    Parameters
    ----------
    generations, networks : GenerationSettings and NetworkSettings
        Of the generative model, whose seed is that of the study, and of the predicting networks.
    sizes : sequence of int
        Numbers of samples added to the training set, positive and rising. The last is also the
        number of samples drawn from each model.
    n_draws : int
        Draws of each size.
    """

    generations: GenerationSettings
    networks: NetworkSettings
    sizes: Sequence[int]
    n_draws: int

    def __post_init__(self) -> None:
        arguments.settle(self, sizes="[1, inf)", n_draws="[1, inf)")
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError(f"sizes must be rising, one at least; got {self.sizes}")


@dataclass(frozen=True)
class MaterialStudy:
    """Result of `study_material`.

    Parameters
    ----------
    sets : LabelledSets
        The authentic samples.
    sources : dict of str to Labelled
        Samples of the proposed model, of the Markov field, and further authentic ones if any.
    textures : dict of str to TextureComparison
        Artificial samples compared with the authentic ones that the models were trained on.
    novelty : dict of str to float
        Median difference of an artificial sample from its nearest authentic one, over that of an
        authentic sample outside the training set; near 0 for copies.
    accuracy : AddedData
        Accuracy of networks updated with the samples of each source.
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
        """Kolmogorov-Smirnov distances of the properties of a source from the authentic ones."""
        pairs = zip(self._properties(source).T, self.authentic.T, strict=True)
        return np.array([ks_2samp(ours, theirs).statistic for ours, theirs in pairs])

    def spreads(self, source: str) -> npt.NDArray[np.float64]:
        """Measure the standard deviations of a source's properties, over the authentic ones."""
        return self._properties(source).std(axis=0) / self.authentic.std(axis=0)

    def gains(self, source: str) -> npt.NDArray[np.float64]:
        """Gain in mean test R2 of each draw by all samples of a source, over `accuracy.longer`."""
        added = self.accuracy.added[arguments.choice("source", source, self.accuracy.added)]
        return (added[-1] - self.accuracy.longer).mean(axis=1)

    def _properties(self, source: str) -> npt.NDArray[np.float64]:
        return self.sources[arguments.choice("source", source, self.sources)].properties


def study_material(
    data: PorousData,
    settings: StudySettings,
    medium: PropertySolver,
    *,
    further: npt.ArrayLike | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
) -> MaterialStudy:
    """Learn from authentic samples, draw artificial ones, and measure their value.

    Parameters
    ----------
    data : PorousData
        The authentic samples, of the size of the generative model.
    settings : StudySettings
        Sizes, draws and training.
    medium : PropertySolver
        The physics, such as `mdesign.physics.PorousMedium`.
    further : array_like, shape (n, size, size), optional
        Further authentic samples, another source to add.
    folder : pathlib.Path, optional
        Where models, properties and networks are kept, so that a killed study can be resumed and
        other notebooks can reuse them.
    progress : bool
        Show bars.

    Returns
    -------
    MaterialStudy
    """
    seed, n = settings.generations.seed, settings.sizes[-1]
    generator = train_generations(data.known, settings.generations, folder, progress=progress)
    markov = MarkovField().fit(data.known, seeding.rng(seed))
    size = settings.generations.size
    generated = {
        PROPOSED: artificial(generator, n, seeding.rng(seed + 1)),
        MARKOV: artificial(markov, n, seeding.rng(seed + 2), size=size),
    }
    labels = None if folder is None else Path(folder) / "labels"
    images = generated
    if further is not None:
        images = images | {AUTHENTIC: arguments.phases("further", further, f"(n, {size}, {size})")}
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
        folder=None if folder is None else Path(folder) / "networks",
        progress=progress,
    )
    return MaterialStudy(
        sets,
        sources,
        {name: compare_textures(phases, data.known) for name, phases in generated.items()},
        _novelty(generated, data),
        accuracy,
        fraction_regression(sets),
    )


def equivalent_number(
    sizes: Sequence[int], baseline: float, authentic: npt.ArrayLike, value: float
) -> float:
    """Find the number of authentic samples that raise the accuracy as much as others do.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of added authentic samples, in rising order.
    baseline : float
        Accuracy without any.
    authentic : array_like, shape (n_sizes,)
        Accuracy with them; a loss from one size to a larger one counts as no change.
    value : float
        Accuracy with the other samples.

    Returns
    -------
    float
        Interpolated, and limited to the range from 0 to the last size.

    Raises
    ------
    ValueError
        If `sizes` do not rise, or there is not one accuracy for each.

    Examples
    --------
    >>> equivalent_number([100, 400], 0.6, [0.7, 0.8], 0.75)
    250.0
    """
    curve = arguments.array("authentic", authentic, "(n,)")
    numbers = np.array([0, *(arguments.whole("sizes", size) for size in sizes)], np.float64)
    if len(curve) != len(sizes) or (np.diff(numbers) <= 0).any():
        raise ValueError(
            f"sizes must rise, and authentic have one value for each; got {list(sizes)} and {curve}"
        )
    baseline, value = arguments.number("baseline", baseline), arguments.number("value", value)
    heights = np.maximum.accumulate(np.concatenate([[baseline], curve]))
    # Where the curve is flat, the fewest samples count.
    rising = np.concatenate([[True], np.diff(heights) > 0])
    return round(float(np.interp(value, heights[rising], numbers[rising])), 6)


def _novelty(generated: dict[str, npt.NDArray[np.uint8]], data: PorousData) -> dict[str, float]:
    """Median difference from the nearest training sample, over that of unseen authentic ones."""
    usual = np.median(nearest_difference(data.test[:_NOVELTY], data.known))
    return {
        name: float(np.median(nearest_difference(phases[:_NOVELTY], data.known)) / usual)
        for name, phases in generated.items()
    }
