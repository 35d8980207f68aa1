"""The training loop: the split, early stopping, the best weights, and going on after a kill."""

import keras
import numpy as np
import pytest

from mdesign.training import checkpoints
from mdesign.training.batches import (
    Blocks,
    EpochBatches,
    OrderedBatches,
    Resumable,
    ShuffledBatches,
)
from mdesign.training.checkpoints import Checkpoints
from mdesign.training.fit import FitSettings, compile_adam, fit, fit_samples, split

STATE = {"state.json", "state.json.sha256"}
FINISHED = STATE | {"final.weights.h5"}
RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(200, 2)).astype(np.float32)
TARGETS = INPUTS @ np.array([[1.0], [-2.0]], np.float32)


def build():
    layer = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=1))
    return keras.Sequential([keras.Input((2,)), layer])


def run(settings, folder=None, targets=TARGETS):
    kept = Checkpoints.below(folder, "line", settings, targets, code=build)
    return fit_samples(build(), (INPUTS, targets), settings, loss="mse", checkpoints=kept)


def test_split_keeps_the_share_and_loses_nothing():
    training, validation = split(1_000, FitSettings())
    assert len(training) == 700
    assert sorted([*training, *validation]) == list(range(1_000))
    assert not np.array_equal(split(1_000, FitSettings(seed=1))[0], training)
    assert [len(part) for part in split(2, FitSettings(validation_share=0.01))] == [1, 1]


def test_it_fits_and_the_same_seed_gives_the_same_network():
    settings = FitSettings(epochs=10, batch_size=16, learning_rate=0.1)
    first, again = run(settings), run(settings)
    assert first.validation_loss[-1] < 1e-3
    np.testing.assert_array_equal(first.loss, again.loss)
    np.testing.assert_array_equal(first.model.get_weights()[0], again.model.get_weights()[0])


def test_training_ends_when_validation_does_not_improve_and_the_best_weights_stay():
    noise = np.random.default_rng(1).normal(size=(200, 1)).astype(np.float32)
    fitted = run(FitSettings(epochs=100, patience=4, learning_rate=0.1), targets=noise)
    best = int(fitted.validation_loss.argmin())
    assert len(fitted.loss) == best + 5 < 100
    _, rows = split(200, FitSettings())
    outputs = keras.ops.convert_to_numpy(fitted.model(INPUTS[rows]))
    np.testing.assert_allclose(
        np.mean((outputs - noise[rows]) ** 2), fitted.validation_loss[best], rtol=1e-4
    )


def test_a_finished_fit_is_found_and_any_other_is_not(tmp_path):
    settings = FitSettings(epochs=2)
    first = run(settings, tmp_path)
    again = run(settings, tmp_path)
    np.testing.assert_array_equal(first.model(INPUTS), again.model(INPUTS))
    np.testing.assert_array_equal(first.validation_loss, again.validation_loss)
    assert first.seconds == again.seconds
    run(FitSettings(epochs=2, seed=1), tmp_path)
    run(settings, tmp_path, targets=TARGETS + 1)
    assert len(list(tmp_path.iterdir())) == 3
    assert {path.name for path in tmp_path.glob("*/*")} == FINISHED


def test_a_loss_that_is_not_finite_raises():
    with pytest.raises(FloatingPointError, match="learning rate"):
        run(FitSettings(epochs=1), targets=np.full_like(TARGETS, 1e30))


def test_batches_hold_every_sample_once_and_change_their_order():
    data = np.arange(10)[:, None]
    batches = ShuffledBatches(data, data, batch_size=5, rng=RNG)
    epochs = []
    for _ in range(2):
        epochs.append(np.concatenate([batches[i][0] for i in range(len(batches))]).ravel())
        batches.on_epoch_end()
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert not np.array_equal(*epochs)
    assert len(ShuffledBatches(data, data, batch_size=4, rng=RNG)) == 2
    assert len(ShuffledBatches(data, data, batch_size=40, rng=RNG)) == 1
    blocks = Blocks(data, data, 4)
    assert [len(blocks[i][0]) for i in range(len(blocks))] == [4, 4, 2]


@pytest.mark.parametrize(
    "setting",
    [
        {"learning_rate": 0.0},
        {"batch_size": 0},
        {"patience": 0},
        {"epochs": 0},
        {"validation_share": 1.0},
        {"steps": 0},
        {"check_every": 0},
        {"seed": -1},
        {"learning_rate": np.nan},
        {"learning_rate": np.inf},
    ],
)
def test_bad_settings_are_named(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        FitSettings(**setting)


LINE = (INPUTS[:32] @ np.array([1.0, -2.0], np.float32))[:, np.newaxis] + 1


def line(dropout=0.0):
    inputs = keras.Input((2,))
    state = keras.layers.Dropout(dropout, seed=3)(inputs)
    initializer = keras.initializers.GlorotUniform(seed=0)
    output = keras.layers.Dense(1, kernel_initializer=initializer)(state)
    return keras.Model(inputs, output, name="line")


def epoch(number):
    return ShuffledBatches(INPUTS[:32], LINE, batch_size=8, rng=np.random.default_rng(number))


def shuffled():
    """Batches whose every draw depends on all before."""
    return ShuffledBatches(
        INPUTS[:32],
        LINE,
        batch_size=8,
        rng=np.random.default_rng(0),
        transform=lambda inputs, rng: inputs + 0.1 * rng.normal(size=inputs.shape),
    )


def ordered():
    rows = np.random.default_rng(0).integers(32, size=(5, 4, 8))
    return OrderedBatches(INPUTS[:32], LINE, rows)


def checks(targets=LINE):
    return Blocks(INPUTS[:32], targets, 32)


def train(settings, *, batches=None, to=None, folder=None, model=None, steps=None):
    model, batches = model or line(), batches or EpochBatches(epoch)
    compile_adam(model, settings, "mse", n_batches=len(batches))
    return fit(
        model,
        batches,
        epochs=settings.epochs,
        steps=steps,
        validation=to or checks(),
        patience=settings.patience,
        checkpoints=Checkpoints(folder, every=1) if folder else None,
    )


class Killed(Exception):
    """Stands for the end of the process."""


def kill_after(done, monkeypatch):
    """Let the next training end like a killed process, right after its checkpoint."""

    def saved(self, model, state):
        original(self, model, state)
        if state.done == done:
            raise Killed

    original = Checkpoints.save
    monkeypatch.setattr(checkpoints.Checkpoints, "save", saved)


def same(first, second):
    pairs = zip(first.model.get_weights(), second.model.get_weights(), strict=True)
    return first.losses == second.losses and all((a == b).all() for a, b in pairs)


def test_it_learns_a_line():
    fitted = train(FitSettings(0.2, epochs=30, decay=True))
    kernel, bias = fitted.model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], [1.0, -2.0], atol=0.02)
    np.testing.assert_allclose(bias, [1.0], atol=0.02)
    assert len(fitted.loss) == len(fitted.validation_loss) == 30
    assert fitted.validation_loss[-1] < 1e-3 * fitted.validation_loss[0]


@pytest.mark.parametrize(
    ("decay", "make", "dropout", "last"),
    [
        (False, lambda: EpochBatches(epoch), 0.0, 1),
        (True, shuffled, 0.5, 3),
        (True, ordered, 0.0, 5),
        (False, shuffled, 0.0, 4),
    ],
)
def test_a_killed_training_ends_as_if_it_had_not_been_killed(
    tmp_path, monkeypatch, decay, make, dropout, last
):
    settings = FitSettings(0.05, epochs=5, decay=decay)
    whole = train(settings, batches=make(), model=line(dropout))
    with monkeypatch.context() as patched:
        kill_after(last, patched)
        with pytest.raises(Killed):
            train(settings, batches=make(), model=line(dropout), folder=tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == STATE | {f"step-00000{last}.weights.h5", f"best-00000{last}.npz"}
    assert same(train(settings, batches=make(), model=line(dropout), folder=tmp_path), whole)
    assert {path.name for path in tmp_path.iterdir()} == FINISHED


def test_a_killed_training_keeps_its_patience_and_its_best_weights(tmp_path, monkeypatch):
    settings, opposite = FitSettings(0.1, epochs=30, patience=3), checks(-LINE)
    whole = train(settings, to=opposite)
    for last in (2, 4):
        folder = tmp_path / str(last)
        with monkeypatch.context() as patched:
            kill_after(last, patched)
            with pytest.raises(Killed):
                train(settings, to=opposite, folder=folder)
        assert same(train(settings, to=opposite, folder=folder), whole)


def test_a_finished_training_makes_no_batches(tmp_path):
    settings = FitSettings(0.05, epochs=2)
    first = train(settings, folder=tmp_path)
    model = line()
    compile_adam(model, settings, "mse", n_batches=4)
    kept = Checkpoints(tmp_path)
    again = fit(model, lambda: pytest.fail("trained again"), checkpoints=kept)
    assert same(again, first)
    assert again.seconds == first.seconds


def test_it_ends_without_progress_and_keeps_the_best_weights():
    # Where the check wants the opposite of what is learnt, the first epoch is the best.
    fitted = train(FitSettings(0.1, epochs=30, patience=3), to=checks(-LINE))
    assert len(fitted.loss) == 4
    assert fitted.validation_loss.argmin() == 0
    error = float(fitted.model.evaluate(INPUTS[:32], -LINE, verbose=0))
    assert error == pytest.approx(fitted.validation_loss[0], rel=1e-5)


def test_steps_end_the_last_epoch_early():
    fitted = train(FitSettings(0.05, epochs=5), batches=ordered(), steps=10)
    assert len(fitted.loss) == 3
    assert int(fitted.model.optimizer.iterations) == 10


def test_what_diverges_is_refused():
    with pytest.raises(FloatingPointError, match="loss of line is not finite in epoch 1"):
        train(FitSettings(epochs=2), to=checks(np.full(LINE.shape, 1e30)))


def test_a_loss_is_watched_in_each_step_and_the_weights_at_the_end():
    def diverge(rate):
        model = line()
        model.compile(keras.optimizers.SGD(rate), "mse")
        fit(model, epoch(0))

    with pytest.raises(FloatingPointError, match="loss of line is not finite in step 2"):
        diverge(1e30)
    with pytest.raises(FloatingPointError, match="loss of line is not finite in step 2; try a"):
        diverge(1e38)
    model = line()
    model.compile(keras.optimizers.SGD(1e38), "mse")
    with pytest.raises(FloatingPointError, match="weights of line are not finite"):
        fit(model, Blocks(INPUTS[:8], 1e6 * LINE[:8], 8))


def test_samples_that_are_no_numbers_are_named():
    for name in ("inputs", "targets"):
        spoilt = {"inputs": INPUTS, "targets": TARGETS} | {name: np.full((200, 1), np.nan)}
        with pytest.raises(ValueError, match=f"{name} must be finite"):
            ShuffledBatches(**spoilt, batch_size=8, rng=RNG)


def test_checkpoints_are_saved_after_a_while_or_a_number(tmp_path, monkeypatch):
    assert [Checkpoints(tmp_path, every=3).due(done) for done in (2, 3)] == [False, True]
    kept = Checkpoints(tmp_path)
    assert not kept.due(3)
    monkeypatch.setattr(checkpoints, "SAVE_AFTER", 0.0)
    assert kept.due(3)


@pytest.mark.parametrize("last", [1, 3])
def test_a_killed_training_takes_no_more_steps_than_are_asked_for(tmp_path, monkeypatch, last):
    settings = FitSettings(0.05, epochs=5)
    whole = train(settings, batches=ordered(), steps=10)
    with monkeypatch.context() as patched:
        kill_after(last, patched)
        with pytest.raises(Killed):
            train(settings, batches=ordered(), steps=10, folder=tmp_path)
    assert same(train(settings, batches=ordered(), steps=10, folder=tmp_path), whole)


class Steps(Resumable):
    """One epoch of eight batches, which goes on after so many steps."""

    first = 0

    def __len__(self):
        return 8 - self.first

    def __getitem__(self, index):
        return epoch(self.first + index)[0]

    def go_on(self, done, state):
        self.first = done


def test_steps_of_one_epoch_are_resumed_and_those_of_several_refused(tmp_path, monkeypatch):
    def by_step(folder=None, epochs=1):
        model = line()
        compile_adam(model, FitSettings(0.05), "mse", n_batches=8)
        kept = Checkpoints(folder, every=1) if folder else None
        return fit(model, Steps(), epochs=epochs, steps=6, checkpoints=kept)

    whole = by_step()
    with monkeypatch.context() as patched:
        kill_after(4, patched)
        with pytest.raises(Killed):
            by_step(tmp_path)
    resumed = by_step(tmp_path)
    assert len(resumed.loss) == 6
    for own, other in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    with pytest.raises(ValueError, match="epochs must be 1 for checkpoints without validation"):
        by_step(tmp_path / "other", epochs=2)
