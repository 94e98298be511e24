"""The command: measures each part, keeps what it found raw, and writes the page."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import works
from benchmarks.page import page
from benchmarks.parts import BY_NAME, PARTS, Part
from benchmarks.results import Result, keep, newest

_RESULTS = Path(__file__).parent / "results"
_EPILOG = """parts:
{parts}

examples:
  python -m benchmarks --write docs/benchmarks.md     everything, in about half an hour; what `make bench` does
  python -m benchmarks --only server --works log_metric,get_artifact --clients 16 --rounds 3
                                                      two operations and their ceilings, in a minute
  python -m benchmarks --only mixed,import --write docs/benchmarks.md
                                                      those parts again; the page's other sections stay
  python -m benchmarks --only start --artifacts 10000000
                                                      starts on a large store; filling it takes a quarter of an hour
  python -m benchmarks --only soak --minutes 60       a long soak
  python -m benchmarks --only none --write docs/benchmarks.md
                                                      the page again, from the results that are there
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code, which is 1 if any figure is void or could not be measured."""
    given = _parser().parse_args(arguments)
    given.directory.mkdir(parents=True, exist_ok=True)
    code = 0
    for part in given.only:
        try:
            result = _measure(part, given)
        except RuntimeError as error:
            print(f"benchmarks, {part.name}: {error}", file=sys.stderr)
            code = 1
            continue
        kept = keep(result, given.results)
        print(f"## {part.heading}\n\n{part.section(result)}\nThe raw figures are in {kept.name}.\n", flush=True)
        for void in result.voids:
            print(f"void: {void}", file=sys.stderr)
            code = 1
    if given.write:
        before = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        given.write.write_text(page(newest(given.results), before), encoding="utf-8")
    return code


def _measure(part: Part, given: argparse.Namespace) -> Result:
    """Measures a part in a directory of its own, which is removed."""
    began = time.monotonic()
    _say(f"{part.name}: {part.summary}")
    with tempfile.TemporaryDirectory(prefix=f"bench-{part.name}-", dir=given.directory) as directory:
        place = Path(directory).resolve()
        place.chmod(0o755)
        result = part.measure(given, place, _say)
    _say(f"{part.name} took {time.monotonic() - began:.0f} s")
    return result


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def _at_least(least: float, kind: type[int | float] = int) -> Callable[[str], float]:
    def number(text: str) -> float:
        if kind(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return kind(text)

    return number


def _numbers(text: str) -> list[int]:
    numbers = [int(word) for word in text.split(",")]
    if min(numbers) < 1:
        raise ValueError
    return numbers


def _words(text: str, known: dict[str, object], what: str) -> list[str]:
    names = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := set(names) - set(known):
        raise argparse.ArgumentTypeError(f"no {what} {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    return names


def _parts(text: str) -> list[Part]:
    return [BY_NAME[name] for name in _words(text, dict(BY_NAME), "part")] if text != "none" else []


def _works(text: str) -> list[str]:
    return _words(text, dict(works.BY_NAME), "work")


def _parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {part.name:8}  {part.summary}" for part in PARTS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures artifactd against other services, against HTTP stacks that do nothing and against its "
        "database, interleaved in one run, and checks after each round of writes that the store holds what was "
        "acknowledged. It needs wrk; the peers it installs into .bench itself.",
        epilog=_EPILOG.format(parts=parts),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--only",
        type=_parts,
        default=[part for part in PARTS if part.on_page],
        metavar="PART,PART",
        help="only these parts, see below (default all that are on the page); or none",
    )
    add("--write", type=Path, metavar="FILE", help="also write the page of documentation, such as docs/benchmarks.md")
    add(
        "--directory", type=Path, default=Path("data"), metavar="DIR",
        help="where stores are while they are measured: on the disk in question, not in memory (default data)",
    )  # fmt: skip
    add(
        "--results", type=Path, default=_RESULTS, metavar="DIR",
        help="where what was found is kept raw (default benchmarks/results)",
    )  # fmt: skip
    _add_load(parser.add_argument_group("load (peers, server, normal, engines, mixed, client)"))
    _add_sizes(parser.add_argument_group("sizes of single parts"))
    return parser


def _add_load(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--rounds", type=_at_least(1), default=5, metavar="N", help="rounds of everything (default 5)")
    add("--seconds", type=_at_least(1), default=2, metavar="N", help="seconds of load for each figure (default 2)")
    add("--clients", type=_numbers, default=[1, 16], metavar="N,N", help="numbers of clients (default 1,16)")
    names = ", ".join(works.BY_NAME)
    add("--works", type=_works, default=[], metavar="NAME,NAME", help=f"only these, with their ceilings: {names}")
    add(
        "--store-size", type=_at_least(200), default=100_000, metavar="N",
        help="artifacts in every store before the first round (default 100000)",
    )  # fmt: skip
    add(
        "--synchronous", choices=("FULL", "NORMAL"), default="FULL",
        help="of artifactd with SQLite. FULL: an answered write survives a power loss; NORMAL: only a crash of the "
        "program (default FULL)",
    )  # fmt: skip


def _add_sizes(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--engine-rounds", type=_at_least(1), default=2, metavar="N", help="engines: rounds (default 2)")
    add(
        "--engine-clients", type=_numbers, default=[1, 16, 64], metavar="N,N", help="engines: clients (default 1,16,64)"
    )
    add(
        "--engine-store-size", type=_at_least(200), default=20_000, metavar="N",
        help="engines: artifacts in each store (default 20000)",
    )  # fmt: skip
    add("--driver-rounds", type=_at_least(1), default=3, metavar="N", help="drivers: rounds (default 3)")
    add("--mixed-rounds", type=_at_least(1), default=3, metavar="N", help="mixed: rounds (default 3)")
    add(
        "--artifacts", type=_at_least(1_000), default=1_000_000, metavar="N",
        help="start: artifacts in the store, up to ten million (default 1000000)",
    )  # fmt: skip
    add("--start-rounds", type=_at_least(1), default=5, metavar="N", help="start: how often (default 5)")
    add(
        "--view-artifacts", type=_at_least(1_000), default=1_000_000, metavar="N",
        help="view: artifacts in the store (default 1000000)",
    )  # fmt: skip
    add("--view-rounds", type=_at_least(1), default=5, metavar="N", help="view: how often each view (default 5)")
    add("--minutes", type=_at_least(0.03, float), default=2.0, metavar="N", help="soak: how long (default 2)")
    add(
        "--metrics", type=_at_least(1), default=200_000, metavar="N",
        help="import: metrics in the file (default 200000)",
    )  # fmt: skip
    add("--import-rounds", type=_at_least(1), default=3, metavar="N", help="import: rounds (default 3)")
    add(
        "--calls", type=_at_least(1), default=500, metavar="N",
        help="client: how often each call is made in a round (default 500)",
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
