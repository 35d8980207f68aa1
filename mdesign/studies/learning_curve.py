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
        Trains a predictor on cells.
    cells, test : StiffnessCells
        Cells to train on, of which the first ones are taken, and disjoint cells to test on.
    counts : iterable of int
        Numbers of cells to train on.

    Returns
    -------
    list of Accuracy
        One for each count.

    Raises
    ------
    ValueError
        If a count is not between 1 and the number of cells.
    """
    wanted = list(counts)
    if not wanted or min(wanted) < 1 or max(wanted) > len(cells):
        raise ValueError(f"counts must lie between 1 and {len(cells)}; got {wanted}")
    return [accuracy(train(cells[:count])(test.phases), test.stiffness) for count in wanted]
