"""Elasticity, conduction and flow in periodic voxel cells."""
