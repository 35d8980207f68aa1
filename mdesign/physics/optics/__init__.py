"""Optics of patterned layers: rigorous coupled-wave analysis (RCWA) and what it needs."""
