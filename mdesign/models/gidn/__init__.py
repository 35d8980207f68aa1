"""Generative inverse design networks: predictor, designer, constraints."""

from mdesign.models.gidn.constraints import Box, VolumeFraction, VolumePenalty, project
from mdesign.models.gidn.designer import Designer, build_designer, optimise_designs, run_designer
from mdesign.models.gidn.predictor import build_predictor

__all__ = [
    "Box",
    "Designer",
    "VolumeFraction",
    "VolumePenalty",
    "build_designer",
    "build_predictor",
    "optimise_designs",
    "project",
    "run_designer",
]
