"""A fast surrogate of the optical physics."""
