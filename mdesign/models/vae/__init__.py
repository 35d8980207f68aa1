"""Autoencoders of microstructures, plain, variational and morphology-consistent."""
