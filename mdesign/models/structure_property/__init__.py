"""Properties of microstructures by a convolutional network."""
