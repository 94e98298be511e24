"""Outside worlds, in and out, through the public REST API.

This package imports the standard library, PyYAML, urllib3 and `artifactd.errors`, and nothing else of
artifactd, so that it also works in an environment where only a pipeline's own packages are installed.
"""
