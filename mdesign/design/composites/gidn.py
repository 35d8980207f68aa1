"""Generative inverse design networks: a predictor, a designer and active learning."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.design.composites.gidn_results import (
    GidnIteration,
    GidnResult,
    GidnSettings,
    Phases,
    Stopping,
    Values,
    as_arrays,
    from_arrays,
)
from mdesign.design.composites.problem import Problem, toughness_of
from mdesign.design.composites.ranking import binarize
from mdesign.design.composites.sampling import random_designs
from mdesign.models.gidn import (
    Box,
    Designer,
    VolumeFraction,
    VolumePenalty,
    build_designer,
    build_predictor,
    run_designer,
)
from mdesign.storage import kept_arrays, load_arrays, result_name, save_arrays
from mdesign.training.batches import MixedBatches
from mdesign.training.callbacks import reset_optimizer
from mdesign.training.compiled_loop import fit_mixed, runs_compiled_loops
from mdesign.training.predict import predict_in_blocks

__all__ = ["GidnIteration", "GidnResult", "GidnSettings", "Stopping", "active_learning"]

CHUNK = 32_768
"""Designs drawn and computed at once."""

DESIGNED_TOGETHER = 20_000 if runs_compiled_loops() else 2_000
"""Starts that the designer takes at a time: bounds its memory, and fills a graphics processor."""

N_PROBED = 4
"""Random designs that are computed again to recognise the problem of a checkpoint."""

N_JUDGED = 20_000
"""Samples behind an error, and behind the stored comparison, at most."""

TRAINING, DESIGN, ERRORS = 1, 2, 3
"""Streams of random numbers of an iteration."""


@dataclass(frozen=True)
class _Group:
    """Computed designs of one source."""

    designs: Phases
    toughness: Values

    def split(self, test_share: float) -> tuple[_Group, _Group]:
        """Cut into a training and a testing part; the designs are in random order already."""
        cut = len(self.toughness) - round(test_share * len(self.toughness))
        head = _Group(self.designs[:cut], self.toughness[:cut])
        return head, _Group(self.designs[cut:], self.toughness[cut:])


@dataclass(frozen=True)
class _Scale:
    """Conversion between the toughness and the target of the predictor."""

    logarithmic: bool
    unit: float = 1.0

    def target(self, toughness: Values) -> Values:
        return np.log(toughness) if self.logarithmic else toughness / self.unit

    def toughness(self, target: npt.NDArray) -> Values:
        target = target.astype(np.float64)
        return np.exp(target) if self.logarithmic else target * self.unit


def active_learning(
    problem: Problem,
    settings: GidnSettings,
    stopping: Stopping | None = None,
    *,
    checkpoint: str | Path | None = None,
    progress: bool = False,
) -> GidnResult:
    """Train a predictor, design with it, verify the designs, add them to the data; repeat.

    Parameters
    ----------
    problem : Problem
        Its toughness is maximised, for instance a `mdesign.physics.CrackedComposite`.
    settings : GidnSettings
        Sizes and choices.
    stopping : Stopping, optional
        When to end; three iterations by default.
    checkpoint : pathlib.Path, optional
        Folder in which each finished iteration is stored under a hash of `problem`, `settings`
        and the code, with the toughness of a few designs, which are computed again to see that the
        problem is the same. A later call, also for more iterations, continues after the last one
        stored, with the same numbers as an undisturbed run on the same machine. A damaged file is
        named in a warning and made anew.
    progress : bool
        Show progress bars.

    Returns
    -------
    GidnResult
        Outcome of all iterations.

    Raises
    ------
    ValueError
        If the toughness of random designs is not finite, not positive on a logarithmic scale, or
        the same for all.

    Warns
    -----
    UserWarning
        If the designer of an iteration is dead, see `GidnIteration.dead`; the run goes on.

    References
    ----------
    Chen and Gu, Adv. Sci. 7, 1902607 (2020), Section 2.2.
    """
    stopping = stopping or Stopping()
    code = (active_learning, type(problem))
    folder = None
    if checkpoint is not None:
        folder = Path(checkpoint) / result_name("gidn", problem, settings, code=code)
    designs = _random_designs(problem, settings)
    probe = _verify(problem, designs[:N_PROBED], settings) if folder else None
    groups = [_computed(problem, designs, settings, folder, probe)]
    if np.ptp(groups[0].toughness) == 0:
        raise ValueError(f"problem must tell designs apart; got {groups[0].toughness[0]} for all")
    iterations: list[GidnIteration] = []
    weights: list[npt.NDArray] | None = None
    networks: tuple[keras.Model, Designer] | None = None
    while not stopping.reached([iteration.maximum for iteration in iterations]):
        number = len(iterations) + 1
        stored = folder and folder / f"iteration_{number:02d}.npz"
        found = stored and load_arrays(stored, from_arrays, probe=probe)
        if not found:
            if networks is None or (settings.decay and settings.epochs):
                networks = _networks(problem.n_elements, settings, number)
            found = _iterate(problem, settings, groups, *networks, weights, progress=progress)
            if stored:
                save_arrays(stored, as_arrays(*found), probe=probe, seconds=found[0].seconds)
        iteration, weights = found
        if iteration.dead:
            arguments.warn_caller(_dead_designer(number, iteration))
        iterations.append(iteration)
        groups.append(_Group(iteration.designs, iteration.toughness))
    return GidnResult(settings, groups[0].toughness, tuple(iterations))


def _dead_designer(number: int, iteration: GidnIteration) -> str:
    """Say that the inverse designs of an iteration are none."""
    spread = iteration.sample_predicted.std() / iteration.sample_toughness.std()
    return (
        f"the designer of iteration {number} is dead: {100 * iteration.unmoved:.1f} % of its "
        f"starts have no gradient, and the predictions spread by {spread:.2g} of what the "
        "toughness does. Its designs are starts turned into two phases. Try less dropout, or "
        "initializer='glorot_uniform'"
    )


def _rng(settings: GidnSettings, *keys: int) -> np.random.Generator:
    """Return the generator of one stream of one iteration, independent of what ran before."""
    return np.random.default_rng([settings.seed, *keys])


def _random_designs(problem: Problem, settings: GidnSettings) -> Phases:
    """Draw the random designs."""
    rng = _rng(settings, 0)
    designs = np.empty((settings.n_random, problem.n_elements), np.uint8)
    for first in range(0, settings.n_random, CHUNK):
        rows = designs[first : first + CHUNK]
        rows[:] = random_designs(len(rows), problem.n_elements, settings.soft_fraction, rng)
    return designs


def _computed(
    problem: Problem,
    designs: Phases,
    settings: GidnSettings,
    folder: Path | None,
    probe: Values | None,
) -> _Group:
    """Compute the toughness of the random designs, or read it."""
    if folder is None:
        return _Group(designs, _verify(problem, designs, settings))
    path = folder / "random.npz"

    def compute() -> dict[str, npt.NDArray]:
        return {"toughness": _verify(problem, designs, settings)}

    return _Group(designs, kept_arrays(path, compute, probe=probe)["toughness"])


def _verify(problem: Problem, designs: Phases, settings: GidnSettings) -> Values:
    """Toughness of many designs, a chunk at a time; ValueError if nothing can be learnt from it."""
    rule = "(0, inf)" if settings.target_scale == "log" else "(-inf, inf)"
    chunks = (designs[first : first + CHUNK] for first in range(0, len(designs), CHUNK))
    return np.concatenate([toughness_of(problem, chunk.astype(float), rule) for chunk in chunks])


def _iterate(
    problem: Problem,
    settings: GidnSettings,
    groups: list[_Group],
    predictor: keras.Model,
    designer: Designer,
    weights: list[npt.NDArray] | None,
    *,
    progress: bool,
) -> tuple[GidnIteration, list[npt.NDArray]]:
    """One training and one design process on the data gathered so far."""
    begin = time.perf_counter()
    training, testing = zip(*(group.split(settings.test_share) for group in groups), strict=True)
    shares = _shares(len(groups), settings.design_share)
    scale = _scale(settings, training, shares)
    _prepare(predictor, _start(settings, groups, weights, scale))
    _train(predictor, settings, training, shares, scale=scale, progress=progress)
    optimised, unmoved = _design(designer, settings, len(groups), progress=progress)
    designs = binarize(optimised, settings.soft_fraction).astype(np.uint8)
    toughness = _verify(problem, designs, settings)
    rng = _rng(settings, len(groups), ERRORS)
    training_error, _ = _judge(predictor, training, shares, scale, rng)
    testing_error, sample = _judge(predictor, testing, shares, scale, rng)
    mean = sum(s * group.toughness.mean() for s, group in zip(shares, training, strict=True))
    iteration = GidnIteration(
        designs=designs,
        toughness=toughness,
        predicted=_predict(predictor, designs, scale),
        predicted_before=_predict(predictor, optimised, scale),
        training_maximum=float(max(group.toughness.max() for group in training)),
        training_mean=float(mean),
        training_error=training_error,
        testing_error=testing_error,
        sample_toughness=sample[0],
        sample_predicted=sample[1],
        sample_source=sample[2].astype(np.int64),
        repeated=_repeated(designs, groups[1:]),
        duplicates=1 - len(np.unique(np.packbits(designs, axis=1), axis=0)) / len(designs),
        unmoved=unmoved,
        seconds=time.perf_counter() - begin,
    )
    return iteration, predictor.get_weights()


def _shares(n_groups: int, largest: float) -> list[float]:
    """Share of each group in a batch: equal parts, or less for the verified designs."""
    verified = min((n_groups - 1) / n_groups, largest)
    return [1 - verified, *[verified / max(n_groups - 1, 1)] * (n_groups - 1)]


def _scale(settings: GidnSettings, groups: tuple[_Group, ...], shares: list[float]) -> _Scale:
    """Scale of the targets: logarithmic, or with deviation one over the training data."""
    if settings.target_scale == "log":
        return _Scale(logarithmic=True)
    return _Scale(logarithmic=False, unit=_deviation([g.toughness for g in groups], shares))


def _deviation(values: list[Values], shares: list[float]) -> float:
    """Return the standard deviation of a mixture of groups."""
    mean = sum(share * group.mean() for share, group in zip(shares, values, strict=True))
    pairs = zip(shares, values, strict=True)
    return float(np.sqrt(sum(share * np.mean((group - mean) ** 2) for share, group in pairs)))


def _batches(settings: GidnSettings, number: int) -> tuple[int, int]:
    """Count the epochs of an iteration, and the batches of each."""
    if settings.epochs is None:
        return 1, settings.training_steps
    sizes = [settings.n_random, *[settings.n_starts] * (number - 1)]
    n_training = sum(size - round(settings.test_share * size) for size in sizes)
    return settings.epochs, max(n_training // settings.batch_size, 1)


def _networks(n_elements: int, settings: GidnSettings, number: int) -> tuple[keras.Model, Designer]:
    """Build and compile the predictor and the designer, which share their weights.

    All iterations use them, as compiling takes seconds, unless each has its own number of steps
    along which the rate falls.
    """
    predictor = _fresh(n_elements, settings, settings.seed)
    rate = settings.learning_rate
    if settings.decay:
        epochs, n_batches = _batches(settings, number)
        rate = keras.optimizers.schedules.CosineDecay(rate, epochs * n_batches)
    predictor.compile(keras.optimizers.Adam(rate), "mse")
    fraction = settings.soft_fraction
    projected = settings.constraint == "projection"
    designer = build_designer(
        predictor,
        np.zeros((min(settings.n_starts, DESIGNED_TOGETHER), n_elements)),
        constraint=VolumeFraction(fraction) if projected else Box(),
        regularizer=VolumePenalty(fraction) if settings.constraint == "penalty" else None,
        learning_rate=settings.design_rate,
    )
    return predictor, designer


def _fresh(n_elements: int, settings: GidnSettings, seed: int) -> keras.Model:
    """Build a predictor with the initial weights of a seed."""
    return build_predictor(
        n_elements,
        hidden=settings.hidden,
        dropout=settings.dropout,
        initializer=settings.initializer,
        seed=seed,
    )


def _start(
    settings: GidnSettings,
    groups: list[_Group],
    weights: list[npt.NDArray] | None,
    scale: _Scale,
) -> keras.Model:
    """Build a fresh predictor, with the weights of the iteration before if these are kept."""
    seed = int(_rng(settings, len(groups), 0).integers(2**31))
    n_inputs = groups[0].designs.shape[1]
    fresh = _fresh(n_inputs, settings, seed)
    if settings.warm_start and weights is not None:
        before = groups[:-1]
        training = tuple(group.split(settings.test_share)[0] for group in before)
        old = _scale(settings, training, _shares(len(before), settings.design_share))
        rescaled = [array * np.float32(old.unit / scale.unit) for array in weights[-2:]]
        fresh.set_weights([*weights[:-2], *rescaled])
    return fresh


def _prepare(predictor: keras.Model, start: keras.Model) -> None:
    """Give a compiled predictor the state of a fresh one: weights, dropout seeds, optimiser.

    An iteration is then independent of what ran before in this process.
    """
    for own, fresh in zip(predictor.variables, start.variables, strict=True):
        own.assign(fresh)
    reset_optimizer(predictor.optimizer)


def _train(
    predictor: keras.Model,
    settings: GidnSettings,
    groups: tuple[_Group, ...],
    shares: list[float],
    *,
    scale: _Scale,
    progress: bool,
) -> None:
    """Fit the predictor on batches with fixed shares of each group."""
    epochs, n_batches = _batches(settings, len(groups))
    batches = MixedBatches(
        [(group.designs, scale.target(group.toughness)) for group in groups],
        shares,
        batch_size=settings.batch_size,
        n_batches=n_batches,
        rng=_rng(settings, len(groups), TRAINING),
    )
    label = f"training {len(groups)}"
    fit_mixed(predictor, batches, epochs=epochs, label=label, progress=progress)


def _design(
    designer: Designer, settings: GidnSettings, number: int, *, progress: bool
) -> tuple[npt.NDArray[np.float32], float]:
    """Run the designer from random starts.

    Also returns the share of starts, of those that the designer takes at once, that have not moved.
    """
    shape = (settings.n_starts, designer.designs.shape[1])
    rng = _rng(settings, number, DESIGN)
    starts = rng.normal(1 - settings.soft_fraction, settings.start_deviation, shape).astype(
        np.float32
    )
    designs = run_designer(designer, starts, steps=settings.design_steps, progress=progress)
    first = designs[: len(designer.designs)]
    designer.restart(starts[: len(first)])
    # A step of Adam is about as long as its rate, and the projection is exact to 1e-6.
    moved = np.abs(first - designer.designs).max(axis=1) > 0.05 * settings.design_rate
    return designs, float(1 - moved.mean())


def _predict(predictor: keras.Model, designs: npt.NDArray, scale: _Scale) -> Values:
    """Predicted toughness."""
    outputs = predict_in_blocks(
        predictor, designs, size=4_096, prepare=lambda rows: rows.astype(np.float32)
    )
    return scale.toughness(outputs[:, 0])


def _judge(
    predictor: keras.Model,
    groups: tuple[_Group, ...],
    shares: list[float],
    scale: _Scale,
    rng: np.random.Generator,
) -> tuple[float, tuple[Values, Values, Values]]:
    """Relative error of the predicted toughness on a mixture, and the samples behind it."""
    computed, predicted, source = [], [], []
    for index, (group, share) in enumerate(zip(groups, shares, strict=True)):
        wanted = min(len(group.toughness), round(share * N_JUDGED))
        rows = rng.choice(len(group.toughness), wanted, replace=False)
        computed.append(group.toughness[rows])
        predicted.append(_predict(predictor, group.designs[rows], scale))
        source.append(np.full(wanted, float(index)))
    squares = [
        np.mean((true - guess) ** 2) for true, guess in zip(computed, predicted, strict=True)
    ]
    variance = _deviation(computed, shares) ** 2
    error = sum(share * square for share, square in zip(shares, squares, strict=True)) / variance
    return float(error), (
        np.concatenate(computed),
        np.concatenate(predicted),
        np.concatenate(source),
    )


def _repeated(designs: Phases, earlier: list[_Group]) -> float:
    """Share of the designs that repeat one of earlier iterations."""
    packed = {row.tobytes() for group in earlier for row in np.packbits(group.designs, axis=1)}
    rows = np.packbits(designs, axis=1)
    return sum(row.tobytes() in packed for row in rows) / len(rows)
