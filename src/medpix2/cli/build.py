"""`medpix2 build`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.extract import refuse_asked, refuse_unfinished, with_asked
from medpix2.cli.options import with_crawl_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.extract.crawl.process import State
    from medpix2.extract.survey import Problems
    from medpix2.pipeline.build import Build
    from medpix2.store.documents import Stored

WITHDRAWN = 10  # ids of what was withdrawn that are printed
EXAMPLES = 2  # problems of a kind that are printed; the report has all


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("build")(_build)


@with_asked
@with_crawl_settings
def _build(
    settings: Settings,
    asked: Any,
    source: Annotated[
        str,
        typer.Argument(
            help="Folder, .zip or .tar.gz of the published layout, snapshot of a crawl, `phantom`,"
            " or `openi`, which crawls Open-i and MedPix into the home's snapshot first."
        ),
    ],
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Any problem is fatal; the database stays as it is then."),
    ] = False,
    link: Annotated[
        bool | None,
        typer.Option(
            "--link/--copy",
            help="Leave pictures where they are, or copy them into the home (default).",
            show_default=False,
        ),
    ] = None,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Decode pictures again that have not changed.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="File for all problems as JSON.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Read a source, check all of it, and store it in the database."""
    from medpix2.cli.terminal import Bars, note, print_json
    from medpix2.errors import ProblemsFound
    from medpix2.extract.survey import Problems

    report = report or settings.home / "reports" / "build.json"
    how = {"strict": strict, "link": link, "recheck": recheck, "progress": Bars()}
    try:
        state, done = _done(settings, source, asked, how)
    except ProblemsFound as error:
        problems = Problems()
        problems.extend(error.problems)  # type: ignore[arg-type]  # they are Problem records
        _print_problems(problems)
        _write_report(report, source, problems)
        raise
    written = _write_report(report, source, done.problems)
    if as_json:
        print_json(as_dict(done))
    else:
        _print_summary(done)
        _print_problems(done.problems)
        if done.problems.total():
            kept = len(done.problems.kept)
            all_of = "All" if kept == done.problems.total() else f"The first {kept} of"
            note(f"{all_of} {done.problems.total()} problems stand in {written}")
    if state is not None:
        refuse_unfinished(state)
    _require_documents(done, written)


def _done(
    settings: Settings, source: str, asked: Any, how: dict[str, Any]
) -> tuple[State | None, Build]:
    """Build, after a crawl if it is the web sites that are asked for; say how both ended."""
    from medpix2.pipeline.build import build
    from medpix2.pipeline.openi import build_openi
    from medpix2.pipeline.sources import OPENI

    if source == OPENI and not Path(source).exists():
        return build_openi(settings, asked, **how)
    refuse_asked(asked, source)
    return None, build(settings, source, **how)


def _require_documents(done: Build, report: Path) -> None:
    """Raise a `SourceError` if the source gave nothing that could be stored."""
    from medpix2.errors import SourceError

    if not any(part.new or part.changed or part.same for part in (done.cases, done.images)):
        raise SourceError(
            f"{done.source} has no case and no image that could be stored",
            f"name another source, or mend this one; what is wrong with it stands in {report}",
        )


def as_dict(done: Build) -> dict[str, Any]:
    """Return what a build did as `build --json` prints it."""
    from dataclasses import asdict

    def counts(part: Stored) -> dict[str, int]:
        return {"new": part.new, "changed": part.changed, "same": part.same}

    current = {name: getattr(done.current, name) for name in ("new", "changed", "same", "gone")}
    return {
        "source": done.source,
        "unchanged": done.unchanged,
        "seconds": round(done.seconds, 3),
        "cases": counts(done.cases),
        "images": counts(done.images),
        "current": current,
        "dropped": done.dropped,
        "withdrawn": done.withdrawn,
        "pictures_examined": done.examined,
        "problems": {kind: n for (_, kind), n in sorted(done.problems.counts.items())},
        "summary": asdict(done.summary),
    }


def _print_summary(done: Build) -> None:
    from medpix2.cli.terminal import print_table, say

    cases, images = done.cases, done.images
    if done.unchanged:
        say(f"Nothing changed: the database has all of {done.source} already.")
    else:
        say(
            f"Stored {done.source}: cases {cases.new} new, {cases.changed} changed, "
            f"{cases.same} unchanged; images {images.new} new, {images.changed} changed, "
            f"{images.same} unchanged."
        )
    if done.dropped:
        say(f"Left out {done.dropped} documents without a usable id of their own.")
    if done.withdrawn:
        some = ", ".join(done.withdrawn[:WITHDRAWN])
        more = " and others" if len(done.withdrawn) > WITHDRAWN else ""
        say(f"Left out what was withdrawn ({len(done.withdrawn)}): {some}{more}.")
    say(f"Decoded {done.examined} pictures; {done.seconds:.1f} s in all.\n")
    summary = done.summary
    say(f"The database holds {summary.cases} cases with {summary.images} images.")
    modalities = list(summary.by_category)
    rows = [
        (name, *(counts := [summary.by_category[m].get(name, 0) for m in modalities]), sum(counts))
        for name in sorted({name for counts in summary.by_category.values() for name in counts})
    ]
    print_table("Images by location category and modality", ("", *modalities, "all"), rows)
    print_table(
        "Splits", ("split", "cases", "images"), [(s, *n) for s, n in summary.splits.items()]
    )
    print_table("Status of the images", ("status", "images"), list(summary.statuses.items()))


def _print_problems(problems: Problems) -> None:
    from medpix2.cli.terminal import print_table

    rows = []
    for (severity, kind), count in sorted(problems.counts.items()):
        examples = [str(problem) for problem in problems.kept if problem.kind == kind][:EXAMPLES]
        rows += [
            (severity if not at else "", kind if not at else "", "" if at else count, text)
            for at, text in enumerate(examples)
        ]
    if rows:
        print_table("Problems of the source", ("severity", "kind", "count", "for example"), rows)


def _write_report(file: Path, source: str, problems: Problems) -> Path:
    from medpix2.errors import OutputError
    from medpix2.whole_files import whole_file

    content = {
        "source": source,
        "counts": {kind: n for (_, kind), n in sorted(problems.counts.items())},
        "problems": [problem.model_dump(exclude_none=True) for problem in problems.kept],
    }
    try:
        with whole_file(file) as partial:
            partial.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    except (OSError, UnicodeEncodeError) as error:
        raise OutputError(
            f"Report {file} cannot be written", f"choose another place ({error})"
        ) from None
    return file
