"""Reference physics in NumPy and numba: it makes the data that the models learn."""

from mdesign.physics._periodic import NotConverged
from mdesign.physics.bounds import (
    Bounds,
    hashin_shtrikman_bulk,
    hashin_shtrikman_conductivity,
    hashin_shtrikman_modulus,
    hashin_shtrikman_shear,
    in_plane_moduli,
    voigt_reuss,
)
from mdesign.physics.brinkman import DarcyBrinkman, FlowFields
from mdesign.physics.conduction import ConductionFields, VoxelConduction
from mdesign.physics.elasticity import ElasticFields, VoxelElasticity, in_plane_modulus
from mdesign.physics.fracture import CrackedComposite
from mdesign.physics.materials import MATERIALS, refractive_index
from mdesign.physics.optical_stack import OpticalStack
from mdesign.physics.porous import PROPERTIES, PorousMedium
from mdesign.physics.rcwa import EnergyNotConserved, Scattering, absorptance, scattering

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
    "VoxelConduction",
    "VoxelElasticity",
    "absorptance",
    "hashin_shtrikman_bulk",
    "hashin_shtrikman_conductivity",
    "hashin_shtrikman_modulus",
    "hashin_shtrikman_shear",
    "in_plane_moduli",
    "in_plane_modulus",
    "refractive_index",
    "scattering",
    "voigt_reuss",
]
