"""`artifactd migrate`: brings a store's schema up to what this program needs."""

from __future__ import annotations

import sys

import click

from artifactd.cli.failing import say
from artifactd.settings import setting_infos

_DATABASE_URL = next(info for info in setting_infos() if info.name == "database_url")


@click.command()
@click.option(
    _DATABASE_URL.flag,
    default=_DATABASE_URL.default,
    show_default=True,
    envvar=_DATABASE_URL.variable,
    show_envvar=True,
    help=_DATABASE_URL.help,
)
@click.option("--check", is_flag=True, help="Only look: end with 1 if something is lacking.")
@click.option("--dry-run", is_flag=True, help="Only print the SQL that would run.")
def migrate(*, database_url: str, check: bool, dry_run: bool) -> None:
    """Bring a store's schema up to what this artifactd needs.

    Stop the servers that use the store, and make a backup first. An empty database gets its tables; one that lacks
    nothing is left alone.

    \b
    Examples:
      artifactd migrate --check
      artifactd migrate --dry-run --database-url postgresql://artifactd@db/artifactd
      artifactd migrate --database-url sqlite:////var/lib/artifactd/store.db
    """
    from artifactd.storage import migrating

    if check and dry_run:
        raise click.UsageError("--check and --dry-run do not go together")
    plan = migrating.plan(database_url)
    if dry_run:
        click.echo(migrating.sql(database_url), nl=False)
        return
    has = "is empty" if plan.version is None else f"has the schema version {plan.version}"
    if not plan.lacking:
        say(f"{plan.where} {has}: nothing to do")
        return
    for step in plan.lacking:
        say(f"{step.revision}  {step.title}")
    if check:
        say(f"{plan.where} {has} and lacks {len(plan.lacking)} of the above: run artifactd migrate")
        sys.exit(1)
    migrating.migrate(database_url)
    say(f"{plan.where} has the schema version {plan.lacking[-1].revision} now")
