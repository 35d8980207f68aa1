"""Keras 3 networks, one folder a network.

Keras loads a saved network only if its layers and losses are registered: all that are our own are
registered here.
"""

from mdesign.models import gidn, mdn
from mdesign.models.cgcnn import layers as graph_layers
from mdesign.models.crystal_sites.network import LatentSample
from mdesign.models.elemnet.network import ActiveDropout
from mdesign.models.localization import whole_field_network

__all__ = [
    "ActiveDropout",
    "LatentSample",
    "gidn",
    "graph_layers",
    "mdn",
    "whole_field_network",
]
