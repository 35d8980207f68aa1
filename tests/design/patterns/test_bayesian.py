import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from mdesign.design.patterns.bayesian import BayesianOptimisation
from mdesign.design.patterns.interface import evaluate
from mdesign.design.patterns.response_surface import (
    ConfidenceBound,
    LogImprovement,
    ReachProbability,
    ResponseSurface,
    fit_hyperparameters,
)

ACQUISITIONS = ("expected_improvement", "hedge")
SURFACES = ("property", "distance")
CENTRE = np.array([[0.3, -0.6], [-0.2, 0.5]])
every_acquisition = pytest.mark.parametrize("acquisition", ACQUISITIONS)


def as_they_are(latents):
    return latents


def hill(patterns):
    """A smooth property between about 0.2 and 0.9, largest at CENTRE."""
    return 0.9 - 0.2 * np.sum((patterns - CENTRE) ** 2, axis=(1, 2)) / 2


class Counted:
    """A simulation that counts its calls and dies at a given one."""

    def __init__(self, simulate=hill, dies_at=None):
        self.simulate, self.dies_at, self.calls = simulate, dies_at, 0

    def __call__(self, patterns):
        self.calls += 1
        if self.calls == self.dies_at:
            raise KeyboardInterrupt
        return self.simulate(patterns)


def optimisation(simulate=hill, **settings):
    sizes = {"n_initial": 12, "n_iterations": 6, **settings}
    return BayesianOptimisation(as_they_are, simulate, (2, 2), **sizes)


def random_search(loss, n, repeats=400):
    latents = np.random.default_rng(5).uniform(-1, 1, (repeats, n, 2, 2))
    return np.array([loss(hill(sample)).min() for sample in latents])


@every_acquisition
def test_it_finds_the_summit_of_a_smooth_hill(acquisition):
    history = optimisation(acquisition=acquisition, n_iterations=18).maximise()
    assert history.values.max() > 0.895
    luck = random_search(lambda values: -values, len(history.values))
    assert history.losses.min() < np.quantile(luck, 0.01)
    np.testing.assert_allclose(history.latents[history.best], CENTRE, atol=0.15)


@every_acquisition
@pytest.mark.parametrize("target", [0.31, 0.89])
def test_it_meets_rare_targets_better_than_random_search(acquisition, target):
    history = optimisation(acquisition=acquisition, n_iterations=18).towards(target)
    luck = random_search(lambda values: np.abs(values - target) / target, len(history.values))
    assert history.losses.min() < 1e-2
    assert history.losses.min() < np.quantile(luck, 0.1)
    # The portfolio explores on purpose, and rounding decides where: half is what both leave behind.
    assert np.median(history.losses[-6:]) < 0.5 * np.median(history.losses[:12])


@pytest.mark.parametrize("surface", SURFACES)
def test_both_surfaces_meet_a_rare_target(surface):
    history = optimisation(surface=surface, n_iterations=18).towards(0.31)
    luck = random_search(lambda values: np.abs(values - 0.31) / 0.31, len(history.values))
    assert history.losses.min() < np.quantile(luck, 0.1)
    np.testing.assert_allclose(history.values, hill(history.latents), rtol=1e-12)


def test_the_distance_is_another_surface_only_where_there_is_a_target(tmp_path):
    (first, second), same = (
        [optimisation(surface=surface, folder=tmp_path).towards(0.7) for surface in SURFACES],
        [optimisation(surface=surface).maximise().latents for surface in SURFACES],
    )
    np.testing.assert_array_equal(first.latents[:12], second.latents[:12])
    assert not np.array_equal(first.latents, second.latents)
    np.testing.assert_array_equal(*same)
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_history_keeps_all_evaluations_in_order():
    history = optimisation().towards(0.7)
    assert history.latents.shape == (18, 2, 2)
    assert history.latents.dtype == np.float32
    assert np.abs(history.latents).max() <= 1
    assert history.n_initial == 12
    np.testing.assert_array_equal(
        history.values[12:], [hill(z[None])[0] for z in history.latents[12:]]
    )
    np.testing.assert_allclose(history.losses, np.abs(history.values - 0.7) / 0.7)
    assert history.best_so_far[-1] == history.losses[history.best] == history.losses.min()
    assert history.search_seconds > 0 and history.physics_seconds > 0


def test_seeds_decide():
    first, again = optimisation(seed=3).towards(0.7), optimisation(seed=3).towards(0.7)
    np.testing.assert_array_equal(first.latents, again.latents)
    assert not np.array_equal(first.latents, optimisation(seed=4).towards(0.7).latents)


def test_the_initial_sample_is_the_same_for_all_targets():
    first, second = (
        optimisation(n_iterations=0).towards(0.5),
        optimisation(n_iterations=0).maximise(),
    )
    np.testing.assert_array_equal(first.latents, second.latents)


def test_no_point_is_evaluated_twice_when_the_best_is_a_corner():
    history = optimisation(lambda patterns: 0.6 + 0.05 * patterns.sum((1, 2))).maximise()
    points = history.latents.reshape(18, 4)
    assert len(np.unique(points, axis=0)) == 18
    assert history.values.max() == pytest.approx(0.8)


def test_a_constant_property_is_no_obstacle():
    history = optimisation(lambda patterns: np.full(len(patterns), 0.5)).maximise()
    assert (history.values == 0.5).all()


@every_acquisition
@pytest.mark.parametrize("dies_at", [1, 2, 3, 5, 8])
def test_a_killed_run_continues_with_the_same_numbers(acquisition, dies_at, tmp_path):
    settings = {"acquisition": acquisition, "seed": 2}
    undisturbed = optimisation(**settings).towards(0.7)
    with pytest.raises(KeyboardInterrupt):
        optimisation(Counted(dies_at=dies_at), folder=tmp_path, **settings).towards(0.7)
    counted = Counted()
    resumed = optimisation(counted, folder=tmp_path, **settings).towards(0.7)
    np.testing.assert_array_equal(resumed.latents, undisturbed.latents)
    np.testing.assert_array_equal(resumed.values, undisturbed.values)
    assert counted.calls == min(8, 10 - dies_at)  # one of them to recognise the physics


@every_acquisition
def test_more_steps_continue_a_finished_run(acquisition, tmp_path):
    settings = {"acquisition": acquisition, "folder": tmp_path}
    optimisation(n_iterations=5, **settings).maximise()
    counted = Counted()
    longer = optimisation(counted, n_iterations=8, **settings).maximise()
    assert counted.calls == 3 + 1
    np.testing.assert_array_equal(
        longer.latents, optimisation(n_iterations=8, acquisition=acquisition).maximise().latents
    )
    shorter = optimisation(n_iterations=5, **settings).maximise()
    np.testing.assert_array_equal(shorter.values, longer.values[:17])


def test_targets_and_seeds_are_stored_apart(tmp_path):
    for target in (0.5, 0.7):
        for seed in (0, 1):
            optimisation(n_iterations=1, folder=tmp_path, seed=seed).towards(target)
    assert len(list(tmp_path.glob("*.npz"))) == 4


def test_results_of_another_physics_are_not_continued(tmp_path):
    optimisation(n_iterations=2, folder=tmp_path).towards(0.7)

    def other(patterns):
        return hill(patterns) + 0.01

    found = optimisation(other, n_iterations=2, folder=tmp_path).towards(0.7)
    np.testing.assert_array_equal(
        found.values, optimisation(other, n_iterations=2).towards(0.7).values
    )
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_candidates_are_the_best_evaluations():
    method = optimisation()
    patterns = method.candidates(0.8, 5, np.random.default_rng(1))
    distances = np.abs(hill(patterns) - 0.8)
    assert patterns.shape == (5, 2, 2)
    assert (np.diff(distances) >= 0).all()
    assert distances[0] < 1e-3
    again = method.candidates(0.8, 5, np.random.default_rng(1))
    np.testing.assert_array_equal(patterns, again)


def test_it_stands_in_the_table_of_inverse_methods():
    (row,) = evaluate(optimisation(), [0.8], 1, simulate=hill, rng=np.random.default_rng(0))
    assert row.method == "Bayesian optimisation"
    assert row.minimum < 1e-3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent_shape", (3,)),
        ("latent_shape", (0, 3)),
        ("n_initial", 1),
        ("n_iterations", -1),
        ("acquisition", "luck"),
        ("surface", "luck"),
    ],
)
def test_bad_settings_are_named(name, value):
    settings = {"latent_shape": (2, 2), name: value}
    with pytest.raises(ValueError, match=f"{name} must"):
        BayesianOptimisation(as_they_are, hill, **settings)


def test_endless_steps_are_refused():
    with pytest.raises(TypeError, match="n_iterations"):
        optimisation(n_iterations=np.inf)


@pytest.mark.parametrize("target", [0.0, -1.0, np.nan, np.inf])
def test_bad_targets_are_named(target):
    with pytest.raises(ValueError, match="target must be positive and finite"):
        optimisation().towards(target)
    with pytest.raises(ValueError, match="target must be positive and finite"):
        optimisation().candidates(target, 1, np.random.default_rng(0))


@pytest.mark.parametrize("n", [0, 19])
def test_a_bad_number_of_candidates_is_named(n):
    with pytest.raises(ValueError, match=r"n must lie in \[1, 18\]"):
        optimisation().candidates(0.7, n, np.random.default_rng(0))


@pytest.mark.parametrize(
    "broken", [lambda patterns: np.full(len(patterns), np.nan), lambda patterns: np.ones(3)]
)
def test_a_broken_simulation_is_named(broken):
    with pytest.raises(ValueError, match="values of simulate must"):
        optimisation(broken).maximise()


def test_the_response_surface_predicts_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    points, values, asked = (
        rng.uniform(-1, 1, (40, 3)),
        rng.normal(size=40),
        rng.uniform(-1, 1, (9, 3)),
    )
    variance, length, roughness = 1.7, 0.8, 0.02
    kernel = ConstantKernel(variance) * Matern(length, nu=2.5) + WhiteKernel(roughness)
    peer = GaussianProcessRegressor(kernel, optimizer=None, alpha=0).fit(points, values)
    surface = ResponseSurface(points, values, np.log([variance, length, roughness]))
    mean, deviation = surface.predict(asked, return_std=True)
    peer_mean, peer_deviation = peer.predict(asked, return_std=True)
    np.testing.assert_allclose(mean, peer_mean, rtol=1e-9)
    np.testing.assert_allclose(deviation**2, peer_deviation**2 - roughness, rtol=1e-7)
    np.testing.assert_array_equal(surface.predict(asked), mean)


def test_the_fit_finds_the_roughness_of_the_data():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (150, 2))
    values = np.sin(3 * points[:, 0]) + 0.2 * rng.normal(size=150)
    _, _, roughness = np.exp(fit_hyperparameters(points, values, np.zeros(3) - 1))
    assert np.sqrt(roughness) == pytest.approx(0.2, rel=0.2)


@pytest.mark.parametrize(("mean", "deviation"), [(0.3, 1.0), (0.0, 0.2), (1.2, 0.3)])
@pytest.mark.parametrize("target", [None, 0.1])
def test_acquisitions_are_the_integrals_they_stand_for(mean, deviation, target):
    best = 0.5
    belief = norm(mean, deviation)
    known = best if target is None else -best

    def gain(value):
        return max(value - known if target is None else best - abs(value - target), 0)

    improvement = LogImprovement(target)
    reach = ReachProbability(target)
    improvement.y_max = reach.y_max = known
    corners = [-0.4, 0.1, 0.5, 0.6]
    wanted = quad(lambda v: gain(v) * belief.pdf(v), -8, 8, points=corners, limit=200)[0]
    reached = quad(lambda v: (gain(v) > 0) * belief.pdf(v), -8, 8, points=corners, limit=200)[0]
    moments = np.array([mean]), np.array([deviation])
    np.testing.assert_allclose(np.exp(improvement.base_acq(*moments)), wanted, rtol=1e-6)
    np.testing.assert_allclose(reach.base_acq(*moments), reached, rtol=1e-6)
    bound = ConfidenceBound(target)
    centre = mean if target is None else -abs(mean - target)
    np.testing.assert_allclose(bound.base_acq(*moments), centre + bound.kappa * deviation)


def test_the_improvement_keeps_a_slope_far_from_the_target():
    improvement = LogImprovement(0.0)
    improvement.y_max = -1e-4
    far, near = improvement.base_acq(np.array([6.0, 5.0]), np.array([0.5, 0.5]))
    assert near > far + 1


def test_slopes_are_differences_of_the_prediction():
    rng = np.random.default_rng(0)
    points, values, at = rng.uniform(-1, 1, (40, 3)), rng.normal(size=40), rng.uniform(-1, 1, 3)
    surface = ResponseSurface(points, values, np.log([1.7, 0.8, 0.02]))
    mean, deviation, mean_slope, deviation_slope = surface.slopes(at)
    steps = at + 1e-5 * np.vstack([np.eye(3), -np.eye(3)])
    means, deviations = surface.predict(steps, return_std=True)
    centre = surface.predict(at[np.newaxis], return_std=True)
    np.testing.assert_allclose([mean, deviation], np.ravel(centre), rtol=1e-9)
    np.testing.assert_allclose(mean_slope, (means[:3] - means[3:]) / 2e-5, rtol=1e-6)
    np.testing.assert_allclose(deviation_slope, (deviations[:3] - deviations[3:]) / 2e-5, rtol=1e-5)


@pytest.mark.parametrize("target", [None, 0.1])
@pytest.mark.parametrize("kind", [LogImprovement, ReachProbability, ConfidenceBound])
def test_climbs_follow_the_slope_of_the_acquisition(kind, target):
    rng = np.random.default_rng(0)
    points, values, at = rng.uniform(-1, 1, (40, 3)), rng.normal(size=40), rng.uniform(-1, 1, 3)
    function = kind(target)
    function.y_max = values.max() if target is None else -np.abs(values - target).min()
    function._surface = ResponseSurface(points, values, np.log([1.7, 0.8, 0.02]))
    score = function._get_acq(function._surface)
    loss, slope = function._descent(at)
    steps = 1e-5 * np.eye(3)
    expected = [(score(at + step) - score(at - step)).item() / 2e-5 for step in steps]
    assert loss == pytest.approx(score(at).item())
    np.testing.assert_allclose(slope, expected, rtol=1e-4)
