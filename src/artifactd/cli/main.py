"""The root of the command line."""

from __future__ import annotations

import click

from artifactd import __version__
from artifactd.cli.documents import openapi, settings_table
from artifactd.cli.importing import import_group
from artifactd.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="artifactd")
def main() -> None:
    """Keep the artifacts, lineage and metrics of Kubeflow Pipelines.

    \b
    First steps:
      artifactd serve                      start the service on http://127.0.0.1:8888
      artifactd import kfp-local --help    bring in a pipeline that ran with kfp.local
      artifactd openapi                    print the API's OpenAPI document
    """


main.add_command(serve)
main.add_command(openapi)
main.add_command(settings_table)
main.add_command(import_group)
