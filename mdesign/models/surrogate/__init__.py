"""A fast stand-in for the optical physics."""
