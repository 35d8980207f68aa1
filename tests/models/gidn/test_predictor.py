"""The predictor learns, saves and refuses nonsense."""

import keras
import numpy as np
import pytest
from keras import ops

from mdesign.models.gidn import build_predictor
from mdesign.training.batches import MixedBatches


def test_it_has_the_papers_number_of_parameters():
    assert build_predictor(128, seed=0).count_params() == 362_241


def test_it_overfits_eight_samples():
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, 2, (8, 32)).astype(np.float32)
    targets = rng.normal(size=(8, 1)).astype(np.float32)
    predictor = build_predictor(32, hidden=(64, 64), dropout=0.0, seed=0)
    predictor.compile(keras.optimizers.Adam(3e-3), "mse")
    rounds = [np.tile(array, (300, 1)) for array in (inputs, targets)]
    predictor.fit(*rounds, batch_size=8, shuffle=False, verbose=0)
    assert predictor.evaluate(inputs, targets, verbose=0) < 1e-4


def test_a_saved_predictor_is_the_same(tmp_path):
    predictor = build_predictor(8, hidden=(16, 16), seed=3)
    predictor.save(tmp_path / "predictor.keras")
    loaded = keras.models.load_model(tmp_path / "predictor.keras")
    inputs = np.random.default_rng(0).random((5, 8)).astype(np.float32)
    np.testing.assert_array_equal(*map(ops.convert_to_numpy, (predictor(inputs), loaded(inputs))))
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in predictor.layers]


def test_the_seed_decides_the_weights_and_layers_differ():
    first, same, other = (build_predictor(16, hidden=(16, 16), seed=s) for s in (0, 0, 1))
    for left, right in zip(first.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])
    assert not np.array_equal(first.get_weights()[0], first.get_weights()[2])


def test_the_noise_of_dropout_doubles_in_each_layer_with_hes_weights_and_not_with_glorots():
    rng = np.random.default_rng(0)
    designs = np.repeat(rng.integers(0, 2, (20, 128)), 200, axis=0).astype(np.float32)

    def noise(initializer):
        predictor = build_predictor(128, hidden=(128,) * 6, initializer=initializer, seed=0)
        outputs = ops.convert_to_numpy(predictor(designs, training=True)).reshape(20, 200)
        return outputs.var(axis=1).mean()

    # A dropout of one half doubles the mean square in each of six layers; the variance of Glorot's
    # weights is half of He's, which makes up for it.
    assert noise("he_uniform") == pytest.approx(2**6 * noise("glorot_uniform"), rel=0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_inputs": 0}, "n_inputs must be at least 1"),
        ({"n_inputs": 2, "hidden": ()}, "hidden must have 1 or more numbers"),
        ({"n_inputs": 2, "dropout": 1.0}, r"dropout must lie in \[0, 1\); got 1.0"),
        ({"n_inputs": 2, "initializer": "zeros"}, "initializer must be one of"),
    ],
)
def test_nonsense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build_predictor(**arguments, seed=0)


def groups():
    first = (np.zeros((30, 2), np.uint8), np.arange(30.0))
    second = (np.ones((7, 2), np.uint8), 100 + np.arange(7.0))
    return [first, second]


def test_batches_keep_the_shares_and_use_every_sample_in_turn():
    batches = MixedBatches(
        groups(), [0.6, 0.4], batch_size=10, n_batches=10, rng=np.random.default_rng(0)
    )
    assert len(batches) == 10
    drawn = [batches[index] for index in range(10)]
    for inputs, targets in drawn:
        assert inputs.dtype == targets.dtype == np.float32
        assert targets.shape == (10, 1)
        assert (inputs[:, 0] == 1).sum() == 4
        np.testing.assert_array_equal(inputs[:, 0] == 1, targets[:, 0] >= 100)
    _, times = np.unique(np.concatenate([y for _, y in drawn]), return_counts=True)
    assert set(times[:30]) == {2}
    assert set(times[30:]) == {5, 6}


def test_every_epoch_has_new_rows_and_every_sample_of_its_share():
    batches = MixedBatches(
        groups(), [0.5, 0.5], batch_size=6, n_batches=10, rng=np.random.default_rng(0)
    )
    epochs = []
    for _ in range(2):
        batches.on_epoch_begin()
        epochs.append(batches.rows.copy())
    assert not np.array_equal(*epochs)
    for rows in epochs:
        assert set(rows[:, :3].ravel()) == set(range(30))


def test_shares_must_fit():
    with pytest.raises(ValueError, match="shares must be numbers of sum 1"):
        MixedBatches(groups(), [0.6], batch_size=4, n_batches=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="shares must be numbers of sum 1"):
        MixedBatches(groups(), [0.6, 0.6], batch_size=4, n_batches=1, rng=np.random.default_rng(0))
