"""Training loop, checkpoints, batches."""
