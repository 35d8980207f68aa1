"""Inverse design: from a wanted property to the arrangement of two phases."""
