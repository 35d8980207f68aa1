"""The active-learning loop on a tiny plate: it improves, resumes and refuses nonsense."""

from dataclasses import fields, replace

import numpy as np
import pytest

from mdesign.design.composites import gidn
from mdesign.design.composites.gidn import GidnSettings, Stopping, active_learning
from mdesign.physics import CrackedComposite
from mdesign.storage import result_name as named

PLATE = CrackedComposite(nx=8, ny=4, crack_length=2)
SMALL = GidnSettings(
    n_random=1_000,
    n_starts=200,
    hidden=(48, 48),
    training_steps=150,
    batch_size=200,
    design_steps=40,
    design_rate=0.05,
    dropout=0.1,
    seed=1,
)


def identical(one, other, *, but=("seconds",)):
    for field in fields(one):
        if field.name not in but:
            left, right = getattr(one, field.name), getattr(other, field.name)
            np.testing.assert_array_equal(left, right, err_msg=field.name)


@pytest.fixture(scope="module")
def result():
    return active_learning(PLATE, SMALL, Stopping(2))


def test_inverse_designs_beat_the_data_and_the_loop_improves(result):
    assert result.means[0] > 2 * result.random_toughness.mean()
    assert result.means[1] > 1.2 * result.means[0]
    assert max(result.maxima) > result.random_toughness.max()
    for iteration in result.iterations:  # turning a design into two phases changes some of its gain
        assert not np.array_equal(iteration.predicted_before, iteration.predicted)
        assert np.corrcoef(iteration.predicted_before, iteration.predicted)[0, 1] > 0.5


def test_the_designs_are_binary_of_the_fraction_and_verified(result):
    for iteration in result.iterations:
        assert set(np.unique(iteration.designs)) == {0, 1}
        assert (iteration.designs.sum(axis=1) == 24).all()
        np.testing.assert_allclose(
            iteration.toughness, PLATE.toughness(iteration.designs.astype(float)), rtol=1e-12
        )
    best = PLATE.toughness(result.best_design[np.newaxis].astype(float))
    assert best == pytest.approx(max(result.maxima), rel=1e-12)
    assert result.evaluations == 1_400


def test_the_training_data_grow_by_the_verified_designs(result):
    first, second = result.iterations
    random, verified = result.random_toughness[:800], first.toughness[:160]
    assert first.training_mean == pytest.approx(random.mean())
    assert second.training_mean == pytest.approx((random.mean() + verified.mean()) / 2)
    assert second.training_maximum == max(random.max(), verified.max())
    assert set(first.sample_source) == {0}
    assert set(second.sample_source) == {0, 1}
    test_part = second.sample_toughness[second.sample_source == 1]
    assert set(test_part) <= set(first.toughness[160:])


def test_the_predictor_is_better_than_the_mean(result):
    assert result.iterations[1].training_error < 0.5
    assert result.iterations[1].testing_error < 0.5


def test_a_killed_run_resumes_with_the_same_numbers(result, tmp_path, monkeypatch):
    real = gidn._design
    calls = []

    def killed_in_the_second(*arguments, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(gidn, "_design", killed_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        active_learning(PLATE, SMALL, Stopping(2), checkpoint=tmp_path)
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.glob("*.npz")} == {"random.npz", "iteration_01.npz"}
    resumed = active_learning(PLATE, SMALL, Stopping(2), checkpoint=str(tmp_path))
    assert len(calls) == 3
    np.testing.assert_array_equal(resumed.random_toughness, result.random_toughness)
    for one, other in zip(resumed.iterations, result.iterations, strict=True):
        identical(one, other)
    again = active_learning(PLATE, SMALL, Stopping(2), checkpoint=tmp_path)
    assert len(calls) == 3
    identical(again.iterations[1], resumed.iterations[1], but=())


def test_checkpoints_belong_to_one_problem_and_one_setting(tmp_path, monkeypatch):
    monkeypatch.setattr(gidn, "_random_designs", lambda *_: pytest.fail("needed to start"))
    names = []
    monkeypatch.setattr(
        gidn, "result_name", lambda *parts, **code: names.append(named(*parts, **code)) or "run"
    )
    for plate in (PLATE, CrackedComposite(nx=8, ny=4, crack_length=3)):
        for settings in (SMALL, replace(SMALL, seed=2), replace(SMALL, learning_rate=2e-3)):
            with pytest.raises(pytest.fail.Exception, match="needed to start"):
                active_learning(plate, settings, checkpoint=tmp_path)
    assert len(set(names)) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"target_scale": "linear"},
        {"warm_start": False},
        {"constraint": "clip"},
        {"constraint": "penalty"},
        {"design_share": 0.25},
        {"epochs": 15},
        {"epochs": 15, "decay": False, "warm_start": False},
    ],
    ids=str,
)
def test_every_variant_runs_and_beats_the_random_mean(changes):
    found = active_learning(
        PLATE, replace(SMALL, training_steps=60, design_steps=20, **changes), Stopping(2)
    )
    assert found.means[1] > 1.5 * found.random_toughness.mean()
    assert (found.iterations[1].designs.sum(axis=1) == 24).all()


def test_a_warm_start_keeps_the_prediction_when_the_unit_changes():
    settings = replace(SMALL, target_scale="linear", dropout=0.0)
    rng = np.random.default_rng(0)
    designs = rng.integers(0, 2, (50, 8)).astype(np.uint8)
    groups = [gidn._Group(designs, rng.random(50) * scale) for scale in (1.0, 100.0)]
    weights = gidn.build_predictor(8, hidden=settings.hidden, dropout=0.0, seed=5).get_weights()
    before = gidn._Scale(False, gidn._scale(settings, (groups[0].split(0.2)[0],), [1.0]).unit)
    old = gidn.build_predictor(8, hidden=settings.hidden, dropout=0.0, seed=6)
    old.set_weights(weights)
    after = gidn._Scale(False, 37.0)
    new = gidn._start(settings, groups, weights, after)
    np.testing.assert_allclose(
        gidn._predict(old, designs, before), gidn._predict(new, designs, after), rtol=1e-4
    )


@pytest.mark.parametrize("constraint", ["projection", "penalty"])
def test_a_dead_designer_is_named_and_a_living_one_is_not(constraint, result, monkeypatch):
    def silence(predictor, *_, **__):
        weights = predictor.get_weights()
        weights[3] -= 1e3  # the second hidden layer: its neurons then give zero for every design
        predictor.set_weights(weights)

    monkeypatch.setattr(gidn, "_train", silence)
    settings = replace(SMALL, constraint=constraint)
    with pytest.warns(UserWarning, match="designer of iteration 1 is dead") as warned:
        (dead,) = active_learning(PLATE, settings, Stopping(1)).iterations
    assert [w.filename for w in warned if "dead" in str(w.message)] == [__file__]
    assert dead.dead
    assert dead.unmoved == (1 if constraint == "projection" else 0)  # a penalty moves all
    assert not any(iteration.dead for iteration in result.iterations)
    assert max(iteration.unmoved for iteration in result.iterations) < 0.05


def test_errors_are_those_of_the_toughness_and_of_each_source(result):
    for number, iteration in enumerate(result.iterations):
        squares = (iteration.sample_predicted - iteration.sample_toughness) ** 2
        each = [squares[iteration.sample_source == k].mean() for k in range(number + 1)]
        np.testing.assert_allclose(iteration.errors_by_source, np.sqrt(each))
        # Equal parts of each source, as in the batches.
        means = [
            iteration.sample_toughness[iteration.sample_source == k] for k in range(number + 1)
        ]
        mean = np.mean([values.mean() for values in means])
        variance = np.mean([np.mean((values - mean) ** 2) for values in means])
        assert iteration.testing_error == pytest.approx(np.mean(each) / variance)


def test_stopping():
    assert not Stopping(3).reached([1.0, 2.0])
    assert Stopping(3).reached([1.0, 2.0, 3.0])
    patient = Stopping(iterations=2, patience=2, limit=5)
    assert not patient.reached([3.0, 2.0])
    assert patient.reached([3.0, 2.0, 3.0])
    assert not patient.reached([1.0, 2.0, 3.0, 2.0])
    assert patient.reached([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("soft_fraction", 1.0, r"soft_fraction must lie in \(0, 1\); got 1.0"),
        ("epochs", 0, "epochs must be at least 1; got 0"),
        ("n_random", 0, "n_random must be at least 1; got 0"),
        ("learning_rate", 0.0, "learning_rate must be positive"),
        ("dropout", 1.0, r"dropout must lie in \[0, 1\)"),
        ("initializer", "zeros", "initializer must be one of"),
        ("target_scale", "cubic", "target_scale must be one of"),
        ("constraint", "hope", "constraint must be one of"),
        ("hidden", (8, 0), "hidden must be at least 1; got 0"),
        ("hidden", (), "hidden must be at least one number"),
        ("seed", -1, "seed must be at least 0"),
        ("n_starts", 2, "test_share must leave designs .* n_starts = 2"),
    ],
)
def test_settings_refuse_nonsense(name, value, message):
    with pytest.raises(ValueError, match=message):
        GidnSettings(**{name: value})


@pytest.mark.parametrize("changes", [{"iterations": 0}, {"patience": -1}, {"limit": 2}], ids=str)
def test_stopping_refuses_nonsense(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        Stopping(**changes)


class Odd:
    """A plate whose toughness is changed."""

    n_elements = 8

    def __init__(self, change):
        self.change = change

    def toughness(self, designs):
        return self.change(np.arange(1.0, len(designs) + 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (np.negative, "toughness of the problem must be positive and finite; got -1.0"),
        (lambda values: values * np.nan, "toughness of the problem must be positive and finite"),
        (np.ones_like, "problem must tell designs apart; got 1.0 for all"),
    ],
)
def test_a_property_that_cannot_be_learnt_is_refused_before_training(change, message, monkeypatch):
    monkeypatch.setattr(gidn, "_iterate", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(ValueError, match=message):
        active_learning(Odd(change), replace(SMALL, n_random=20, n_starts=20))
