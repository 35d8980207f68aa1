import numpy as np
import pytest

from mdesign.design.active_learning import acquire, expected_improvement, learn_actively


def rng():
    return np.random.default_rng(0)


def test_expected_improvement_against_draws():
    draws = rng().normal(0.3, 0.8, 400_000)
    expected = np.maximum(0.1 - draws, 0).mean()
    assert expected_improvement([0.3], [0.8], 0.1)[0] == pytest.approx(expected, rel=0.01)
    np.testing.assert_allclose(expected_improvement([0.3, -0.4], [0, 0], 0.1), [0, 0.5])


def test_each_acquisition_takes_what_it_says():
    means, deviations = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.1, 0.1, 5.0, 1.0])
    found = acquire("uncertainty", means, deviations, 2, best=0.5, rng=rng())
    assert found.tolist() == [2, 3]
    found = acquire("expected improvement", means, np.full(4, 0.1), 1, best=0.5, rng=rng())
    assert found.tolist() == [0]
    found = acquire("lowest prediction", -means, deviations, 2, best=0.5, rng=rng())
    assert found.tolist() == [3, 2]
    drawn = [tuple(acquire("random", means, deviations, 4, best=0.5, rng=rng())) for _ in range(2)]
    assert drawn[0] == drawn[1] and sorted(drawn[0]) == [0, 1, 2, 3]


def test_ties_are_broken_at_random():
    generator = rng()
    first = {
        int(acquire("uncertainty", np.zeros(5), np.ones(5), 1, best=0.0, rng=generator)[0])
        for _ in range(60)
    }
    assert first == set(range(5))


def nearest(features, values):
    """Predict the value of the nearest known sample; its distance is the deviation."""

    def predict(points):
        distances = np.abs(points[:, 0][:, np.newaxis] - features[:, 0])
        rows = distances.argmin(axis=1)
        return values[rows], distances[np.arange(len(points)), rows]

    return predict


def learned(acquisition, values, **changes):
    x = np.linspace(0, 1, 400)[:, np.newaxis] ** 3  # dense at zero, sparse at one
    test = np.linspace(0, 1, 101)[:, np.newaxis]
    call = {"n_initial": 5, "n_rounds": 40, "n_added": 1} | changes
    return learn_actively(
        (x, values(x[:, 0])), (test, values(test[:, 0])), nearest,
        acquisition=acquisition, rng=rng(), **call,
    )  # fmt: skip


def test_uncertainty_learns_a_function_faster_than_chance():
    active, random = (learned(kind, np.sin) for kind in ("uncertainty", "random"))
    assert active.sizes.tolist() == random.sizes.tolist() == list(range(5, 46))
    assert active.errors[-1] < 0.5 * random.errors[-1]
    assert active.errors[0] == random.errors[0]
    assert len(set(active.chosen)) == 45


def test_expected_improvement_finds_a_minimum():
    def valley(x):
        return -np.exp(-((x - 0.8) ** 2) / 0.002)

    greedy, random = (learned(kind, valley) for kind in ("expected improvement", "random"))
    assert greedy.best[-1] < -0.99
    assert (np.diff(greedy.best) <= 0).all()
    assert greedy.best[-1] <= random.best[-1]


def test_bad_calls_are_refused():
    with pytest.raises(ValueError, match="pool must hold 405 samples; got 400"):
        learned("random", np.sin, n_added=10)
    with pytest.raises(ValueError, match="acquisition must be one of"):
        learned("greed", np.sin)


@pytest.mark.parametrize(
    ("predict", "message"),
    [
        (lambda points: points[:, 0], "must give means and deviations.*got ndarray"),
        (lambda points: (points, points[:, 0]), "means of what fit returns must have shape"),
        (lambda points: (points[:, 0] * np.nan, points[:, 0]), "means of what fit returns must be"),
        (lambda points: (points[:, 0], -1 - points[:, 0]), "deviations of what fit returns must"),
    ],
)
def test_predictions_that_do_not_fit_are_named(predict, message):
    samples = (np.ones((9, 1)), np.arange(9.0))
    with pytest.raises(ValueError, match=message):
        learn_actively(
            samples,
            samples,
            lambda features, values: predict,
            acquisition="random",
            n_initial=3,
            n_rounds=0,
            n_added=1,
            rng=rng(),
        )
