"""Training by epochs: early stopping, the best weights, and going on after a kill."""

import keras
import numpy as np
import pytest

from mdesign.training.epochs import EpochSettings, code_version, train_epochs
from mdesign.training.shuffled import ShuffledBatches

INPUTS = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)
TARGETS = (INPUTS @ [1.0, -2.0, 0.5])[:, np.newaxis] + 1


def model(seed=0):
    inputs = keras.Input((3,))
    initializer = keras.initializers.GlorotUniform(seed=seed)
    output = keras.layers.Dense(1, kernel_initializer=initializer)(inputs)
    return keras.Model(inputs, output, name="line")


def batches(epoch):
    return ShuffledBatches(INPUTS, TARGETS, batch_size=8, rng=np.random.default_rng(epoch))


def checks(targets=TARGETS):
    return ShuffledBatches(INPUTS, targets, batch_size=32, rng=np.random.default_rng(0))


def train(settings, *, given=batches, to=None, **rest):
    return train_epochs(model(), given, to or checks(), settings, loss="mse", **rest)


class Killed(Exception):
    """Stands for the end of the process."""


def killed_in(last):
    def given(epoch):
        if epoch == last:
            raise Killed
        return batches(epoch)

    return given


def test_it_learns_a_line():
    fitted = train(EpochSettings(30, 0.2, decay=True))
    kernel, bias = fitted.model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], [1.0, -2.0, 0.5], atol=0.02)
    np.testing.assert_allclose(bias, [1.0], atol=0.02)
    assert len(fitted.loss) == len(fitted.validation_loss) == 30
    assert fitted.validation_loss[-1] < 1e-3 * fitted.validation_loss[0]


@pytest.mark.parametrize("decay", [False, True])
def test_a_killed_training_ends_as_if_it_had_not_been_killed(tmp_path, decay):
    settings = EpochSettings(5, 0.05, decay=decay)
    whole = train(settings)
    with pytest.raises(Killed):
        train(settings, given=killed_in(3), folder=tmp_path)
    resumed = train(settings, folder=tmp_path)
    np.testing.assert_array_equal(resumed.loss, whole.loss)
    for found, expected in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_what_was_finished_is_not_trained_again(tmp_path):
    settings = EpochSettings(2, 0.05)
    first = train(settings, folder=tmp_path, key=["a"])
    # The batches of the first epoch alone may be asked for, to count them.
    again = train(settings, given=killed_in(1), folder=tmp_path, key=["a"])
    np.testing.assert_array_equal(again.model.get_weights()[0], first.model.get_weights()[0])
    assert again.seconds == first.seconds
    for other in ({"settings": EpochSettings(2, 0.05, seed=1)}, {"key": ["b"]}):
        with pytest.raises(Killed):
            train(
                **{"settings": settings, "key": ["a"]} | other, given=killed_in(1), folder=tmp_path
            )


def test_it_ends_without_progress_and_keeps_the_best_weights():
    # Where the check wants the opposite of what is learnt, the first epoch is the best.
    fitted = train(EpochSettings(30, 0.1, patience=3), to=checks(-TARGETS))
    assert len(fitted.loss) == 4
    assert fitted.validation_loss.argmin() == 0
    found = float(fitted.model.evaluate(INPUTS, -TARGETS, verbose=0))
    assert found == pytest.approx(fitted.validation_loss[0], rel=1e-5)


def test_what_diverges_is_refused():
    with pytest.raises(FloatingPointError, match="loss of line is not finite in epoch 1"):
        train(EpochSettings(2), to=checks(np.full(TARGETS.shape, np.nan)))


def test_the_code_is_named_by_what_it_is():
    assert code_version("models/mdn.py") == code_version("models/mdn.py")
    assert code_version("models/mdn.py") != code_version("models/gan.py") != code_version()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epochs": 0}, "epochs must be at least 1; got 0"),
        ({"patience": 0}, "patience must be at least 1; got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be positive; got 0.0"),
    ],
)
def test_says_what_is_wrong(given, said):
    with pytest.raises(ValueError, match=said):
        EpochSettings(**({"epochs": 1} | given))
