"""The services that artifactd is compared with, each in an environment of its own."""
