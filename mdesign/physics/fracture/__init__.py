"""Toughness of cracked two-phase composites."""
