"""Gradients, uncertainty and calibration of trained networks."""
