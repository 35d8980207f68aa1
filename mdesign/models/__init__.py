"""Keras 3 networks: small `build_<name>` functions and the layers they need."""

from mdesign.models.batches import MixedBatches
from mdesign.models.constraints import Box, VolumeFraction, VolumePenalty, project
from mdesign.models.designer import Designer, build_designer, optimise_designs, run_designer
from mdesign.models.optimizers import reset_optimizer
from mdesign.models.predictor import build_predictor
from mdesign.models.progress import ProgressBar

__all__ = [
    "Box",
    "Designer",
    "MixedBatches",
    "ProgressBar",
    "VolumeFraction",
    "VolumePenalty",
    "build_designer",
    "build_predictor",
    "optimise_designs",
    "project",
    "reset_optimizer",
    "run_designer",
]
