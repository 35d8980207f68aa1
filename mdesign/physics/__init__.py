"""Reference physics in NumPy and numba: it makes the data that the models learn."""

from mdesign.physics.fracture import CrackedComposite

__all__ = ["CrackedComposite"]
