"""Published data: a registry with checksums, and one reader a source."""
