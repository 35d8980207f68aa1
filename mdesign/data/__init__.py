"""Data: public files with checksum and licence, and sets for training."""

from __future__ import annotations

from mdesign.data.public.registry import DataNotReachable, PublicFile, fetch, files, find

__all__ = [
    "DataNotReachable",
    "PublicFile",
    "fetch",
    "files",
    "find",
]
