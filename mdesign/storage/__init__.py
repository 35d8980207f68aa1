"""Kept results: files with checksums, shards of data, fingerprints of settings and code."""

from mdesign.storage.arrays import kept_arrays, load_arrays, save_arrays
from mdesign.storage.code import code_of
from mdesign.storage.files import digest, kept_whole, read_kept, reused_seconds
from mdesign.storage.fingerprint import fingerprint, result_name, rounded
from mdesign.storage.shards import ShardedSet

__all__ = [
    "ShardedSet",
    "code_of",
    "digest",
    "fingerprint",
    "kept_arrays",
    "kept_whole",
    "load_arrays",
    "read_kept",
    "result_name",
    "reused_seconds",
    "rounded",
    "save_arrays",
]
