"""`medpix2 curate`: find noise, see it, decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli import decide, review, split
from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.curing import Cured, Table
    from medpix2.pipeline.report import Report

EXAMPLES = 3  # failures of a check that are printed; the report has all

app = typer.Typer(
    help="Find noise by rules, decide, and keep every decision.", no_args_is_help=True
)
decide.register(app)
review.register(app)
split.register(app)


@app.command("run")
@with_settings
def _run(
    settings: Settings,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Run this rule alone; may be repeated.", show_default=False),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="List the rules and looks, and run nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run all checks on what is new or changed, and bring what is current up to date."""
    from medpix2.cli.terminal import Bars, print_json
    from medpix2.pipeline.curing import Table, curate_run

    if rules:
        _print_rules(Table(), as_json)
        return
    done = curate_run(settings, only=only or (), progress=Bars())
    if as_json:
        print_json(_as_dict(done))
    else:
        _print_done(done)
    _report_failures(done, settings.home / "reports" / "curate.json")


@app.command("report")
@with_settings
def _report(
    settings: Settings,
    html: Annotated[
        Path | None, typer.Option(help="Write it as a page to this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count what comes in and goes out at every step, and what every rule found."""
    from medpix2.cli.terminal import note, print_json
    from medpix2.pipeline.report import report
    from medpix2.store.database import open_store

    with open_store(settings, create=False) as store:
        found = report(store)
    if html is not None:
        from medpix2.cli.report_page import report_page

        _write(html, report_page(found, f"Curing of {settings.database}"))
        note(f"Wrote {html}")
    if as_json:
        print_json(found.as_json())
    elif html is None:
        _print_report(found)


def _print_report(found: Report) -> None:
    from medpix2.cli.terminal import print_table, say

    rows = [(s.step, s.cases_in, s.cases_out, s.images_in, s.images_out) for s in found.steps]
    print_table("Steps", ("step", "cases in", "cases out", "images in", "images out"), rows)
    if found.dropped:
        say(f"{found.dropped} documents of the source have no usable id and are in no step.\n")
    of_rules = [
        (
            name, of.severity, of.hits, ", ".join(f"{n} {how}" for how, n in of.decided.items()),
            "; ".join(f"{name}: {message}" for name, message in of.examples[:1]),
        )
        for name, of in found.rules.items()
    ]  # fmt: skip
    print_table("Rules", ("rule", "severity", "hits", "decided", "for example"), of_rules)
    counts = ", ".join(f"{n} {action}" for action, n in found.decisions.items())
    say(f"Decisions in the log: {counts or 'none'}.")


def _as_dict(done: Cured) -> dict[str, object]:
    current = {name: getattr(done.current, name) for name in ("new", "changed", "same", "gone")}
    return {
        "unchanged": done.unchanged,
        "pictures": done.pictures,
        "cases": done.cases,
        "set_rules": done.set_rules,
        "removed": done.removed,
        "current": current,
        "failures": [vars(failure) for failure in done.failures],
        "seconds": round(done.seconds, 3),
    }


def _print_done(done: Cured) -> None:
    from medpix2.cli.terminal import say

    if done.unchanged:
        say(f"Nothing to do: all has been judged by these rules; {done.seconds:.1f} s in all.")
        return
    say(
        f"Looked at {done.pictures} pictures, judged {done.cases} cases, "
        f"ran {len(done.set_rules)} rules over the whole collection."
    )
    if done.removed:
        say(f"Removed what rules found that are no more: {', '.join(done.removed)}.")
    say(f"Changed {done.current.changed} current documents; {done.seconds:.1f} s in all.")
    say("Next: medpix2 curate report")


def _print_rules(table: Table, as_json: bool) -> None:
    from medpix2.cli.terminal import print_json, print_table

    rows = [(r.name, r.version, r.severity, r.looks_at, r.why) for r in table.all]
    looks = [(look.name, look.version, look.why) for look in table.looks]
    if as_json:
        names = ("name", "version", "severity", "looks_at", "why")
        of_looks = [dict(zip(("name", "version", "why"), row, strict=True)) for row in looks]
        print_json(
            {"rules": [dict(zip(names, row, strict=True)) for row in rows], "looks": of_looks}
        )
        return
    print_table("Rules", ("rule", "version", "severity", "looks at", "why"), rows)
    print_table("Looks", ("look", "version", "why"), looks)


def _report_failures(done: Cured, file: Path) -> None:
    """Say which checks could not be done; all of them stand in a file."""
    from medpix2.cli.terminal import note

    if not done.failures:
        return
    by_check: dict[str, list[str]] = {}
    for failure in done.failures:
        where = f"{failure.target}: " if failure.target else ""
        by_check.setdefault(failure.check, []).append(where + failure.message)
    for check, texts in sorted(by_check.items()):
        more = f" and {len(texts) - EXAMPLES} more" if len(texts) > EXAMPLES else ""
        note(f"{check} could not be done: {'; '.join(texts[:EXAMPLES])}{more}")
    _write(file, json.dumps([vars(each) for each in done.failures], indent=1))
    note(f"All {len(done.failures)} stand in {file}; the next run tries them again.")


def _write(file: Path, text: str) -> None:
    from medpix2.errors import OutputError
    from medpix2.whole_files import whole_file

    try:
        with whole_file(file) as partial:
            partial.write_text(text, "utf-8")
    except (OSError, UnicodeEncodeError) as error:
        raise OutputError(
            f"Report {file} cannot be written", f"choose another place ({error})"
        ) from None
