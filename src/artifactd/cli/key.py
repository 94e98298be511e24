"""`artifactd key …`: makes, lists and revokes API keys, in a store itself or through a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import click

from artifactd.access import Role
from artifactd.cli.cells import print_json
from artifactd.cli.characters import printable
from artifactd.cli.connection import Connection, connected
from artifactd.cli.direct import database_url_option, in_store
from artifactd.cli.failing import say
from artifactd.cli.moments import expiry_us, moment_of_us, short_time
from artifactd.cli.tables import Column, Form, lay_out, table_lines
from artifactd.cli.terminal import terminal_of
from artifactd.model import ApiKey, Problems
from artifactd.requests import NewApiKey

_PATH: Final = "/apis/v2beta1/keys"
_COLUMNS: Final = (
    Column("key_id", Form.WHOLE),
    Column("name", Form.TEXT),
    Column("role", Form.WHOLE),
    Column("namespaces", Form.TEXT),
    Column("state", Form.WHOLE),
    Column("created_at", Form.TIME),
    Column("expires_at", Form.TIME),
)
_with_url = database_url_option("Work on this store itself: so the first key is made, before or beside a server.")


@click.group()
def key() -> None:
    """Make, list and revoke the API keys of a server with --auth keys.

    \b
    Examples:
      artifactd key create --name admin --namespace '*' --role admin --database-url sqlite:///artifactd.db
      artifactd key create --name ci --namespace team-a --role writer --expires 90d
      artifactd key list
      artifactd key revoke k3j5x7p2q9wa
    """


@key.command()
@click.option("--name", required=True, help="What or whom it is for.")
@click.option(
    "--namespace",
    "namespaces",
    metavar="NAME",
    multiple=True,
    required=True,
    help="Where it is good; * is every namespace. May be given several times.",
)
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    required=True,
    help="reader: get and list; writer: also create and update; admin: also delete, and keys of its namespaces.",
)
@click.option("--expires", metavar="WHEN", help="When it stops being good: in 90d, or at a time.  [default: never]")
@click.option("--json", "as_json", is_flag=True, help="Print the key and what is kept of it as JSON.")
@_with_url
@connected(namespace=False)
def create(
    connection: Connection,
    name: str,
    namespaces: tuple[str, ...],
    role: str,
    expires: str | None,
    database_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a key, and print it: now, and never again.

    The key stands alone on the last line of standard output.

    \b
    Examples:
      artifactd key create --name ci --namespace team-a --role writer --expires 90d
      KEY=$(artifactd key create --name ci --namespace team-a --namespace team-b --role reader)
    """
    try:
        expires_us = None if expires is None else expiry_us(expires, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--expires") from error
    new = NewApiKey(name, Role(role), namespaces, expires_us)
    if database_url is None:
        given = {"name": name, "role": role, "namespaces": list(namespaces)}
        given |= {} if expires_us is None else {"expires_at": moment_of_us(expires_us)}
        answer = connection.client().post(_PATH, {"api_key": given})
    else:
        answer = _created_in(database_url, new)
    if as_json:
        print_json(answer)
        return
    say(_sentence(answer["api_key"]))
    click.echo(answer["key"])


def _created_in(url: str, new: NewApiKey) -> dict[str, Any]:
    from artifactd.operations.api_keys import create_key

    problems = Problems("--")
    new.check(problems)
    problems.raise_if_any()
    made = in_store(url, lambda context, transaction: create_key(context, transaction, new), write=True)
    return {"api_key": _as_message(made.key), "key": made.text}


@key.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@_with_url
@connected(namespace=False)
def list_keys(connection: Connection, database_url: str | None, *, as_json: bool) -> None:
    """List the keys that you look after, the oldest first; revoked and expired ones too.

    \b
    Examples:
      artifactd key list
      artifactd key list --json | jq -r '.api_keys[] | select(.revoked_at == null) | .key_id'
    """
    keys = list(_through(connection)) if database_url is None else _kept_in(database_url)
    if as_json:
        print_json({"api_keys": keys})
        return
    if not keys:
        say("there are no keys")
        return
    now = datetime.now(UTC)
    terminal = terminal_of(sys.stdout)
    rows = [_row(each, now, short=terminal.is_terminal) for each in keys]
    click.echo("\n".join(table_lines(_COLUMNS, rows, lay_out(_COLUMNS, rows, terminal.width), terminal)), color=True)


@key.command()
@click.argument("key_id")
@_with_url
@connected(namespace=False)
def revoke(connection: Connection, key_id: str, database_url: str | None) -> None:
    """Revoke a key: within two seconds no server takes it any more.

    KEY_ID is the id that `artifactd key list` shows, no secret.

    \b
    Examples:
      artifactd key revoke k3j5x7p2q9wa
    """
    if database_url is None:
        revoked = connection.client().delete(f"{_PATH}/{quote(key_id, safe='')}")
    else:
        from artifactd.operations.api_keys import revoke_key

        revoked = _as_message(in_store(database_url, lambda c, t: revoke_key(c, t, key_id), write=True))
    say(f"the key {printable(revoked['key_id'])} ({printable(revoked['name'])}) is revoked")


def _through(connection: Connection) -> Iterator[dict[str, Any]]:
    client = connection.client()
    token = ""
    while True:
        page = client.get(_PATH, {"page_size": "200", **({"page_token": token} if token else {})})
        yield from page["api_keys"]
        token = page["next_page_token"]
        if not token:
            return


def _kept_in(url: str) -> list[dict[str, Any]]:
    from artifactd.listing import API_KEYS, ListQuery, Sort
    from artifactd.model import API_KEYS_MAX
    from artifactd.operations.api_keys import list_keys as kept

    query = ListQuery(API_KEYS, None, Sort("created_at"), (), API_KEYS_MAX, None)
    return [_as_message(each) for each in in_store(url, lambda c, t: kept(c, t, query), write=False).items]


def _as_message(kept: ApiKey) -> dict[str, Any]:
    """A key as the API shows it."""
    times = {
        "expires_at": kept.expires_at_us,
        "created_at": kept.created_at_us,
        "revoked_at": kept.revoked_at_us,
    }
    return {
        "key_id": kept.key_id,
        "name": kept.name,
        "role": str(kept.role),
        "namespaces": list(kept.namespaces),
        "created_by": kept.created_by,
    } | {name: moment_of_us(us) for name, us in times.items() if us is not None}


def _sentence(kept: dict[str, Any]) -> str:
    where = "every namespace" if kept["namespaces"] == ["*"] else ", ".join(map(printable, kept["namespaces"]))
    until = f"until {kept['expires_at']}" if "expires_at" in kept else "for ever"
    return (
        f"the key {kept['key_id']} ({printable(kept['name'])}): {kept['role']} in {where}, {until}. "
        "It is shown this once; keep it."
    )


def _row(kept: dict[str, Any], now: datetime, *, short: bool) -> Sequence[str]:
    expires_at = kept.get("expires_at", "")
    state = "good"
    if expires_at and datetime.fromisoformat(expires_at) <= now:
        state = "expired"
    if kept.get("revoked_at"):
        state = "revoked"
    return (
        printable(kept["key_id"]),
        printable(kept["name"]),
        printable(kept["role"]),
        ",".join(map(printable, kept["namespaces"])),
        state,
        *(printable(short_time(time) if short else time) for time in (kept.get("created_at", ""), expires_at)),
    )
