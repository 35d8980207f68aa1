"""Formation energy from composition alone."""
