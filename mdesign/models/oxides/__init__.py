"""Formation energy of perovskites and garnets from the ions on their sites."""
