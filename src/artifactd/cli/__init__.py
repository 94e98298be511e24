"""The command line: the composition root, and the only reader of arguments and environment."""
