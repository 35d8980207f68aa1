"""Strain fields of cells under a mean strain."""
