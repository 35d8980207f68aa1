"""Accuracy by the number of training samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdesign import arguments
from mdesign.data.sets.stiffness import StiffnessCells
from mdesign.models.homogenization.training import Predictor
from mdesign.models.metrics import Accuracy, accuracy

__all__ = ["learning_curve"]


def learning_curve(
    train: Callable[[StiffnessCells], Predictor],
    cells: StiffnessCells,
    test: StiffnessCells,
    counts: Sequence[int],
) -> list[Accuracy]:
    """Accuracy on one test set after training on more and more cells.

    Parameters
    ----------
    train : callable
        Trains a predictor on cells.
    cells, test : StiffnessCells
        Cells to train on, of which the first ones are taken, and disjoint cells to test on.
    counts : sequence of int
        Numbers of cells to train on.

    Returns
    -------
    list of Accuracy
        One for each count.

    Raises
    ------
    ValueError
        If there is no count, or one is not between 1 and the number of cells.
    """
    wanted = [arguments.whole("counts", count, f"[1, {len(cells)}]") for count in counts]
    if not wanted:
        raise ValueError("counts must be at least one number; got none")
    return [accuracy(_trained(train, cells[:n])(test.phases), test.stiffness) for n in wanted]


def _trained(train: Callable[[StiffnessCells], Predictor], cells: StiffnessCells) -> Predictor:
    predictor = train(cells)
    if not callable(predictor):
        raise TypeError(f"train must return a predictor; got {predictor!r}")
    return predictor
