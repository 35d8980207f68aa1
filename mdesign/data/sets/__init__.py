"""Training sets, made by physics or assembled from public data."""
