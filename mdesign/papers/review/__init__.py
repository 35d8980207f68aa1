"""Published numbers of the review."""

from mdesign.papers.review.mechanics import CLAIMS

__all__ = ["CLAIMS"]
