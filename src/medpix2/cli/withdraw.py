"""`medpix2 withdraw`: take a case or picture out of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.errors import QueryError
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.withdrawing import Withdrawal


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("withdraw")(_withdraw)


@with_settings
def _withdraw(
    settings: Settings,
    name: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Id of a case or picture.", show_default=False),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it is kept.", show_default=False)] = None,
    by: Annotated[
        str | None, typer.Option(help="Who decided so [default: you].", show_default=False)
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List what was withdrawn.")] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Undo: let the next build bring it back.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take a case or picture out of everything, so that no crawl or build brings it back."""
    from dataclasses import asdict

    from medpix2.cli.terminal import print_json, say
    from medpix2.pipeline.withdrawing import restore_withdrawn, withdraw

    if list_all:
        _list(settings, as_json)
        return
    if name is None:
        raise QueryError("No id is given", "name a case or picture, or use --list")
    if restore:
        stone = restore_withdrawn(settings, name)
        say(f"{stone.id} is withdrawn no more: build again from a source that has it.")
        return
    done = withdraw(settings, name, reason=reason or "", by=by or "")
    if as_json:
        print_json(asdict(done))
    else:
        _print_done(done)


def _list(settings: Settings, as_json: bool) -> None:
    from dataclasses import asdict

    from medpix2.cli.terminal import note, print_json, print_table
    from medpix2.pipeline.withdrawing import withdrawn

    stones = withdrawn(settings)
    if as_json:
        print_json([asdict(stone) for stone in stones])
    elif not stones:
        note("Nothing was withdrawn.")
    else:
        rows = [
            (s.id, s.kind, s.by, s.at, s.reason + (" (not ended)" if s.pending else ""))
            for s in stones
        ]
        print_table("", ("id", "kind", "by", "when", "reason"), rows)


def _print_done(done: Withdrawal) -> None:
    from medpix2.cli.terminal import say

    stone = done.tombstone
    if done.again:
        say(f"{stone.id} was withdrawn on {stone.at} already, and there is nothing of it.")
        return
    counts = ", ".join(f"{number} {place}" for place, number in done.removed.items() if number)
    say(f"Withdrew {stone.kind} {stone.id}. Removed or noted: {counts or 'nothing was left'}.")
    if done.shared:
        say(f"{done.shared} of its pictures stay: other cases have the same.")
    for path in done.linked:
        say(f"A picture is linked and stays where it lies: {path}")
    if done.releases:
        say(
            f"It is in the releases {', '.join(done.releases)}: exports leave it out from now on, "
            "but their folders keep its texts."
        )
    if done.elsewhere:
        say(f"Releases of other homes may have it too: {', '.join(done.elsewhere)}")
    for path in done.backups:
        say(f"A backup from before may have it: {path}")
