"""Measures every operation on a large store against a small one: `python -m benchmarks.size --help`."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from benchmarks import machine
from benchmarks.size_contents import ARTIFACTS, RUNS, TASKS, Shape
from benchmarks.size_engines import ENGINES, Engine, engine, make_schema
from benchmarks.size_loading import Loaded, load
from benchmarks.size_measuring import Figure, Side, measure
from benchmarks.size_operations import operations
from benchmarks.size_page import GROWING, GROWN, Run, as_raw, grown, page

_RESULTS = Path(__file__).parent / "results"
_SPARE_BYTES = 2 << 30
_PACKAGES = ("artifactd", "httptools", "msgspec", "sqlalchemy")
_EPILOG = """examples:
  python -m benchmarks.size --engine sqlite --scale 0.01
  python -m benchmarks.size --engine postgresql --directory /srv/bench --write docs/size.md
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code, which is 1 if something could not be measured."""
    given = _parser().parse_args(arguments)
    try:
        given.directory.mkdir(parents=True, exist_ok=True)
        _check_disk(given)
        with _place(given) as place, engine(given.engine, place) as running:
            done = _run(given, place, running)
    except RuntimeError as error:
        print(f"benchmarks.size: {error}", file=sys.stderr)
        return 1
    given.results.mkdir(parents=True, exist_ok=True)
    kept = given.results / time.strftime(f"size-{given.engine}-%Y%m%dT%H%M%SZ.json", time.gmtime())
    kept.write_text(json.dumps(as_raw(done), indent=1) + "\n", encoding="utf-8")
    if given.write:
        before = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        given.write.write_text(page(before, done), encoding="utf-8")
    for each in grown(done.figures):
        print(f"{each.ratio:.2f} {each.group}: {each.title} {each.failed}".rstrip())
    print(f"The raw figures are in {kept.name}.")
    return int(any(each.failed and each.group != GROWING for each in done.figures))


def _check_disk(given: argparse.Namespace) -> None:
    """Refuses to begin what the disk could not hold."""
    artifacts = RUNS * TASKS * ARTIFACTS * (given.scale + given.small_scale)
    needed = round(artifacts * ENGINES[given.engine].bytes_per_artifact) + _SPARE_BYTES
    free = shutil.disk_usage(given.directory).free
    _say(f"about {needed / 1e9:.1f} GB of disk needed, {free / 1e9:.1f} free")
    if needed > free and not given.keep:
        raise RuntimeError(f"{given.directory} has {free / 1e9:.1f} GB free, and this needs {needed / 1e9:.1f}: "
                           "give another --directory, or a smaller --scale")  # fmt: skip


@contextmanager
def _place(given: argparse.Namespace) -> Iterator[Path]:
    """A directory of the run's own; with --keep one that stays."""
    if given.keep:
        place = given.directory / f"size-{given.engine}"
        place.mkdir(exist_ok=True)
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="bench-size-", dir=given.directory) as directory:
        Path(directory).chmod(0o755)
        place = Path(directory) / given.engine
        place.mkdir()
        yield place


def _run(given: argparse.Namespace, place: Path, running: Engine) -> Run:
    scales = (given.small_scale, given.scale)
    stores = [
        _filled(given, place, running, name, scale) for name, scale in zip(("small", "large"), scales, strict=True)
    ]
    loaded = (stores[0][1], stores[1][1])
    small, large = (Side(url, Shape(scale), running.cpu_s) for (url, _), scale in zip(stores, scales, strict=True))
    try:
        figures = list(_figures(given, small, large))
    finally:
        small.close()
        large.close()
    store_bytes = sum(sum(sizes.values()) for sizes in loaded[1].bytes.values())
    versions = {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
    return Run(
        given.engine, running.version(), running.settings, scales, loaded, figures, versions,
        machine.machine(given.directory), store_bytes, given.remark,
    )  # fmt: skip


def _filled(given: argparse.Namespace, place: Path, running: Engine, name: str, scale: float) -> tuple[str, Loaded]:
    """A filled store, made now or kept from before."""
    url, note = running.url(name), place / f"{name}.json"
    if note.exists():
        kept = json.loads(note.read_text(encoding="utf-8"))
        if kept.pop("scale") != scale:
            raise RuntimeError(f"{note} is of another scale: remove it and the store beside it")
        return url, Loaded(**kept)
    _say(f"filling a store at scale {scale:g}")
    make_schema(url)
    loaded = load(running.loader(url), Shape(scale), _say)
    if given.keep:
        note.write_text(json.dumps({"scale": scale} | loaded._asdict()), encoding="utf-8")
    return url, loaded


def _figures(given: argparse.Namespace, small: Side, large: Side) -> Iterator[Figure]:
    for operation in operations():
        if given.only not in f"{operation.group}: {operation.title}":
            continue
        figure = measure(operation, small, large)
        if figure.ratio > GROWN and operation.group != GROWING:
            figure = min(figure, measure(operation, small, large), key=lambda each: each.ratio)
        took = f"{figure.ratio:6.2f}  {figure.large_s * 1_000:9.2f} ms  {figure.elapsed_s * 1_000:9.2f} ms"
        _say(f"{took}  {operation.group}: {operation.title} {figure.failed}")
        yield figure


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.size",
        description="Fills a small store and a large one with rows of the same shape, and measures every operation on "
        "both by turns. Servers are its own, and everything is removed at the end.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--engine", choices=ENGINES, default="sqlite", help="which database (default sqlite)")
    add(
        "--scale",
        type=float,
        default=1.0,
        metavar="X",
        help="of the large store; 1 is 10 million artifacts (default 1)",
    )
    add("--small-scale", type=float, default=0.001, metavar="X", help="of the small store (default 0.001)")
    add("--only", default="", metavar="TEXT", help="measure only operations whose name holds this")
    add("--write", type=Path, metavar="FILE", help="also write the engine's section of the page, such as docs/size.md")
    add("--remark", default="", metavar="TEXT", help="a sentence for the engine's section")
    add("--keep", action="store_true", help="leave the stores in the directory, and use those that are there")
    add("--directory", type=Path, default=Path("data"), metavar="DIR", help="where the stores are (default data)")
    add(
        "--results", type=Path, default=_RESULTS, metavar="DIR", help="for the raw figures (default benchmarks/results)"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
