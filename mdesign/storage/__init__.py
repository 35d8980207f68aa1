"""Kept results: shards of generated data, fingerprints of settings, digests of code."""

from mdesign.storage.arrays import kept_arrays
from mdesign.storage.code import code_of
from mdesign.storage.fingerprint import fingerprint, result_name, rounded
from mdesign.storage.shards import ShardedSet

__all__ = ["ShardedSet", "code_of", "fingerprint", "kept_arrays", "result_name", "rounded"]
