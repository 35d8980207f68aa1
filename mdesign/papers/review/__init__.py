"""Published numbers of the review."""

from mdesign.papers.review.mechanics import CLAIMS, REFERENCE

__all__ = ["CLAIMS", "REFERENCE"]
