"""The root of the command line."""

from __future__ import annotations

import click

from artifactd import __version__
from artifactd.cli.commands import Program


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="artifactd")
def main() -> None:
    """Keep the artifacts, lineage and metrics of Kubeflow Pipelines, and ask about them.

    \b
    First steps:
      artifactd serve                                start the service on http://127.0.0.1:8888
      artifactd metric log train-1 accuracy 0.97     log a metric of a task
      artifactd artifact list --where type=Model     look for models
      artifactd lineage --task train-1               see what was made of what
      artifactd import kfp-local --help              bring in a pipeline that ran with kfp.local

    Commands that talk to a server find it by --server, ARTIFACTD_SERVER or `artifactd config set server URL`.
    Results go to standard output, everything else to standard error.
    """
