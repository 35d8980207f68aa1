"""Public data: a registry of files with checksum and licence, fetched when first needed."""

from __future__ import annotations

from mdesign.data.registry import DataNotReachable, PublicFile, fetch, files, find

__all__ = ["DataNotReachable", "PublicFile", "fetch", "files", "find"]
