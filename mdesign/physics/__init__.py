"""Reference physics in NumPy and numba: it makes the data that the models learn."""

from mdesign.physics.bounds import (
    Bounds,
    hashin_shtrikman_bulk,
    hashin_shtrikman_conductivity,
    hashin_shtrikman_modulus,
    hashin_shtrikman_shear,
    in_plane_moduli,
    voigt_reuss,
)
from mdesign.physics.fracture.banded import SingularToughness
from mdesign.physics.fracture.composite import CrackedComposite
from mdesign.physics.optics import rcwa
from mdesign.physics.optics.convergence import converged_orders, truncation_errors
from mdesign.physics.optics.materials import MATERIALS, refractive_index
from mdesign.physics.optics.rcwa import EnergyNotConserved, Scattering, absorptance, scattering
from mdesign.physics.optics.stack import OpticalStack
from mdesign.physics.voxels.brinkman import DarcyBrinkman, FlowFields
from mdesign.physics.voxels.conduction import ConductionFields, VoxelConduction
from mdesign.physics.voxels.conjugate_gradients import NotConverged
from mdesign.physics.voxels.elasticity import ElasticFields, VoxelElasticity, in_plane_modulus
from mdesign.physics.voxels.porous_medium import PROPERTIES, PorousMedium

__all__ = [
    "MATERIALS",
    "PROPERTIES",
    "Bounds",
    "ConductionFields",
    "CrackedComposite",
    "DarcyBrinkman",
    "ElasticFields",
    "EnergyNotConserved",
    "FlowFields",
    "NotConverged",
    "OpticalStack",
    "PorousMedium",
    "Scattering",
    "SingularToughness",
    "VoxelConduction",
    "VoxelElasticity",
    "absorptance",
    "converged_orders",
    "hashin_shtrikman_bulk",
    "hashin_shtrikman_conductivity",
    "hashin_shtrikman_modulus",
    "hashin_shtrikman_shear",
    "in_plane_moduli",
    "in_plane_modulus",
    "rcwa",
    "refractive_index",
    "scattering",
    "truncation_errors",
    "voigt_reuss",
]
