"""Accuracy by the number of training samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mdesign.data.sets.stiffness import StiffnessCells
from mdesign.models.homogenization.training import Predictor
from mdesign.models.metrics import Accuracy, accuracy

__all__ = ["learning_curve"]


def learning_curve(
    train: Callable[[StiffnessCells], Predictor],
    cells: StiffnessCells,
    test: StiffnessCells,
    counts: Iterable[int],
) -> list[Accuracy]:
    """Accuracy on one test set after training on more and more cells.

    Parameters
    ----------
    train : callable
        Makes a predictor from cells.
    cells : StiffnessCells
        To train on; the first of them are taken, so that each set holds the smaller ones.
    test : StiffnessCells
        To judge by, none of them among `cells`.
    counts : iterable of int
        Numbers of cells to train on, at most as many as there are.

    Returns
    -------
    list of Accuracy
        One for each count.

    Raises
    ------
    ValueError
        If a count is larger than the number of cells or not positive.
    """
    wanted = list(counts)
    if not wanted or min(wanted) < 1 or max(wanted) > len(cells):
        raise ValueError(f"counts must lie between 1 and {len(cells)}; got {wanted}")
    return [accuracy(train(cells[:count])(test.phases), test.stiffness) for count in wanted]
