"""Keras 3 networks, one folder a network."""
