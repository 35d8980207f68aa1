"""What artificial samples are worth to a network that predicts properties.

k more samples join the authentic training set of a trained network, and the training goes on. What
they are worth is the change of R2 on the authentic test set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign.data.sets.properties import Labelled, LabelledSets
from mdesign.models.metrics import r_squared
from mdesign.models.structure_property.training import Learner, NetworkSettings
from mdesign.models.surrogate.network import shifted_and_turned

__all__ = [
    "AddedData",
    "added_data_study",
    "best_network",
    "fraction_prediction",
    "fraction_regression",
    "symmetric_copies",
]


@dataclass(frozen=True)
class AddedData:
    """What added samples did to the networks: test R2 of each draw and property.

    Attributes
    ----------
    sizes : tuple of int
        How many samples were added.
    baseline : ndarray, shape (n_draws, n_properties)
        Of the networks before any update.
    longer : ndarray, shape (n_draws, n_properties)
        Of networks updated without added samples: what training on alone does.
    added : dict of str to ndarray, shape (n_sizes, n_draws, n_properties)
        After an update, for each source of added samples; NaN where a source has too few.
    """

    sizes: tuple[int, ...]
    baseline: npt.NDArray[np.float64]
    longer: npt.NDArray[np.float64]
    added: dict[str, npt.NDArray[np.float64]]


def added_data_study(
    sets: LabelledSets,
    sources: Mapping[str, Labelled],
    sizes: Sequence[int],
    *,
    settings: NetworkSettings,
    n_draws: int = 10,
    folder: Path | None = None,
    progress: bool = False,
) -> AddedData:
    """Update networks with more and more samples of several sources, in independent draws.

    A draw has initial weights of its own and an order of its own in which it takes the samples
    of a source, so that a larger set holds the smaller ones. All sources and sizes start from
    the same networks.

    Parameters
    ----------
    sets : LabelledSets
        Authentic samples.
    sources : mapping of str to Labelled
        Samples to add, for each name.
    sizes : sequence of int
        How many to add.
    settings : NetworkSettings
        How to train.
    n_draws : int
        Draws of each source and size.
    folder : pathlib.Path, optional
        Every trained network is kept below it, so that a killed study goes on where it was and
        the same study is found again.
    progress : bool
        Show a bar.

    Returns
    -------
    AddedData
        Test R2 of all networks.

    Raises
    ------
    ValueError
        If `n_draws` or a size is below 1.
    FloatingPointError
        If a training diverges.

    References
    ----------
    Cang et al., the report, Section 3.2 and Fig. 4b.
    """
    if n_draws < 1 or min(sizes, default=1) < 1:
        raise ValueError(f"n_draws and sizes must be at least 1; got {n_draws} and {tuple(sizes)}")
    learner = Learner(sets, settings, folder)
    n_networks = n_draws * (2 + len(sizes) * len(sources))
    with tqdm(total=n_networks, desc="networks", disable=not progress) as bar:

        def scores(added: Labelled | None, size: int) -> list[npt.NDArray[np.float64]]:
            found = []
            for draw in range(n_draws):
                found.append(learner.network(draw, added, size).r2)
                bar.update(1)
            return found

        baseline, longer = np.array(scores(None, 0)), np.array(scores(sets.train, 0))
        missing = np.full_like(baseline, np.nan)
        curves = {
            name: [scores(source, k) if k <= len(source) else missing for k in sizes]
            for name, source in sources.items()
        }
    found = {name: np.array(curve) for name, curve in curves.items()}
    return AddedData(tuple(sizes), baseline, longer, found)


def best_network(
    sets: LabelledSets,
    settings: NetworkSettings,
    *,
    added: Labelled,
    sizes: Sequence[int] | None = None,
    n_draws: int = 10,
    quantity: int = 0,
    folder: Path | None = None,
    progress: bool = False,
) -> keras.Model:
    """Find the network that predicts one property of the test set best.

    Parameters
    ----------
    sets : LabelledSets
        Authentic samples.
    settings : NetworkSettings
        How to train.
    added : Labelled
        Samples with which the networks are updated.
    sizes : sequence of int, optional
        How many of them; all of them if not given.
    n_draws : int
        Draws of each size.
    quantity : int
        Which property; the first is the modulus.
    folder : pathlib.Path, optional
        As in `added_data_study`, whose networks are found in it.
    progress : bool
        Show a bar.

    Returns
    -------
    keras.Model
        Of `build_structure_property`, in the units of the properties.

    Raises
    ------
    ValueError
        If there are fewer samples than are to be added, or `n_draws` is below 1.

    References
    ----------
    Cang et al., the report, Section 4: the gradients are those of "the predictive model with the
    highest Rsquare value from Fig. 4".
    """
    chosen = [len(added)] if sizes is None else list(sizes)
    if n_draws < 1 or not chosen or not 1 <= min(chosen) <= max(chosen) <= len(added):
        raise ValueError(
            f"n_draws must be at least 1 and sizes from 1 to the {len(added)} samples there are; "
            f"got {n_draws} and {chosen}"
        )
    learner = Learner(sets, settings, folder)
    cells = [(draw, size) for size in chosen for draw in range(n_draws)]
    bar = tqdm(cells, desc="networks", disable=not progress)
    networks = [learner.network(draw, added, size) for draw, size in bar]
    return learner.model(max(networks, key=lambda network: network.r2[quantity]))


def symmetric_copies(samples: Labelled, n: int, rng: np.random.Generator) -> Labelled:
    """More samples without any physics: shifted, mirrored and turned copies.

    Parameters
    ----------
    samples : Labelled
        Periodic media whose properties are averaged over all orientations: no copy changes
        them.
    n : int
        Number of copies.
    rng : numpy.random.Generator
        Source of the choice.

    Returns
    -------
    Labelled
        As many copies of each sample as of any other, or one more.
    """
    order = np.concatenate([rng.permutation(len(samples)) for _ in range(-(-n // len(samples)))])
    rows = order[:n]
    copies = [shifted_and_turned(samples.phases[[row]], rng)[0] for row in rows]
    return Labelled(np.array(copies), samples.properties[rows])


def fraction_prediction(
    reference: Labelled, samples: Labelled, degree: int = 2
) -> npt.NDArray[np.float64]:
    """Predict properties by a polynomial in the volume fraction, the simplest model there is.

    Parameters
    ----------
    reference : Labelled
        What it is fitted to.
    samples : Labelled
        What it is applied to.
    degree : int
        Of the polynomial.

    Returns
    -------
    ndarray, shape (len(samples), n_properties)
        The prediction.
    """
    fractions = [part.phases.mean((1, 2)) for part in (reference, samples)]
    predicted = [
        np.polyval(np.polyfit(fractions[0], values, degree), fractions[1])
        for values in reference.properties.T
    ]
    return np.stack(predicted, axis=1)


def fraction_regression(sets: LabelledSets, degree: int = 2) -> npt.NDArray[np.float64]:
    """Test R2 of a polynomial in the volume fraction.

    Parameters
    ----------
    sets : LabelledSets
        Fitted to the training set, judged on the test set.
    degree : int
        Of the polynomial.

    Returns
    -------
    ndarray, shape (n_properties,)
        R2 of each property.
    """
    return r_squared(sets.test.properties, fraction_prediction(sets.train, sets.test, degree))
