"""Stiffness of cells by a three-dimensional convolutional network."""
