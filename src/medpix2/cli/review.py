"""`medpix2 curate review`: read again blind, and look for what no rule found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli.decide import login_name
from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.rereading import Item, Sample, SecondReading

ASKED = "accept, exclude, skip or quit? [a/e/s/q]"


def register(app: typer.Typer) -> None:
    """Add the command to a program."""
    app.command("review")(_review)


@with_settings
def _review(
    settings: Settings,
    second: Annotated[
        int | None,
        typer.Option(
            "--second-reading",
            min=1,
            help="Read so many again that were decided, blind; reports Cohen's kappa.",
            show_default=False,
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample-unflagged",
            min=1,
            help="Read so many pictures that no rule hit; estimates what the rules miss.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed chooses the same.")] = 1,
    answers: Annotated[
        Path | None,
        typer.Option(
            help="CSV of id and verdict (accept or exclude), instead of asking.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the answers to this file, as CSV.", show_default=False),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record the answers of a sample as decisions.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="Who answers; by default your login name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show pictures or cases one after the other; piped and without answers, list their ids."""
    from medpix2.cli.terminal import print_json
    from medpix2.pipeline import rereading
    from medpix2.store.database import open_store

    if (second is None) == (sample is None):
        raise typer.BadParameter("give one of --second-reading and --sample-unflagged")
    if record and sample is None:
        raise typer.BadParameter("--record goes with --sample-unflagged")
    with open_store(settings, create=False) as store:
        population = 0
        if second is not None:
            items = rereading.to_read_again(store, second, seed)
        else:
            items, population = rereading.to_sample(store, sample or 1, seed)
        given = _answers(items, answers)
        if given is None:
            return
        done: SecondReading | Sample
        if second is not None:
            done = rereading.second_reading(store, items, given)
        else:
            who = (by or login_name()) if record else None
            done = rereading.sample_unflagged(store, items, population, given, by=who)
    if out is not None:
        _write_answers(out, given)
    if as_json:
        print_json(_as_dict(done))
    else:
        _print_done(done)


def _answers(items: Sequence[Item], file: Path | None) -> dict[str, str] | None:
    """Return id to answer, from a file or from whoever sits there; None if there is nobody."""
    from medpix2.cli.terminal import say
    from medpix2.errors import SourceError
    from medpix2.pipeline.rereading import ask_all, read_answers

    if file is not None:
        try:
            return read_answers(
                file.read_text("utf-8-sig").splitlines(keepends=True), items, file.name
            )
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"Answers {file} cannot be read", f"check it ({error})") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("id,verdict")
        for item in items:
            say(f"{item.id},")
        return None
    return ask_all(items, _ask)


def _ask(item: Item) -> str | None:
    from medpix2.cli.terminal import say
    from medpix2.pipeline.rereading import ANSWERS

    say()
    for line in item_lines(item):
        say(line)
    while True:
        try:
            answer = typer.prompt(ASKED, prompt_suffix=" ").strip().lower()
        except (typer.Abort, EOFError, KeyboardInterrupt):
            raise StopIteration from None  # what was answered counts
        if answer in ("q", "quit"):
            raise StopIteration
        if answer in ("s", "skip"):
            return None
        if answer in ANSWERS:
            return ANSWERS[answer]


def item_lines(item: Item) -> list[str]:
    """Return what a reader is shown of an item, a line each field."""
    lines = [item.id if item.id == item.case else f"{item.id}  (case {item.case})"]
    for key, value in item.published.items():
        inner = value.items() if isinstance(value, dict) else ((None, value),)
        for name, text in inner:
            if text not in (None, "", []):
                shown = ", ".join(map(str, text)) if isinstance(text, list) else str(text)
                label = f"{key}.{name}" if name else key
                lines.append(f"  {label}: {' '.join(shown.split())}")
    if item.picture is not None:
        lines.append(f"  file: {item.picture}")
    return lines


def _as_dict(done: SecondReading | Sample) -> dict[str, object]:
    from medpix2.pipeline.rereading import SecondReading

    if isinstance(done, SecondReading):
        said = done.agreement
        return {
            "asked": done.asked, "answered": said.items, "same": said.same, "kappa": said.kappa,
            "differing": said.differing,
            "table": [
                {"first": one, "second": other, "items": n}
                for (one, other), n in sorted(said.table.items())
            ],
        }  # fmt: skip
    return {
        "population": done.population, "asked": done.asked, "answered": done.missed.seen,
        "excluded": done.excluded, "share": done.missed.share,
        "interval": [done.missed.low, done.missed.high], "recorded": done.recorded,
    }  # fmt: skip


def _print_done(done: SecondReading | Sample) -> None:
    from medpix2.cli.terminal import print_table, say
    from medpix2.pipeline.rereading import SecondReading

    if isinstance(done, SecondReading):
        said = done.agreement
        say(f"Answered {said.items} of {done.asked}; {said.same} as before.")
        kappa = (
            "none, for want of differing verdicts" if said.kappa is None else f"{said.kappa:.3f}"
        )
        say(f"Cohen's kappa: {kappa}")
        rows = [(one, other, n) for (one, other), n in sorted(said.table.items())]
        print_table("Readings", ("first", "second", "items"), rows)
        if said.differing:
            say(f"Not the same: {', '.join(said.differing)}")
        return
    missed, n = done.missed, done.population
    say(f"Answered {missed.seen} of {done.asked}, out of {n} pictures that no rule hit.")
    say(
        f"Would be excluded: {missed.found} ({missed.share:.1%}, 95 % interval {missed.low:.1%} to "
        f"{missed.high:.1%}): {missed.low * n:.0f} to {missed.high * n:.0f} of all."
    )
    if done.recorded:
        say(f"Recorded {done.recorded} decisions.")


def _write_answers(file: Path, answers: dict[str, str]) -> None:
    import csv

    from medpix2.errors import OutputError
    from medpix2.whole_files import whole_file

    try:
        with whole_file(file) as partial, partial.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("id", "verdict"), *answers.items()])
    except OSError as error:
        raise OutputError(
            f"Answers {file} cannot be written", f"choose another place ({error})"
        ) from None
