"""Kept results: shards of generated data, fingerprints of settings, digests of code."""

from mdesign.storage.fingerprint import fingerprint
from mdesign.storage.shards import ShardedSet

__all__ = ["ShardedSet", "fingerprint"]
