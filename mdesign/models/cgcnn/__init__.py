"""Crystal graph convolutional neural networks: from the structure of a crystal to a property."""
