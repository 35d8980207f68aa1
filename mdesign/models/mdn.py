"""Mixture density network (MDN): a mixture of Gaussians over the designs of a given property.

The network, its loss (the negative log likelihood of the mixture), and the log density and samples
of a mixture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops
from scipy.special import log_ndtr, logsumexp, ndtr, ndtri, ndtri_exp

from mdesign import arguments

__all__ = [
    "LOG_2_PI",
    "SCALE_FLOOR",
    "Mixture",
    "MixtureLoss",
    "build_mdn",
    "floored_softplus",
    "log_density",
    "mixture_of",
    "sample_mixture",
    "shifted_elu",
]

SCALE_FLOOR = 1e-3
"""Smallest standard deviation of a softplus head; keeps the likelihood bounded."""

LOG_2_PI = float(np.log(2 * np.pi))

Array = npt.NDArray[np.float64]


@keras.saving.register_keras_serializable("mdesign")
def floored_softplus(values: Any) -> Any:
    """Map all numbers smoothly to those above `SCALE_FLOOR`."""
    return ops.softplus(values) + SCALE_FLOOR


@keras.saving.register_keras_serializable("mdesign")
def shifted_elu(values: Any) -> Any:
    """Map all numbers to positive ones as published: ELU + 1 + 1e-8."""
    return ops.elu(values) + (1 + 1e-8)


_SCALES = {"softplus": floored_softplus, "elu": shifted_elu}


@keras.saving.register_keras_serializable("mdesign")
class MixtureLoss(keras.losses.Loss):
    """Negative log likelihood of points under the mixtures that a network returns.

    References
    ----------
    Bishop, Mixture Density Networks, NCRG/94/004 (1994).
    """

    def __init__(self, n_components: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_components = arguments.whole("n_components", n_components)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample, shape (n,)."""
        n_outputs = y_true.shape[-1]
        means, scales, logits = _split(y_pred, self.n_components, n_outputs)
        standard = (ops.expand_dims(y_true, 1) - means) / scales
        distances = ops.sum(0.5 * ops.square(standard) + ops.log(scales), axis=-1)
        components = ops.log_softmax(logits) - distances
        return 0.5 * n_outputs * LOG_2_PI - ops.logsumexp(components, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "n_components": self.n_components}


@dataclass(frozen=True)
class Mixture:
    """Mixtures of K Gaussians with diagonal covariance, one for each of b conditions.

    Logarithms of the mixing coefficients (b, K); means and standard deviations (b, K, M).
    """

    log_weights: Array
    means: Array
    scales: Array

    def __post_init__(self) -> None:
        if self.means.shape != self.scales.shape or self.means.shape[:2] != self.log_weights.shape:
            raise ValueError(
                "log_weights, means and scales must have shapes (b, K), (b, K, M), (b, K, M); got "
                f"{self.log_weights.shape}, {self.means.shape}, {self.scales.shape}"
            )
        if not (self.scales > 0).all():
            raise ValueError(f"scales must be positive; got a least of {self.scales.min()}")
        if not np.allclose(logsumexp(self.log_weights, axis=1), 0, atol=1e-4):
            raise ValueError("log_weights must be those of weights that add up to 1")


def build_mdn(
    n_outputs: int,
    *,
    n_components: int = 40,
    hidden: Sequence[int] = (16,) * 4,
    scale: str = "softplus",
    standardise: tuple[float, float] | None = None,
    seed: int,
) -> keras.Model:
    """Build a densely connected network that returns the parameters of a mixture of Gaussians.

    Each hidden layer sees the input and the outputs of all hidden layers before it, and is followed
    by batch normalisation and ReLU; the heads see the last one.

    Parameters
    ----------
    n_outputs, n_components : int
        Dimension M of what is modelled, and number K of Gaussians.
    hidden : sequence of int
        Neurons of each hidden layer.
    scale : {"softplus", "elu"}
        Activation of the standard deviations: softplus with a floor, or the paper's.
    standardise : (float, float), optional
        Mean and standard deviation of the input, which is brought to 0 and 1 first. The property
        varies by a few percent only, which batch normalisation alone would partly lose.

    Returns
    -------
    keras.Model
        Maps ``(n, 1)`` to ``(n, K (1 + 2 M))``: means, standard deviations, logits of the weights;
        not compiled. `mixture_of` reads it.

    References
    ----------
    Mao et al., Integr. Mater. Manuf. Innov. 11, 637 (2022), Section 2.7, Eq. 4.
    """
    n_outputs = arguments.whole("n_outputs", n_outputs)
    n_components = arguments.whole("n_components", n_components)
    hidden = arguments.wholes("hidden", hidden)
    scale = arguments.choice("scale", scale, tuple(_SCALES))
    seed = arguments.whole("seed", seed, "[0, inf)")
    inputs = keras.Input((1,), name="property")
    state = inputs
    if standardise is not None:
        mean, deviation = arguments.numbers("standardise", standardise, least=2)
        arguments.number("the deviation in standardise", deviation, "(0, inf)")
        state = keras.layers.Rescaling(1 / deviation, -mean / deviation, name="standard")(inputs)
    for depth, width in enumerate(hidden):
        new = _hidden_layer(state, width, depth, seed)
        state = new if depth == len(hidden) - 1 else keras.layers.Concatenate()([new, state])
    sizes = {"means": n_components * n_outputs, "scales": n_components * n_outputs}
    heads: list[Any] = []
    for name, size in (sizes | {"logits": n_components}).items():
        initializer = keras.initializers.GlorotUniform(seed=seed + len(hidden) + len(heads))
        activation = _SCALES[scale] if name == "scales" else None
        head = keras.layers.Dense(size, activation, kernel_initializer=initializer, name=name)
        heads.append(head(state))
    return keras.Model(inputs, keras.layers.Concatenate(name="mixture")(heads), name="mdn")


def _hidden_layer(state: Any, width: int, depth: int, seed: int) -> Any:
    initializer = keras.initializers.GlorotUniform(seed=seed + depth)
    name = f"hidden_{depth + 1}"
    state = keras.layers.Dense(width, kernel_initializer=initializer, name=name)(state)
    state = keras.layers.BatchNormalization(momentum=0.9, name=f"normal_{depth + 1}")(state)
    return keras.layers.ReLU(name=f"relu_{depth + 1}")(state)


def mixture_of(
    model: keras.Model, properties: npt.ArrayLike, *, name: str = "properties"
) -> Mixture:
    """Compute the mixtures that a trained network gives for b properties, in float64.

    ValueError, with the `name` of the properties, if its outputs for them are not finite.
    """
    wanted = arguments.array(name, properties, "() or (n,)")
    with np.errstate(over="ignore"):
        outputs = model(wanted.astype(np.float32).reshape(-1, 1), training=False)
    if not np.isfinite(ops.convert_to_numpy(outputs)).all():
        raise ValueError(f"{name} must be near the properties of the training; got {wanted}")
    n_components = model.get_layer("logits").units
    n_outputs = model.get_layer("means").units // n_components
    parts = _split(outputs, n_components, n_outputs)
    means, scales, logits = (ops.convert_to_numpy(part).astype(np.float64) for part in parts)
    log_weights = logits - logsumexp(logits, axis=1, keepdims=True)
    return Mixture(log_weights, means, scales)


def _split(outputs: Any, n_components: int, n_outputs: int) -> tuple[Any, Any, Any]:
    """Split the outputs of a network into means, scales and logits."""
    size = n_components * n_outputs
    shape = (-1, n_components, n_outputs)
    means = ops.reshape(outputs[:, :size], shape)
    scales = ops.reshape(outputs[:, size : 2 * size], shape)
    return means, scales, outputs[:, 2 * size :]


def log_density(mixture: Mixture, points: npt.ArrayLike, *, bound: float | None = None) -> Array:
    """Logarithm of the density of mixtures at points (b, M), or (b, m, M) for m points a condition.

    With `bound` it is conditional on every coordinate in (-bound, bound), where the points must
    lie.
    """
    n, _, m = mixture.means.shape
    values = arguments.array("points", points, f"({n}, {m}) or ({n}, n, {m})")
    check_within(values, bound)
    several = values if values.ndim == 3 else values[:, np.newaxis]
    standard = several[:, :, np.newaxis] - mixture.means[:, np.newaxis]
    standard /= mixture.scales[:, np.newaxis]
    offsets = mixture.log_weights - np.log(mixture.scales).sum(-1)
    exponents = offsets[:, np.newaxis] - 0.5 * np.square(standard).sum(-1)
    densities = logsumexp(exponents, axis=-1) - 0.5 * values.shape[-1] * LOG_2_PI
    if bound is not None:
        masses = mixture.log_weights + _log_mass(mixture, bound)
        densities -= logsumexp(masses, axis=-1)[:, np.newaxis]
    return densities if values.ndim == 3 else densities[:, 0]


def sample_mixture(
    mixture: Mixture, n: int, rng: np.random.Generator, *, bound: float | None = None
) -> Array:
    """Draw n points from each mixture, shape (b, n, M).

    With `bound` every coordinate lies in (-bound, bound). The draw is exact, by inverse
    distribution functions, each component weighted by its mass in the box.
    """
    n = arguments.whole("n", n)
    log_weights = mixture.log_weights
    if bound is not None:
        log_weights = log_weights + _log_mass(mixture, _checked(bound))
    # The largest of logits with Gumbel noise is a draw by the weights.
    noise = rng.gumbel(size=(len(log_weights), n, log_weights.shape[1]))
    chosen = np.argmax(log_weights[:, np.newaxis] + noise, axis=-1)[..., np.newaxis]
    means = np.take_along_axis(mixture.means, chosen, axis=1)
    scales = np.take_along_axis(mixture.scales, chosen, axis=1)
    if bound is None:
        return rng.normal(means, scales)
    return _truncated_normal(means, scales, bound, rng)


def check_within(points: Array, bound: float | None) -> None:
    """Raise unless points lie within the bound, if there is one."""
    if bound is not None and not (np.abs(points) <= _checked(bound)).all():
        raise ValueError(f"points must lie within the bound {bound}; got {np.abs(points).max()}")


def _checked(bound: float) -> float:
    return arguments.number("bound", bound, "(0, inf)")


def _log_mass(mixture: Mixture, bound: float) -> Array:
    """Logarithm of each component's mass in the box, shape (b, K)."""
    # By symmetry of the box the mean may be taken positive, where the tails are exact.
    upper = log_ndtr((bound - np.abs(mixture.means)) / mixture.scales)
    lower = log_ndtr((-bound - np.abs(mixture.means)) / mixture.scales)
    return np.sum(upper + np.log1p(-np.exp(lower - upper)), axis=-1)


def _truncated_normal(means: Array, scales: Array, bound: float, rng: np.random.Generator) -> Array:
    """Draw from normal distributions on condition that the draw lies in (-bound, bound)."""
    centres, uniform = np.abs(means), rng.random(means.shape)
    ends = [(edge - centres) / scales for edge in (-bound, bound)]
    lower, upper = (ndtr(end) for end in ends)
    standard = ndtri(lower + (upper - lower) * uniform)
    # Some 37 deviations outside the box its mass underflows: there by logarithms.
    far = upper < 1e-290
    if far.any():
        share = np.maximum(uniform[far], 1e-300)
        first, last = (log_ndtr(end[far]) for end in ends)
        standard[far] = ndtri_exp(np.logaddexp(first + np.log1p(-share), last + np.log(share)))
    draws = centres + scales * standard
    # A single-precision network sees the draws: the edge must not be reached by rounding.
    edge = bound * (1 - 2.0**-20)
    return np.copysign(1.0, means) * np.clip(draws, -edge, edge)
