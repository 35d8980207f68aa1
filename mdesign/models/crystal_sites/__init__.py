"""Networks that predict which element is on a site of a crystal, from its geometry alone."""
