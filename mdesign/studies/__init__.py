"""Questions that notebooks ask of several parts of the package."""
