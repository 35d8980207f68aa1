"""Reference physics in NumPy and numba: it makes the data that the models learn."""

from mdesign.physics.fracture import CrackedComposite
from mdesign.physics.materials import MATERIALS, refractive_index
from mdesign.physics.optical_stack import OpticalStack
from mdesign.physics.rcwa import EnergyNotConserved, Scattering, absorptance, scattering

__all__ = [
    "MATERIALS",
    "CrackedComposite",
    "EnergyNotConserved",
    "OpticalStack",
    "Scattering",
    "absorptance",
    "refractive_index",
    "scattering",
]
