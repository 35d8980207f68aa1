import os
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
from threadpoolctl import threadpool_info

from mdesign.microstructure import gaussian_random_fields
from mdesign.physics import OpticalStack, absorptance, scattering, truncation_errors
from mdesign.physics.optics import rcwa
from mdesign.physics.optics.crosscheck import grcwa_reflectance
from mdesign.physics.optics.films import boundary_conditions, wave_numbers
from mdesign.physics.optics.harmonics import Harmonics
from mdesign.physics.optics.laurent_li import permittivity, permittivity_matrices
from mdesign.physics.optics.layer import (
    faces_by_doubling,
    faces_by_eigenvectors,
    layer_operators,
)

STACK = OpticalStack()
SMALL = replace(STACK, orders=(7, 7))
#: A lossy pattern, lossy films on both sides and a substrate that light leaves through.
LOSSY = OpticalStack(
    pattern_indices=(1.46, 2.1 + 0.3j),
    layers_above=((2.0 + 0.05j, 40.0), (1.4, 90.0)),
    layers_below=((1.8 + 0.1j, 60.0),),
    substrate_index=1.5,
    orders=(5, 5),
)
#: Nothing absorbs anywhere.
CLEAR = OpticalStack(
    pattern_indices=(1.46, 2.3),
    layers_above=((1.7, 55.0),),
    layers_below=((1.9, 120.0),),
    superstrate_index=1.2,
    substrate_index=1.5,
    orders=(5, 5),
)


def blobs(n, side=32, seed=0):
    """Random smooth patterns without any symmetry."""
    rng = np.random.default_rng(seed)
    k = np.fft.fftfreq(side)
    low_pass = np.exp(-((k[:, None] ** 2 + k**2) * (side / 5) ** 2))
    fields = np.fft.ifft2(np.fft.fft2(rng.standard_normal((n, side, side))) * low_pass).real
    return (fields > np.quantile(fields, 0.65, axis=(1, 2), keepdims=True)).astype(np.uint8)


def film_absorptance(layers, superstrate, substrate, wavelength):
    """Closed form at normal incidence: characteristic matrices of homogeneous films."""
    matrix = np.eye(2, dtype=complex)
    for index, thickness in layers:
        phase = 2 * np.pi * index * thickness / wavelength
        matrix = matrix @ np.array(
            [
                [np.cos(phase), -1j * np.sin(phase) / index],
                [-1j * index * np.sin(phase), np.cos(phase)],
            ]
        )
    e, h = matrix @ (np.array([0, 1]) if substrate == "mirror" else np.array([1, substrate]))
    reflectance = abs((superstrate * e - h) / (superstrate * e + h)) ** 2
    transmittance = 0 if substrate == "mirror" else 4 * superstrate * np.real(substrate)
    transmittance = transmittance / abs(superstrate * e + h) ** 2
    opaque = substrate == "mirror" or np.imag(substrate) > 0
    return 1 - reflectance - (0 if opaque else transmittance)


@pytest.mark.parametrize(
    "stack",
    [
        STACK,
        LOSSY,
        CLEAR,
        replace(LOSSY, substrate_index="mirror"),
        replace(LOSSY, substrate_index="mirror", layers_below=(), layers_above=()),
    ],
)
@pytest.mark.parametrize("method", ["doubling", "eigen"])
def test_uniform_pattern_is_a_film(stack, method):
    stack = replace(stack, orders=(3, 3))
    for phase in (0, 1):
        film = (stack.pattern_indices[phase], stack.thickness_nm)
        expected = film_absorptance(
            [*stack.layers_above, film, *stack.layers_below],
            stack.superstrate_index,
            stack.substrate_index,
            stack.wavelength_nm,
        )
        pattern = np.full((1, 8, 8), phase)
        ours = absorptance(pattern, stack, np.complex128, method=method)
        assert ours[0] == pytest.approx(expected, abs=1e-10)


def test_a_metal_without_a_real_part_is_a_film():
    change = {"pattern_indices": (3j, 3j), "thickness_nm": 20.0, "edge_nm": 0.0, "rule": "li"}
    stack = replace(CLEAR, orders=(3, 3), **change)
    layers = [*stack.layers_above, (3j, 20.0), *stack.layers_below]
    expected = film_absorptance(layers, stack.superstrate_index, 1.5, stack.wavelength_nm)
    found = absorptance(np.ones((1, 8, 8)), stack, np.complex128)
    assert found[0] == pytest.approx(expected, abs=1e-10)


def test_agrees_with_grcwa():
    patterns = blobs(10)
    grcwa = grcwa_reflectance(SMALL)
    ours = scattering(patterns, SMALL, np.complex128).reflectance.sum(axis=-1)
    np.testing.assert_allclose(ours, [grcwa(p) for p in patterns], rtol=0, atol=1e-6)


def test_agrees_with_fmmax():
    # In a process of its own, since 64 bits are a setting of the whole process in jax.
    script = (
        "import sys; import jax; jax.config.update('jax_enable_x64', True)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np\n"
        "from mdesign.physics.optics.crosscheck import fmmax_reflectance\n"
        "from test_rcwa import SMALL, blobs\n"
        "fmmax = fmmax_reflectance(SMALL)\n"
        "print(*(repr(float(r)) for p in blobs(10) for r in fmmax(p)))\n"
    )
    here = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", script, here], capture_output=True, text=True, check=True
    )
    fmmax = np.array(run.stdout.split(), dtype=float).reshape(10, 2)
    ours = scattering(blobs(10), SMALL, np.complex128).reflectance.sum(axis=-1)
    np.testing.assert_allclose(ours, fmmax, rtol=0, atol=1e-6)


@pytest.mark.parametrize("stack", [STACK, replace(LOSSY, orders=(11, 11))])
def test_single_precision(stack):
    patterns = blobs(10, side=64)
    double = absorptance(patterns, stack, np.complex128)
    np.testing.assert_allclose(absorptance(patterns, stack), double, rtol=0, atol=1e-5)


@pytest.mark.parametrize("rule", ["laurent", "li"])
@pytest.mark.parametrize("stack", [SMALL, LOSSY, CLEAR, replace(LOSSY, substrate_index="mirror")])
def test_doubling_equals_eigenvectors(stack, rule):
    stack = replace(stack, rule=rule)
    fast = scattering(blobs(3), stack, np.complex128)
    reference = scattering(blobs(3), stack, np.complex128, method="eigen")
    np.testing.assert_allclose(fast.reflectance, reference.reflectance, rtol=0, atol=1e-10)
    np.testing.assert_allclose(fast.transmittance, reference.transmittance, rtol=0, atol=1e-10)


@pytest.mark.parametrize("rule", ["laurent", "li"])
def test_nothing_lost_without_absorption(rule):
    found = scattering(blobs(4), replace(CLEAR, rule=rule), np.complex128)
    total = found.reflectance.sum(axis=-1) + found.transmittance.sum(axis=-1)
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-10)


def solutions(pattern, stack, *, halves):
    """Eigen-solutions of a layer (or of its two halves), joined to the surroundings by brute force.

    Returns the operators, thickness, faces and their amplitudes for light along x and y.
    """
    harmonics = Harmonics(stack.orders)
    waves, boundary = wave_numbers(stack, harmonics), boundary_conditions(stack, harmonics)
    tensors = permittivity_matrices(pattern, stack, harmonics, np.dtype(np.float64))
    operators = layer_operators(tensors, waves, harmonics)
    thickness = 2 * np.pi * stack.thickness_nm / stack.wavelength_nm / halves
    faces = faces_by_eigenvectors(operators, thickness)
    across = rcwa._order_directions(waves, harmonics)
    s0 = rcwa._rotate_field(faces.upper_s, across)
    v0 = rcwa._rotate_current(faces.upper_u, across)
    s1 = rcwa._rotate_field(faces.lower_s, across)
    v1 = rcwa._rotate_current(faces.lower_u, across)
    n = stack.n_orders
    top = boundary.admittance.reshape(-1, 1) * s0 + v0
    bottom = boundary.below_v.reshape(-1, 1) * s1 - boundary.below_s.reshape(-1, 1) * v1
    if halves == 1:
        system = np.vstack([top, bottom])
    else:
        none = np.zeros_like(top)
        joints = np.vstack([np.hstack([s1, -s0]), np.hstack([v1, -v0])])
        system = np.vstack([np.hstack([top, none]), joints, np.hstack([none, bottom])])
    light = np.zeros((len(system), 2), dtype=complex)
    light[0, 0], light[n, 1] = boundary.source[:, 0]
    return tensors, operators, thickness, s0, np.linalg.solve(system, light)


def test_layer_split_in_two():
    pattern = blobs(1)[0]
    *_, s0, whole = solutions(pattern, LOSSY, halves=1)
    *_, s0_half, halves = solutions(pattern, LOSSY, halves=2)
    np.testing.assert_allclose(s0 @ whole, s0_half @ halves[: len(whole)], rtol=0, atol=1e-9)


def test_absorption_is_the_volume_integral():
    # All absorption in the pattern: what is missing must be dissipated there, Im(eps) |E|^2.
    stack = OpticalStack(
        pattern_indices=(1.3, 1.9 + 0.4j),
        layers_above=((1.6, 70.0),),
        substrate_index=1.5,
        orders=(5, 5),
    )
    pattern = blobs(1, seed=3)[0]
    (ex, ey, ez), operators, thickness, _, amplitudes = solutions(pattern, stack, halves=1)
    squared, left, modes = scipy.linalg.eig(operators.pq, left=True, right=True)
    rates = np.sqrt(squared)[:, None]
    nodes, weights = np.polynomial.legendre.leggauss(40)
    harmonics, n = Harmonics(stack.orders), stack.n_orders
    currents = np.concatenate([left.conj()[n:], -left.conj()[:n]])
    even, odd = np.split(amplitudes, 2)
    kx, ky = wave_numbers(stack, harmonics)
    lost = np.zeros(2)
    for z, weight in zip((nodes + 1) / 2 * thickness, weights * thickness / 2, strict=True):
        falling, rising = np.exp(-rates * z) / 2, np.exp(-rates * (thickness - z)) / 2
        cosh, sinh = rising + falling, (rising - falling) / rates
        s = modes @ (cosh * even) + operators.p @ (currents @ (sinh * odd))
        u = operators.q @ (modes @ (sinh * even)) + currents @ (cosh * odd)
        curl = harmonics.derivative(kx, u[n:]) - harmonics.derivative(ky, u[:n])
        e_z = np.linalg.solve(ez, curl)
        for field, epsilon in ((s[:n], ex), (s[n:], ey), (e_z, ez)):
            lost += weight * np.einsum("ip,ij,jp->p", field.conj(), epsilon.imag, field).real
    found = scattering([pattern], stack, np.complex128)
    missing = 1 - (found.reflectance + found.transmittance)[0].sum(axis=-1)
    assert missing.min() > 0.1
    np.testing.assert_allclose(missing, lost / stack.superstrate_index, rtol=0, atol=1e-9)


def test_reciprocity():
    # Zeroth-order transmission does not depend on the side that the light comes from.
    turned = replace(
        LOSSY,
        layers_above=LOSSY.layers_below[::-1],
        layers_below=LOSSY.layers_above[::-1],
        superstrate_index=LOSSY.substrate_index,
        substrate_index=LOSSY.superstrate_index,
    )
    down = scattering(blobs(3), LOSSY, np.complex128).transmittance[:, :, 0].sum(axis=1)
    up = scattering(blobs(3), turned, np.complex128).transmittance[:, :, 0].sum(axis=1)
    np.testing.assert_allclose(down, up, rtol=0, atol=1e-9)


def test_rotation_swaps_polarizations():
    patterns = blobs(3)
    stack = replace(LOSSY, orders=(5, 7))
    found = scattering(patterns, stack, np.complex128).reflectance.sum(axis=-1)
    turned = scattering(
        np.rot90(patterns, axes=(1, 2)), replace(stack, orders=(7, 5)), np.complex128
    ).reflectance.sum(axis=-1)
    assert abs(found[:, 0] - found[:, 1]).max() > 1e-4
    np.testing.assert_allclose(found, turned[:, ::-1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("rule", ["laurent", "li"])
def test_cyclic_shift_changes_nothing(rule):
    stack = replace(LOSSY, rule=rule)
    moved = np.roll(blobs(3), (5, -11), axis=(1, 2))
    np.testing.assert_allclose(
        absorptance(blobs(3), stack, np.complex128),
        absorptance(moved, stack, np.complex128),
        rtol=0,
        atol=1e-9,
    )


@pytest.mark.parametrize("rule", ["laurent", "li"])
def test_square_pixels_can_be_subdivided(rule):
    fine = np.kron(blobs(2), np.ones((2, 2), dtype=int))
    for pixel_sinc in (True, False):
        stack = replace(CLEAR, rule=rule, pixel_sinc=pixel_sinc, edge_nm=0.0)
        coarse_r = scattering(blobs(2), stack, np.complex128).reflectance
        fine_r = scattering(fine, stack, np.complex128).reflectance
        assert (abs(coarse_r - fine_r).max() < 1e-10) == pixel_sinc


@pytest.mark.parametrize("axis", [0, 1])
def test_fine_stripes_are_an_anisotropic_film(axis):
    # Much finer than the wavelength, stripes act on a field along them by the mean permittivity
    # and on a field across them by the harmonic mean: only Li's rule has the second.
    orders = (1, 11) if axis else (11, 1)
    fine = {"period_nm": 0.9, "edge_nm": 0.0, "pixel_sinc": True, "rule": "li"}
    stack = replace(CLEAR, orders=orders, **fine)
    stripes = np.zeros((1, 32, 32), dtype=int)
    np.moveaxis(stripes, axis + 1, 0)[:12] = 1
    low, high = (index**2 for index in stack.pattern_indices)
    share = 12 / 32
    along = np.sqrt(share * high + (1 - share) * low)
    across = 1 / np.sqrt(share / high + (1 - share) / low)
    found = scattering(stripes, stack, np.complex128).reflectance[0].sum(axis=-1)
    for polarization, index in ((axis, across), (1 - axis, along)):
        film = (index, stack.thickness_nm)
        layers = [*stack.layers_above, film, *stack.layers_below]
        expected = film_reflectance(layers, stack)
        assert found[polarization] == pytest.approx(expected, abs=5e-5)  # first order in the period
    laurent = scattering(stripes, replace(stack, rule="laurent"), np.complex128).reflectance[0]
    assert abs(laurent.sum(axis=-1)[axis] - found[axis]) > 1e-3


def film_reflectance(layers, stack):
    """Reflectance of clear films: with an opaque twin of the substrate nothing else is left."""
    barely = stack.substrate_index + 1e-12j
    return 1 - film_absorptance(layers, stack.superstrate_index, barely, stack.wavelength_nm)


def microstructures(n):
    """Level cuts of random fields, like those of the published generator."""
    correlation = (1, 0.71, 0.47, 0.30, 0.20, 0.13, 0.06)
    return gaussian_random_fields(
        n, (64, 64), volume_fraction=0.32, correlation=correlation, rng=np.random.default_rng(3)
    )


def test_the_default_stack_is_converged_and_its_error_known():
    patterns = microstructures(4)
    errors = abs(
        absorptance(patterns, STACK) - absorptance(patterns, replace(STACK, orders=(25, 25)))
    )
    assert errors.max() < 0.003
    assert (errors <= truncation_errors(patterns, STACK)).all()


def test_both_rules_have_one_limit_where_edges_are_graded():
    def gap(**change):
        stacks = [
            replace(STACK, orders=(13, 13), rule=rule, **change) for rule in ("laurent", "li")
        ]
        laurent, li = (absorptance(microstructures(2), stack) for stack in stacks)
        return abs(laurent - li).max()

    assert gap() < 0.002
    assert gap(edge_nm=0.0) > 0.01


def test_edges_are_smoothed_by_a_gaussian():
    pattern = blobs(1)[0]
    pixel = STACK.period_nm / len(pattern)
    stack = replace(STACK, edge_nm=1.7 * pixel)
    low, high = (complex(index).real ** 2 for index in stack.pattern_indices)
    smooth = scipy.ndimage.gaussian_filter(pattern.astype(float), 1.7, mode="wrap", truncate=8)
    expected = low + (high - low) * smooth
    np.testing.assert_allclose(permittivity(pattern, stack), expected, rtol=0, atol=2e-3)
    np.testing.assert_array_equal(
        np.unique(permittivity(pattern, replace(stack, edge_nm=0.0)).round(9)),
        np.unique([low, high]).round(9),
    )


def test_polarizations():
    parts = [absorptance(blobs(2), replace(SMALL, polarization=p)) for p in "xy"]
    np.testing.assert_allclose(absorptance(blobs(2), SMALL), np.mean(parts, axis=0))


def test_order_at_grazing_is_the_limit():
    # A period of one wavelength puts the first orders of air exactly at grazing.
    patterns = blobs(2)
    at, near = (
        absorptance(patterns, replace(SMALL, period_nm=period), np.complex128)
        for period in (474.0, 474.0 * (1 - 1e-9))
    )
    np.testing.assert_allclose(at, near, rtol=0, atol=1e-3)


def test_an_uncertain_result_falls_back_on_double_precision(monkeypatch):
    patterns = blobs(3)
    monkeypatch.setitem(rcwa._TOLERANCE, 4, -1.0)
    np.testing.assert_array_equal(
        absorptance(patterns, SMALL), absorptance(patterns, SMALL, np.complex128)
    )


def test_a_thick_layer_takes_double_precision_at_once(monkeypatch):
    tried, faces = [], rcwa._Problem._faces

    def counted(problem, pattern, real, **settings):
        tried.append(real)
        return faces(problem, pattern, real, **settings)

    monkeypatch.setattr(rcwa._Problem, "_faces", counted)
    for thickness in (200.0, 5_000.0):
        absorptance(blobs(1), replace(SMALL, thickness_nm=thickness))
    assert tried == [np.float32, np.float64]


def test_an_uncertain_double_result_falls_back_on_eigenvectors(monkeypatch):
    exact = scattering(blobs(2), SMALL, np.complex128, method="eigen").reflectance

    def wrong(operators, *arguments, **settings):
        faces = faces_by_doubling(operators, *arguments, **settings)
        return replace(faces, lower_u=faces.lower_u * (1 + 1e-6))

    monkeypatch.setattr(rcwa, "faces_by_doubling", wrong)
    np.testing.assert_array_equal(scattering(blobs(2), SMALL, np.complex128).reflectance, exact)


def test_silver_in_air_is_right_by_default():
    stack = OpticalStack(
        wavelength_nm=650.0,
        period_nm=500.0,
        thickness_nm=500.0,
        pattern_indices=(1.0, "silver"),
        layers_above=(),
        substrate_index=1.45,
        orders=(9, 9),
        rule="li",
        edge_nm=0.0,
    )
    exact = absorptance(blobs(4), stack, np.complex128, method="eigen")
    np.testing.assert_allclose(absorptance(blobs(4), stack), exact, rtol=0, atol=1e-5)


METALS = [0.14 + 4.15j, 0.2 + 3.3j, 1.2 + 7.2j, 3.0j]
OTHERS = [1.0, 1.46, 2.0, 3.6, 2.1 + 0.3j, 4.2 + 0.05j, 4.4 + 1.0j, 3.0 + 2.5j]


def random_stack(rng):
    """Stack of two materials of any kind, on and below films of any kind."""

    def films():
        count = rng.integers(3)
        return [(rng.choice(OTHERS), rng.uniform(10, 300)) for _ in range(count)]

    indices = [rng.choice(OTHERS), rng.choice([*METALS, *OTHERS])]
    return OpticalStack(
        wavelength_nm=rng.uniform(400, 1000),
        period_nm=rng.uniform(150, 1200),
        thickness_nm=20 * 75 ** rng.random(),
        pattern_indices=rng.permutation(indices),
        layers_above=films(),
        layers_below=films(),
        substrate_index=[1.0, 1.45, 3.5 + 0.02j, METALS[0], "mirror"][rng.integers(5)],
        orders=2 * rng.integers(0, 4, 2) + 1,
        rule=["laurent", "li"][rng.integers(2)],
        edge_nm=0.0,
    )


@pytest.mark.filterwarnings("ignore:Laurent's rule")
def test_the_default_is_right_for_random_stacks():
    # MDESIGN_FUZZ=2000 tries as many.
    rng = np.random.default_rng(0)
    for pattern in blobs(int(os.environ.get("MDESIGN_FUZZ", "200"))):
        stack = random_stack(rng)
        fast = scattering([pattern], stack)
        double = scattering([pattern], stack, np.complex128)
        exact = scattering([pattern], stack, np.complex128, method="eigen")
        for name in ("reflectance", "transmittance", "absorptance"):
            values = [getattr(result, name) for result in (fast, double, exact)]
            np.testing.assert_allclose(values[0], values[2], rtol=0, atol=1e-5, err_msg=f"{stack}")
            np.testing.assert_allclose(values[1], values[2], rtol=0, atol=1e-8, err_msg=f"{stack}")


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_spurious_modes_of_a_metal_without_loss_do_no_harm(dtype):
    # Next to a metal a truncated series has modes that oscillate faster than light in any phase.
    stack = OpticalStack(
        wavelength_nm=600.0,
        period_nm=300.0,
        thickness_nm=150.0,
        pattern_indices=(1.5, 2.18j),
        layers_above=(),
        substrate_index=1.45,
        orders=(5, 1),
        rule="li",
        edge_nm=0.0,
    )
    stripes = np.zeros((1, 16, 16), dtype=int)
    stripes[:, :9] = 1
    exact = scattering(stripes, stack, np.complex128, method="eigen").reflectance
    found = scattering(stripes, stack, dtype).reflectance
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-5 if dtype == np.complex64 else 1e-8)


@pytest.mark.parametrize("thickness", [5000.0, 12000.0])
@pytest.mark.parametrize("method", ["doubling", "eigen"])
def test_order_at_grazing_inside_the_layer_does_no_harm(method, thickness):
    # Wavelength, period and an index of 2 put the orders (2, 0) and (0, 2) exactly at grazing.
    stack = OpticalStack(
        wavelength_nm=600.0,
        period_nm=600.0,
        thickness_nm=thickness,
        pattern_indices=(2.0, 2.0),
        layers_above=(),
        substrate_index=1.45,
        orders=(5, 5),
    )
    phase = 2 * np.pi * 2 * thickness / 600
    face, back = (1 - 2) / (1 + 2), (2 - 1.45) / (2 + 1.45) * np.exp(2j * phase)
    expected = abs((face + back) / (1 + face * back)) ** 2
    found = scattering(blobs(1), stack, np.complex128, method=method).reflectance.sum(axis=-1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("period", [100.0, 50.0, 10.0])
def test_thick_layer_of_fine_harmonics_takes_a_slower_route(period):
    stack = replace(LOSSY, period_nm=period, orders=(11, 11))
    exact = absorptance(blobs(2), stack, np.complex128, method="eigen")
    np.testing.assert_allclose(absorptance(blobs(2), stack), exact, rtol=0, atol=1e-5)


def test_patterns_without_a_solution_are_named_and_lose_no_other(monkeypatch):
    patterns = blobs(4)
    whole = absorptance(patterns, SMALL)
    matrices = rcwa.permittivity_matrices

    def broken(pattern, *arguments):
        tensors = matrices(pattern, *arguments)
        bad = any((pattern == patterns[i]).all() for i in (1, 3))
        return tuple(tensor * 0 for tensor in tensors) if bad else tensors

    monkeypatch.setattr(rcwa, "permittivity_matrices", broken)
    with pytest.raises(rcwa.EnergyNotConserved, match=r"2 of 4 .*: \[1, 3\].*singular") as caught:
        absorptance(patterns, SMALL)
    assert caught.value.patterns == [1, 3]
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    rest = caught.value.scattering.absorptance
    np.testing.assert_array_equal(rest, np.where([0, 1, 0, 1], np.nan, whole))


def test_a_result_that_is_not_finite_raises(monkeypatch):
    def broken(*arguments):
        return np.full((2, 2, SMALL.n_orders), np.nan), 0.0

    monkeypatch.setattr(rcwa, "_match_faces", broken)
    with pytest.raises(rcwa.EnergyNotConserved, match="nan"):
        absorptance(blobs(1), SMALL)


def test_warns_once_of_a_metal_under_laurents_rule():
    rcwa._warn_once.cache_clear()
    stack = replace(SMALL, pattern_indices=(1.5, "silver"), orders=(3, 3), edge_nm=0.0)
    with pytest.warns(UserWarning, match='rule="li"') as warned:
        absorptance(blobs(1), stack)
        absorptance(blobs(1), replace(stack, orders=(5, 5)))
    assert [w.filename for w in warned] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        absorptance(blobs(1), replace(stack, rule="li"))
        absorptance(blobs(1), SMALL)


def test_takes_as_many_threads_as_linear_algebra_may(monkeypatch):
    allowed = max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
    asked = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, workers):
            asked.append(workers)
            super().__init__(workers)

    monkeypatch.setattr(rcwa, "ThreadPoolExecutor", Pool)
    rcwa._cores.cache_clear()
    absorptance(blobs(2), SMALL)
    absorptance(blobs(2), SMALL)
    assert asked == [allowed, allowed]


def test_result_does_not_depend_on_the_batch():
    patterns = blobs(5)
    together = absorptance(patterns, SMALL)
    np.testing.assert_array_equal(together, [absorptance([p], SMALL)[0] for p in patterns])
    assert absorptance(patterns[:0], SMALL).shape == (0,)


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (np.full((1, 32, 32), 2), r"patterns must lie in \[0, 1\]; got 2"),
        (np.full((1, 32, 32), np.nan), "got nan"),
        (np.zeros((1, 32, 30)), r"\(n, nx, nx\); got \(1, 32, 30\)"),
        (np.zeros((32, 32)), r"got \(32, 32\)"),
        (np.zeros((1, 8, 8)), "at least 13 pixels"),
    ],
)
def test_bad_patterns(patterns, message):
    with pytest.raises(ValueError, match=message):
        absorptance(patterns, SMALL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": np.float32}, "dtype must be one of"),
        ({"dtype": np.complex128, "method": "guess"}, "method must be"),
        ({"dtype": np.complex64, "method": "eigen"}, "needs dtype complex128"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        absorptance(blobs(1), SMALL, **settings)
