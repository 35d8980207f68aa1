"""Effective properties of periodic voxel microstructures: elasticity, conduction and flow."""
