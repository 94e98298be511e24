"""Measures artifactd against the same HTTP stack doing nothing: `python -m benchmarks --help`."""
