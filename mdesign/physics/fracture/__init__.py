"""Fracture of two-phase composites: toughness by a banded finite-element solver."""
