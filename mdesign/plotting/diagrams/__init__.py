"""Diagrams of the networks and methods."""
