"""Logs the metrics of a file in batches, each all or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import click

from artifactd.cli.failing import say
from artifactd.cli.given import open_input
from artifactd.cli.nouns import API, METRIC
from artifactd.cli.paging import Progress
from artifactd.cli.suggestions import nearest
from artifactd.errors import ServiceError
from artifactd.model import BATCH_ITEMS_MAX

if TYPE_CHECKING:
    from artifactd.interop.rest_client import RestClient

BATCH_BYTES_MAX: Final = 3 << 20
"""Well below what a server takes by default, and enough for any single point."""
PROBLEMS_SHOWN_MAX: Final = 10
_REQUIRED: Final = ("task_id", "name", "value")


class Point(NamedTuple):
    """A point to log: where it stands, and its JSON as it goes out."""

    number: int
    in_lines: bool
    json: bytes

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{'line' if self.in_lines else 'item'} {self.number:,}"


def log_file(client: RestClient, source: str, shared: dict[str, str], idempotency_key: str | None) -> None:
    """Logs every metric of a file, or of standard input for `-`.

    A file is looked through before anything is sent; what can be read only once is sent as it comes.

    Args:
        client: of the server.
        source: the file.
        shared: fields for those points that do not have them.
        idempotency_key: the beginning of each batch's key; made up if `None`.
    """
    total = None
    if source != "-" and Path(source).is_file():
        with open_input(source) as file:
            total = _check(source, file)
    with open_input(source) as file:
        points = _points(file, shared, is_checked=total is not None)
        _send(client, points, idempotency_key, total)


def _check(source: str, file: BinaryIO) -> int:
    """How many points a file holds; names its bad lines, the first ones at least."""
    problems: list[str] = []
    points = _points(file, {})
    total = 0
    while len(problems) < PROBLEMS_SHOWN_MAX:
        try:
            next(points)
            total += 1
        except StopIteration:
            break
        except click.BadParameter as error:
            problems.append(error.message)
            if not isinstance(error, _BadPoint):
                break
            points = _points(file, {}, error.number + 1) if error.in_lines else iter(())
    if problems:
        raise click.BadParameter(f"{source}, nothing was logged: {' '.join(problems)}", param_hint="--file")
    if not total:
        raise click.BadParameter(f"{source} holds no metrics.", param_hint="--file")
    return total


class _BadPoint(click.BadParameter):
    """A point that is not right; `number` is its line or its place in the array."""

    def __init__(self, number: int, problem: str, *, in_lines: bool) -> None:
        super().__init__(f"{'line' if in_lines else 'item'} {number:,} {problem}.")
        self.number = number
        self.in_lines = in_lines


def _points(file: BinaryIO, shared: dict[str, str], first: int = 1, *, is_checked: bool = False) -> Iterator[Point]:
    """The points of JSON lines, or of one array. A line goes out as it stands.

    Args:
        shared: fields for those points that do not have them.
        first: the number of the first line.
        is_checked: whether all this was looked through before, so that a line need not be read as JSON again.

    Raises:
        click.BadParameter: naming the line or the item.
    """
    words = [json.dumps(name).encode() for name in shared]
    for number, line in enumerate(file, first):
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if not text:
            continue
        if text.startswith(b"["):
            yield from _array(number, text + file.read(), shared)
            return
        if is_checked and not any(word in text for word in words):
            yield Point(number, True, _with(shared, text))
            continue
        given = _read(number, text)
        _check_point(number, given, in_lines=True)
        yield Point(number, True, _with({name: shared[name] for name in shared if name not in given}, text))


def _read(number: int, text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise _BadPoint(number, "is not UTF-8", in_lines=True) from None
    except (ValueError, RecursionError):
        raise _BadPoint(number, "is not JSON", in_lines=True) from None


def _with(fields: dict[str, str], text: bytes) -> bytes:
    """The JSON of a point, which has one field at least, with further fields before its own."""
    return json.dumps(fields).encode()[:-1] + b"," + text[1:] if fields else text


def _array(number: int, text: bytes, shared: dict[str, str]) -> Iterator[Point]:
    try:
        given = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"the array that begins on line {number:,} is not JSON: {error}.") from error
    if not isinstance(given, list):
        raise click.BadParameter(f"line {number:,} begins no array of metrics.")
    for place, item in enumerate(given, 1):
        _check_point(place, item, in_lines=False)
        yield Point(place, False, json.dumps({**shared, **item}).encode())


def _check_point(number: int, given: Any, *, in_lines: bool) -> None:
    """Refuses a point that lacks what it needs; what its fields hold, the server checks."""
    if not isinstance(given, dict):
        raise _BadPoint(number, "is no JSON object", in_lines=in_lines)
    if missing := [name for name in _REQUIRED if given.get(name) is None]:
        raise _BadPoint(number, f"has no {' and no '.join(missing)}", in_lines=in_lines)
    for name in given:
        if name not in METRIC.fields:
            raise _BadPoint(number, f"has a field {name!r}{nearest(name, METRIC.fields)}", in_lines=in_lines)
    value, schema = given["value"], given.get("schema") or "Metric"
    if schema == "Metric" and (isinstance(value, bool) or not isinstance(value, (int, float, str))):
        raise _BadPoint(number, "has a value that is no number; with a schema, it may be JSON", in_lines=in_lines)


def _send(
    client: RestClient,
    points: Iterable[Point],
    idempotency_key: str | None,
    total: int | None,
) -> None:
    """Sends the points, and says how far it came if it cannot go on."""
    progress = Progress()
    logged = 0
    try:
        for number, batch in enumerate(_batches(points), 1):
            body = b'{"metrics":[%b]}' % b",".join(point.json for point in batch)
            key = f"{idempotency_key or _new_key()}-{number}"
            try:
                client.post_bytes(f"{API}/metrics:batchLog", body, idempotency_key=key)
            except ServiceError as error:
                raise _halfway(error, batch, logged) from error
            logged += len(batch)
            progress.show(f"{logged:,}{'' if total is None else f' of {total:,}'} metrics logged …")
    except click.BadParameter as error:
        raise click.BadParameter(
            f"{error.message.rstrip('.')}; {logged:,} metrics before it were logged.", param_hint="--file"
        ) from error
    finally:
        progress.clear()
    say(f"{logged:,} metric{'' if logged == 1 else 's'} logged")


def _batches(points: Iterable[Point]) -> Iterator[list[Point]]:
    """The points in batches that a server takes. What comes before a bad point is given before that is told."""
    batch: list[Point] = []
    size = 0
    walk = iter(points)
    while True:
        problem: click.BadParameter | None = None
        try:
            point = next(walk, None)
        except click.BadParameter as error:
            point, problem = None, error
        if batch and (point is None or len(batch) == BATCH_ITEMS_MAX or size + len(point.json) > BATCH_BYTES_MAX):
            yield batch
            batch, size = [], 0
        if problem is not None:
            raise problem
        if point is None:
            return
        batch.append(point)
        size += len(point.json) + 1


def _halfway(error: ServiceError, batch: list[Point], logged: int) -> ServiceError:
    """The error, with where to go on; the server's `metrics[3]` is told as the line that it is."""
    message = error.message
    for number, point in enumerate(batch):
        message = message.replace(f"metrics[{number}].", f"{point.place}, ")
    how_far = f"{logged:,} metrics were logged; go on with {batch[0].place}." if logged else "Nothing was logged."
    return type(error)(f"{message.rstrip('.')}. {how_far}")


def _new_key() -> str:
    import uuid

    return str(uuid.uuid4())
