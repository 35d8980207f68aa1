"""Inverse design of patterns with a wanted property."""
