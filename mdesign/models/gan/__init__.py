"""A generative adversarial network of microstructures."""
