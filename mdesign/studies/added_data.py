"""Value of artificial samples to a network that predicts properties.

k more samples join the authentic training set of a trained network, and the training goes on. Their
value is the change of R2 on the authentic test set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mdesign import arguments
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
    """Test R2 of networks before and after an update with added samples.

    Attributes
    ----------
    sizes : tuple of int
        Numbers of added samples.
    baseline, longer : ndarray, shape (n_draws, n_properties)
        Of the networks before any update, and of networks trained on without added samples.
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
    folder: str | Path | None = None,
    progress: bool = False,
) -> AddedData:
    """Update networks with more and more samples of several sources, in independent draws.

    Each draw has its own initial weights, and its own order in which it takes the samples of a
    source, so that a larger set contains the smaller ones. All sources and sizes start from the
    same networks (the report of Cang et al., Section 3.2 and Fig. 4b).

    Parameters
    ----------
    sets : LabelledSets
        Authentic samples.
    sources : mapping of str to Labelled
        Samples to add, for each name.
    sizes : sequence of int
        Numbers of samples to add, at least 1.
    settings : NetworkSettings
        How to train.
    n_draws : int
        Draws of each source and size, at least 1.
    folder : pathlib.Path, optional
        Where every trained network is kept, so that a killed study can be resumed.
    progress : bool
        Show a bar.

    Returns
    -------
    AddedData

    Raises
    ------
    ValueError
        If `n_draws` or a size is below 1.
    FloatingPointError
        If a training diverges.
    """
    n_draws = arguments.whole("n_draws", n_draws)
    sizes = [arguments.whole("sizes", size) for size in sizes]
    learner = Learner(sets, settings, folder)
    n_networks = n_draws * (2 + len(sizes) * len(sources))
    with tqdm(total=n_networks, desc="networks", disable=not progress) as bar:

        def scores(added: Labelled | None, size: int) -> list[npt.NDArray[np.float64]]:
            values = []
            for draw in range(n_draws):
                values.append(learner.network(draw, added, size).r2)
                bar.update(1)
            return values

        baseline, longer = np.array(scores(None, 0)), np.array(scores(sets.train, 0))
        missing = np.full_like(baseline, np.nan)
        curves = {
            name: [scores(source, k) if k <= len(source) else missing for k in sizes]
            for name, source in sources.items()
        }
    added = {name: np.array(curve) for name, curve in curves.items()}
    return AddedData(tuple(sizes), baseline, longer, added)


def best_network(
    sets: LabelledSets,
    settings: NetworkSettings,
    *,
    added: Labelled,
    sizes: Sequence[int] | None = None,
    n_draws: int = 10,
    quantity: int = 0,
    folder: str | Path | None = None,
    progress: bool = False,
) -> keras.Model:
    """Train updated networks and take the one that predicts one property of the test set best.

    The report of Cang et al., Section 4, takes gradients of "the predictive model with the highest
    Rsquare value from Fig. 4".

    Parameters
    ----------
    sets, settings, folder, progress
        As in `added_data_study`, whose networks in `folder` are reused.
    added : Labelled
        Samples with which the networks are updated.
    sizes : sequence of int, optional
        Numbers of samples to add; all samples by default.
    n_draws : int
        Draws of each size.
    quantity : int
        Which property; the first is the modulus.

    Returns
    -------
    keras.Model
        From `build_structure_property`, in the units of the properties.

    Raises
    ------
    ValueError
        If a size exceeds the number of samples, a size or `n_draws` is below 1, or there is no
        such property.
    """
    n_draws, wanted = arguments.whole("n_draws", n_draws), [len(added)] if sizes is None else sizes
    chosen = [arguments.whole("sizes", size, f"[1, {len(added)}]") for size in wanted]
    if not chosen:
        raise ValueError("sizes must be at least one number; got none")
    n_properties = sets.train.properties.shape[1]
    quantity = arguments.whole("quantity", quantity, f"[0, {n_properties - 1}]")
    learner = Learner(sets, settings, folder)
    cells = [(draw, size) for size in chosen for draw in range(n_draws)]
    bar = tqdm(cells, desc="networks", disable=not progress)
    networks = [learner.network(draw, added, size) for draw, size in bar]
    return learner.model(max(networks, key=lambda network: network.r2[quantity]))


def symmetric_copies(samples: Labelled, n: int, rng: np.random.Generator) -> Labelled:
    """Shifted, mirrored and turned copies of samples: more samples without any physics.

    Parameters
    ----------
    samples : Labelled
        Periodic media whose properties are averages over all orientations, the same in each copy.
    n : int
        Number of copies; the numbers of copies of two samples differ by one at most.
    rng : numpy.random.Generator
        Source of the choice.

    Returns
    -------
    Labelled

    Raises
    ------
    ValueError
        If `n` is below 1, or there are no samples.
    """
    n = arguments.whole("n", n)
    if not len(samples):
        raise ValueError("samples must be at least one; got none")
    order = np.concatenate([rng.permutation(len(samples)) for _ in range(-(-n // len(samples)))])
    rows = order[:n]
    copies = [shifted_and_turned(samples.phases[[row]], rng)[0] for row in rows]
    return Labelled(np.array(copies), samples.properties[rows])


def fraction_prediction(
    reference: Labelled, samples: Labelled, degree: int = 2
) -> npt.NDArray[np.float64]:
    """Predict properties by a polynomial in the volume fraction, the simplest model.

    Parameters
    ----------
    reference, samples : Labelled
        Samples to fit, and samples to predict.
    degree : int
        Degree of the polynomial, below the number of samples to fit.

    Returns
    -------
    ndarray, shape (len(samples), n_properties)

    Raises
    ------
    ValueError
        If `degree` breaks its rule.
    """
    degree = arguments.whole("degree", degree, f"[0, {len(reference) - 1}]")
    fractions = [part.phases.mean((1, 2)) for part in (reference, samples)]
    predicted = [
        np.polyval(np.polyfit(fractions[0], values, degree), fractions[1])
        for values in reference.properties.T
    ]
    return np.stack(predicted, axis=1)


def fraction_regression(sets: LabelledSets, degree: int = 2) -> npt.NDArray[np.float64]:
    """Test R2 of `fraction_prediction`, fitted to the training set, shape (n_properties,)."""
    return r_squared(sets.test.properties, fraction_prediction(sets.train, sets.test, degree))
