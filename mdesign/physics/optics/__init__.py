"""Absorption of periodic layers by rigorous coupled-wave analysis."""
