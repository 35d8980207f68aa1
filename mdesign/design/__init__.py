"""Inverse design: from a wanted property to a design that has it."""
