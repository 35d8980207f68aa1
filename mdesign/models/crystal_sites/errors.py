"""Errors of predicted elements: how many, and how many of them within a family of elements."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.crystals import element_families
from mdesign.models.crystal_sites.network import N_ELEMENTS

__all__ = ["FamilyErrors", "errors_within_families", "top_k_error"]


class FamilyErrors(NamedTuple):
    """Share of the errors within a family of elements, and what chance has.

    Chance takes as many errors with the same true and predicted elements, in another order.
    """

    share: float
    chance: float


def top_k_error(probabilities: npt.ArrayLike, numbers: npt.ArrayLike, k: int = 1) -> float:
    """Share of the sites whose element is not among the `k` most probable ones.

    Parameters
    ----------
    probabilities : array_like, shape (n, 118)
        Predicted probability of each element.
    numbers : array_like of int, shape (n,)
        Atomic numbers of the true elements.

    Examples
    --------
    >>> top_k_error(np.eye(118)[[7, 7]], [8, 16])
    0.5
    """
    values, true = _checked(probabilities, numbers)
    k = arguments.whole("k", k, f"[1, {N_ELEMENTS}]")
    own = values[np.arange(len(true)), true - 1]
    # Of equal probabilities the elements of smaller number come first.
    before = np.arange(N_ELEMENTS) < (true - 1)[:, np.newaxis]
    ahead = (values > own[:, np.newaxis]) | ((values == own[:, np.newaxis]) & before)
    return float((ahead.sum(axis=1) >= k).mean())


def errors_within_families(probabilities: npt.ArrayLike, numbers: npt.ArrayLike) -> FamilyErrors:
    """Compute the share of the errors whose predicted element is of the family of the true one.

    Arguments are those of `top_k_error`; for families see `mdesign.crystals.element_families`.

    Raises
    ------
    ValueError
        If all predictions are right.
    """
    values, true = _checked(probabilities, numbers)
    guesses = values.argmax(axis=1) + 1
    wrong = guesses != true
    if not wrong.any():
        raise ValueError("probabilities must have an error at least; got none")
    _, family = np.unique(element_families(), return_inverse=True)
    true_of, guess_of = family[true[wrong] - 1], family[guesses[wrong] - 1]
    pairs = _counts(true[wrong], N_ELEMENTS + 1), _counts(guesses[wrong], N_ELEMENTS + 1)
    equal = float(pairs[0] @ pairs[1])
    within = float(_counts(true_of, N_ELEMENTS) @ _counts(guess_of, N_ELEMENTS))
    # Pairs of the same element are no errors.
    chance = (within - equal) / (len(true_of) ** 2 - equal)
    return FamilyErrors(float((true_of == guess_of).mean()), chance)


def _counts(values: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    return np.bincount(values, minlength=n).astype(np.float64)


def _checked(
    probabilities: npt.ArrayLike, numbers: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    shape = f"(n, {N_ELEMENTS})"
    values = arguments.array("probabilities", probabilities, shape, "[0, 1]")
    arguments.not_empty("probabilities", values)
    true = arguments.array("numbers", numbers, f"({len(values)},)", "[1, 118]", dtype=np.int64)
    return values, true
