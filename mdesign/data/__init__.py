"""Data: public files with checksum and licence, and simulated sets kept as shards."""

from __future__ import annotations

from mdesign.data.registry import DataNotReachable, PublicFile, fetch, files, find
from mdesign.data.shards import ShardedSet, fingerprint

__all__ = [
    "DataNotReachable",
    "PublicFile",
    "ShardedSet",
    "fetch",
    "files",
    "find",
    "fingerprint",
]
