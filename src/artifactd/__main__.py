"""`python -m artifactd`."""

from artifactd.cli.main import main

if __name__ == "__main__":
    main(prog_name="artifactd")
