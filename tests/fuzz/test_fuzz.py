"""Every public function with one bad argument at a time: each answer is right or a clear error.

A wrong value has to give a ValueError and a wrong type a TypeError, each naming the argument; other
forms of the same value give the same result; NaN never comes out. ``MDESIGN_FUZZ=10000`` sets how
many calls are tried; without it a small sample with a fixed seed is.
"""

import contextlib
import dataclasses
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from mdesign import microstructure, physics
from mdesign.microstructure import MarkovField
from mdesign.physics import (
    CrackedComposite,
    DarcyBrinkman,
    NotConverged,
    OpticalStack,
    PorousMedium,
    VoxelConduction,
    VoxelElasticity,
)

SECONDS = 20
TRIALS = int(os.environ.get("MDESIGN_FUZZ", "600"))

Call = tuple[Callable[..., Any], dict[str, Any]]

CHECKS = np.indices((2, 8, 8)).sum(axis=0) % 2
PATTERNS = np.random.default_rng(0).integers(0, 2, (3, 16, 12)).astype(np.uint8)
SQUARES = np.random.default_rng(1).integers(0, 2, (2, 12, 12)).astype(np.uint8)
CELLS = np.random.default_rng(2).integers(0, 2, (2, 4, 6)).astype(np.uint8)
GREY = np.random.default_rng(3).random((2, 9, 8))
STACK = OpticalStack(orders=(3, 3), thickness_nm=100.0)
PLATE = CrackedComposite(6, 3, 2)
ELASTIC = VoxelElasticity((1.0, 5.0), (0.3, 0.2))
CONDUCTIVE = VoxelConduction((1.0, 5.0))
DESIGNS = np.random.default_rng(4).integers(0, 2, (2, 18)).astype(float)


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def calls() -> dict[str, Callable[[], Call]]:
    """A valid call of each public function, by its name; a class by its constructor."""
    fields = {"volume_fraction": 0.4, "correlation": (1.0, 0.4, 0.1, 0.0)}
    bounds = {"fractions": [0.3, 0.7], "dimension": 2}
    elastic = {"bulk": [1.0, 5.0], "shear": [0.5, 3.0]}
    table = {
        "MarkovField": lambda: dict(radius=2, min_leaf=3, tolerance=0.01),
        "autocorrelation": lambda: dict(patterns=PATTERNS, phase=1, periodic=True),
        "coarsen": lambda: dict(phases=CHECKS, factor=2),
        "compare_textures": lambda: dict(generated=SQUARES, authentic=SQUARES[::-1]),
        "cut_crops": lambda: dict(images=PATTERNS, size=6, per_image=5),
        "field_covariance": lambda: dict(autocorrelation=[1.0, 0.5, 0.1], volume_fraction=0.3),
        "filtered_noise": lambda: dict(
            n=2, shape=(5, 6, 7), fraction=0.4, widths=[1.0, 0.5, 0.5], rng=rng()
        ),
        "gaussian_random_fields": lambda: dict(n=2, shape=(9, 8), rng=rng(), **fields),
        "lineal_path": lambda: dict(patterns=PATTERNS, phase=1, periodic=True, max_length=4),
        "mean_chord": lambda: dict(patterns=PATTERNS, phase=0),
        "nearest_difference": lambda: dict(generated=SQUARES, training=SQUARES, max_shift=2),
        "otsu": lambda: dict(images=GREY),
        "otsu_thresholds": lambda: dict(images=GREY, n_bins=64),
        "radial_average": lambda: dict(maps=GREY, max_lag=3),
        "random_media": lambda: dict(n=1, size=16, rng=rng(), like="sandstone"),
        "ranked_random_fields": lambda: dict(n=2, shape=(9, 8), rng=rng(), **fields),
        "scattered": lambda: dict(n=2, shape=(4, 5, 6), fraction=0.3, rng=rng()),
        "two_point_correlation": lambda: dict(patterns=PATTERNS, phase=1, periodic=True),
        "volume_fraction": lambda: dict(patterns=PATTERNS, phase=1),
        "CrackedComposite": lambda: dict(
            nx=6, ny=3, crack_length=2, modulus_ratio=5.0, poisson_ratio=0.3
        ),
        "DarcyBrinkman": lambda: dict(
            permeabilities=(float("inf"), 1e-3), tolerance=1e-6, max_iterations=900
        ),
        "OpticalStack": lambda: dict(
            wavelength_nm=500.0, period_nm=700.0, orders=(3, 3), rule="li", polarization="x"
        ),
        "PorousMedium": lambda: dict(tolerance=1e-6),
        "VoxelConduction": lambda: dict(
            conductivities=(1.0, 5.0), tolerance=1e-6, max_iterations=900, dtype="float64"
        ),
        "VoxelElasticity": lambda: dict(
            youngs_moduli=(1.0, 5.0), poisson_ratios=(0.3, 0.2), tolerance=1e-6, dtype="float64"
        ),
        "absorptance": lambda: dict(
            patterns=SQUARES, stack=STACK, dtype=np.complex128, method="doubling"
        ),
        "converged_orders": lambda: dict(
            patterns=SQUARES[:1].repeat(2, 1).repeat(2, 2), stack=STACK, tolerance=0.9, largest=11
        ),
        "hashin_shtrikman_bulk": lambda: elastic | bounds,
        "hashin_shtrikman_conductivity": lambda: dict(values=[1.0, 5.0], **bounds),
        "hashin_shtrikman_modulus": lambda: dict(
            fraction=0.4, moduli=(0.1, 1.0), poisson_ratio=0.3
        ),
        "hashin_shtrikman_shear": lambda: elastic | bounds,
        "in_plane_moduli": lambda: dict(youngs_modulus=[1.0, 2.0], poisson_ratio=0.3),
        "in_plane_modulus": lambda: dict(stiffness=np.diag([2.0, 2.0, 0.7])),
        "refractive_index": lambda: dict(material="silver", wavelength_nm=600.0),
        "scattering": lambda: dict(
            patterns=SQUARES, stack=STACK, dtype=np.complex128, method="doubling"
        ),
        "voigt_reuss": lambda: dict(values=[1.0, 5.0], fractions=[0.3, 0.7]),
    }
    methods = {
        "MarkovField.fit": (MarkovField(radius=1).fit, lambda: dict(images=PATTERNS, rng=rng())),
        "CrackedComposite.toughness": (PLATE.toughness, lambda: dict(designs=DESIGNS)),
        "CrackedComposite.toughness_and_gradient": (
            PLATE.toughness_and_gradient,
            lambda: dict(designs=DESIGNS),
        ),
        "CrackedComposite.fields": (PLATE.fields, lambda: dict(design=DESIGNS[0])),
        "CrackedComposite.expand": (PLATE.expand, lambda: dict(designs=DESIGNS)),
        "VoxelElasticity.solve": (
            ELASTIC.solve,
            lambda: dict(phases=CELLS, mean_strain=[1.0, 0.0, 0.0]),
        ),
        "VoxelElasticity.effective_stiffness": (
            ELASTIC.effective_stiffness,
            lambda: dict(phases=CELLS),
        ),
        "VoxelConduction.solve": (
            CONDUCTIVE.solve,
            lambda: dict(phases=CELLS, mean_gradient=[1.0, 0.0]),
        ),
        "VoxelConduction.effective_conductivity": (
            CONDUCTIVE.effective_conductivity,
            lambda: dict(phases=CELLS),
        ),
        "DarcyBrinkman.solve": (
            DarcyBrinkman((float("inf"), 1e-3)).solve,
            lambda: dict(phases=CHECKS[:, :4], force=[1.0, 0.0]),
        ),
        "PorousMedium.modulus": (PorousMedium().modulus, lambda: dict(phases=SQUARES)),
    }
    public = vars(microstructure) | vars(physics)
    found = {name: _valid(public[name], make) for name, make in table.items()}
    return found | {name: _valid(*method) for name, method in methods.items()}


def _valid(function: Callable[..., Any], make: Callable[[], dict[str, Any]]) -> Any:
    return lambda: (function, make())


#: Results that functions return, exceptions and tables: nothing to be called by a user.
NOT_CALLED = {
    *("Bounds", "ConductionFields", "ElasticFields", "EnergyNotConserved", "FlowFields"),
    *("NotConverged", "Scattering", "TextureComparison", "MATERIALS", "PROPERTIES"),
    *("FILTER_WIDTHS", "rcwa"),
}

CALLS = calls()


def bad_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Pairs of what must happen and a value: "type", "value", "either" or "no nan"."""
    if isinstance(value, np.random.Generator):
        yield from (("type", other) for other in (0, None, "seed"))
    elif isinstance(value, bool):
        yield from (("type", other) for other in ("yes", [True]))
    elif isinstance(value, int):
        yield from (("type", other) for other in ("3", [value], 1j, {}))
        yield from (("either", other) for other in (value + 0.5, float("nan")))
        yield from (("no nan", other) for other in (-1, 0, -(10**9)))
    elif isinstance(value, float):
        yield from (("type", other) for other in ("3", 1j, {}))
        yield "no nan", [value]  # an array of one number to some
        yield "value", float("nan")
        yield from (("no nan", other) for other in (-1.0, 0.0, np.inf, -np.inf, 1e300, 1e-300))
    elif isinstance(value, str):
        yield from (("type", other) for other in (3, ["a"]))
        yield "value", "nonsense"
    elif isinstance(value, np.ndarray):
        yield from _bad_arrays(value)
    elif isinstance(value, tuple | list):
        yield from (("type", other) for other in ("ab", {}, object()))
        yield "either", type(value)(["a", *value[1:]])
        yield "either", type(value)([float("nan"), *value[1:]])
        yield from (("no nan", other) for other in (type(value)(), type(value)([*value, 1])))
    elif dataclasses.is_dataclass(value):
        yield from (("type", other) for other in (None, "settings", 3))


def _bad_arrays(value: np.ndarray) -> Iterator[tuple[str, Any]]:
    yield from (("type", other) for other in ("pores", object(), {}, value.astype(str)))
    spoilt = value.astype(float)
    spoilt.flat[0] = np.nan
    yield "value", spoilt
    yield from (("no nan", other) for other in (value[:0], value[0], value[np.newaxis], -value))
    yield "value", np.stack([value] * 3, axis=-1)[..., np.newaxis]
    if value.dtype.kind in "iub":
        yield from (
            ("value", other) for other in (value * 255, value + 0.5, value.astype(int) + 300)
        )


def same_values(value: Any) -> Iterator[Any]:
    """Other forms of the same value."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield from (kind(value) for kind in (np.int8, np.uint16, np.int64) if value < 128)
    elif isinstance(value, float):
        yield np.float64(value)
    elif isinstance(value, np.ndarray):
        yield from (np.asfortranarray(value), value.tolist(), value.astype(float))
        if value.dtype == np.uint8:
            yield from (value.astype(bool), value.astype(np.int64))


TRIED = [
    (name, argument, rule, number)
    for name, make in CALLS.items()
    for argument, value in make()[1].items()
    for rule, values in (("bad", bad_values(value)), ("same", same_values(value)))
    for number, _ in enumerate(values)
]


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Interrupt a call that takes too long."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fault(name: str, argument: str, rule: str, number: int) -> str | None:
    """What is wrong with the answer to one changed argument; None if nothing is."""
    function, arguments = CALLS[name]()
    if rule == "same":
        other = list(same_values(arguments[argument]))[number]
        wanted = function(**CALLS[name]()[1])
    else:
        rule, other = list(bad_values(arguments[argument]))[number]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), time_limit(SECONDS):
            warnings.simplefilter("ignore")
            result = function(**arguments | {argument: other})
    except (TypeError, ValueError) as error:
        return _fault_of_error(error, argument, rule)
    except (ArithmeticError, NotConverged) as error:
        return None if rule == "no nan" else f"raises {error!r}"
    except Exception as error:
        return f"raises {error!r}"
    if rule == "same":
        return None if same(result, wanted) else f"{type(other)} changes the result"
    if rule != "no nan":
        return f"takes {argument}={str(other)[:60]!r}"
    return "returns NaN" if has_nan(result) else None


def _fault_of_error(error: Exception, argument: str, rule: str) -> str | None:
    wanted = {"type": TypeError, "value": ValueError, "same": ()}.get(rule, Exception)
    if not isinstance(error, wanted):
        return f"{error!r} for {rule}"
    return None if argument in str(error) else f"does not name {argument}: {error!r}"


def members(result: Any) -> list[Any]:
    """Parts of a result."""
    if dataclasses.is_dataclass(result):
        return [getattr(result, field.name) for field in dataclasses.fields(result)]
    if isinstance(result, Mapping):
        return list(result.values())
    return list(result) if isinstance(result, Sequence) and not isinstance(result, str) else []


def has_nan(result: Any) -> bool:
    """Whether there is a NaN anywhere in a result."""
    if isinstance(result, np.ndarray | float | complex | np.generic):
        array = np.asarray(result)
        return array.dtype.kind in "fc" and bool(np.isnan(array).any())
    return any(has_nan(part) for part in members(result))


def same(one: Any, two: Any) -> bool:
    """Whether two results are equal but for rounding."""
    if isinstance(one, np.ndarray | float | np.generic):
        one, two = np.asarray(one), np.asarray(two)
        return one.shape == two.shape and bool(np.allclose(one, two, rtol=1e-7, atol=1e-9))
    if parts := members(one):
        return all(same(a, b) for a, b in zip(parts, members(two), strict=True))
    return type(one) is type(two)


def test_every_public_name_is_tried():
    public = {*microstructure.__all__, *physics.__all__}
    assert public - NOT_CALLED == {name for name in CALLS if "." not in name}


def test_valid_calls_give_numbers():
    for name, make in CALLS.items():
        function, arguments = make()
        assert not has_nan(function(**arguments)), name


def test_bad_arguments_are_named():
    order = np.random.default_rng(0).permutation(len(TRIED))
    tried = [TRIED[i] for i in order[:TRIALS]]
    faults = {one: said for one in tried if (said := fault(*one))}
    assert not faults, "\n".join(f"{one}: {said}" for one, said in faults.items())


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda patterns: np.nan, "returns NaN"),
        (lambda patterns: 1.0, "takes patterns"),
        (lambda patterns: [][1], "raises IndexError"),
        (lambda patterns: np.add(patterns, {}), "does not name"),
    ],
)
def test_a_fault_is_seen(monkeypatch, spoilt, said):
    monkeypatch.setitem(CALLS, "spoilt", _valid(spoilt, lambda: dict(patterns=PATTERNS)))
    rules = [("spoilt", "patterns", "bad", n) for n, _ in enumerate(bad_values(PATTERNS))]
    assert any(said in (fault(*one) or "") for one in rules)
