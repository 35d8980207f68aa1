"""Valid calls of everything public in `mdesign.physics` and `mdesign.microstructure`."""

import numpy as np
from fuzzing import Calls, named, valid

from mdesign import microstructure, physics
from mdesign.microstructure import MarkovField
from mdesign.physics import (
    CrackedComposite,
    DarcyBrinkman,
    OpticalStack,
    PorousMedium,
    VoxelConduction,
    VoxelElasticity,
)

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


def calls() -> Calls:
    """A valid call of each public function, by its name; a class by its constructor."""
    fields = {"volume_fraction": 0.4, "correlation": (1.0, 0.4, 0.04, 0.0)}
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
            nx=6, ny=3, crack_length=2, modulus_ratio=5.0, poisson_ratio=0.3, failure="first"
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
        "truncation_errors": lambda: dict(patterns=SQUARES, stack=STACK, dtype=np.complex128),
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
    return named(public, table) | {name: valid(*call) for name, call in methods.items()}


PUBLIC = {*microstructure.__all__, *physics.__all__}

#: Results that functions return, exceptions and tables: nothing to be called by a user.
NOT_CALLED = {
    *("Bounds", "ConductionFields", "ElasticFields", "EnergyNotConserved", "FlowFields"),
    *("NotConverged", "Scattering", "SingularToughness", "TextureComparison"),
    *("MATERIALS", "PROPERTIES"),
    *("FILTER_WIDTHS", "rcwa"),
}
