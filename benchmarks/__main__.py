"""Take the figures: `python -m benchmarks [NAMES] [--quick] [--keep] [--json FILE]`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import (
    browse,
    build,
    burned,
    crawl,
    curing,
    curing_pictures,
    duplicates,
    export,
    find,
    formats,
    leakage,
    load,
    parse,
    phantom,
    server,
)
from benchmarks.measure import Figure, Options, machine, markdown, show

MEASURES: dict[str, Callable[[Options], Iterator[Figure]]] = {
    "server": server.measure,
    "build": build.measure,
    "load": load.measure,
    "find": find.measure,
    "phantom": phantom.measure,
    "parse": parse.measure,
    "crawl": crawl.measure,
    "burned": burned.measure,
    "leakage": leakage.measure,
    "curing": curing.measure,
    "browse": browse.measure,
    "curing_pictures": curing_pictures.measure,
    "duplicates": duplicates.measure,
    "export": export.measure,
    "formats": formats.measure,
}
QUICK_SIZES = (2_000,)
QUICK_KILLS, QUICK_CASES = 3, 1_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a Markdown table, and return 1 if a figure is not as wanted."""
    asked = _parser().parse_args(arguments)
    usual = Options()
    sizes = asked.sizes or (QUICK_SIZES if asked.quick else usual.sizes)
    kills = asked.kills or (QUICK_KILLS if asked.quick else usual.kills)
    cases = asked.cases or (QUICK_CASES if asked.quick else usual.crawl_cases)
    found = []
    about = machine()  # before, for the load
    for name in asked.names or MEASURES:
        words = ["make bench", f'BENCH="{name}{" --quick" if asked.quick else ""}"']
        options = Options(
            asked.quick, tuple(sizes), asked.keep, kills, cases, command=" ".join(words)
        )
        for figure in MEASURES[name](options):
            wanted = None if asked.quick else figure.wanted  # the aims are for full sizes
            found.append(dataclasses.replace(figure, command=options.command, wanted=wanted))
            print(f"{figure.name}: {show(figure.value)} {figure.unit}", file=sys.stderr)
    print("; ".join(f"{key}: {value}" for key, value in about.items()))
    print()
    print(markdown(found))
    if asked.json:
        content = {"machine": about, "figures": [figure.as_json() for figure in found]}
        asked.json.write_text(json.dumps(content, indent=1) + "\n")
    return int(any(figure.ok is False for figure in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], help="by default all")
    parser.add_argument("--quick", action="store_true", help="small and few: does it work?")
    parser.add_argument(
        "--sizes", type=_numbers, help="images of the databases for find: 2000,60000"
    )
    parser.add_argument("--kills", type=int, help="how often crawl is killed")
    parser.add_argument("--cases", type=int, help="cases of the large crawl, for its memory")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--json", type=Path, help="file for the figures as JSON")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(part.replace("_", "")) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
