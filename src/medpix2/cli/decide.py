"""`medpix2 curate decide`, `export` and `replay`: decisions and their log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.deciding import Verdict
    from medpix2.pipeline.replaying import Replayed

SHOWN = 20  # broken lines of a log that are printed


def register(app: typer.Typer) -> None:
    """Add the commands to a program."""
    app.command("decide")(_decide)
    app.command("export")(_export)
    app.command("replay")(_replay)


@with_settings
def _decide(
    settings: Settings,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of cases or pictures.")],
    accept: Annotated[bool, typer.Option("--accept", help="It stays.")] = False,
    exclude: Annotated[bool, typer.Option("--exclude", help="It goes; give a --reason.")] = False,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help="Use this value; `FIELD=` takes it away. May be repeated.",
            show_default=False,
        ),
    ] = None,
    merge_into: Annotated[
        str | None,
        typer.Option(metavar="ID", help="It is a duplicate of this one.", show_default=False),
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back all that was decided on it.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why.", show_default=False)] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; by default your login name.")] = None,
    saw: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="The decision settles the findings of this rule alone; may be repeated. By"
            " default it settles all that there are.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the decisions as JSON.")] = False,
) -> None:
    """Decide on cases or pictures: on all of them, or on none if anything is wrong."""
    from medpix2.cli.terminal import print_json, say
    from medpix2.pipeline.deciding import decide
    from medpix2.store.database import open_store

    chosen = {
        "accept": accept, "exclude": exclude, "correct": bool(correct),
        "merge": merge_into is not None, "undo": undo,
    }  # fmt: skip
    verdict = _verdict(chosen, correct or (), merge_into, reason, by, saw)
    with open_store(settings, create=False) as store:
        made = decide(store, ids, verdict)
    if as_json:
        print_json([decision.model_dump(mode="json") for decision in made])
        return
    for decision in made:
        more = f" {decision.field}: {decision.old!r} -> {decision.new!r}" if decision.field else ""
        more += f" into {decision.into}" if decision.into else ""
        say(f"{decision.target}\t{decision.action}{more}\tby {decision.by}")


def _verdict(
    chosen: dict[str, bool], correct: Any, merge_into: str | None, reason: str | None,
    by: str | None, saw: list[str] | None,
) -> Verdict:  # fmt: skip
    from medpix2.pipeline.deciding import Verdict

    actions = [action for action, given in chosen.items() if given]
    if len(actions) != 1:
        raise typer.BadParameter(
            "give one of --accept, --exclude, --correct, --merge-into and --undo"
        )
    if chosen["exclude"] and not (reason or "").strip():
        raise typer.BadParameter("--exclude needs a --reason")
    corrections: dict[str, str | None] = {}
    for pair in correct:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"--correct {pair!r} is not FIELD=VALUE")
        corrections[name.strip()] = value or None
    return Verdict(
        action=actions[0],  # type: ignore[arg-type]  # the keys above are actions
        by=by if by is not None else login_name(),
        reason=reason,
        corrections=corrections,
        into=merge_into,
        saw=None if saw is None else tuple(saw),
    )


def login_name() -> str:
    """Return the name of whoever runs the program.

    Raises
    ------
    SettingError
        The machine knows none.
    """
    import getpass

    from medpix2.errors import SettingError

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise SettingError("Nobody knows who you are", "say so with --by NAME") from None


@with_settings
def _export(
    settings: Settings, file: Annotated[Path, typer.Argument(help="File to write, .jsonl.")]
) -> None:
    """Write the log of decisions, with the exclusions by rules, one JSON line each."""
    from medpix2.cli.terminal import say
    from medpix2.pipeline.replaying import export_decisions
    from medpix2.store.database import open_store

    with open_store(settings, create=False) as store:
        done = export_decisions(store, file)
    say(f"Wrote {done.decisions} decisions and {done.automatic} exclusions by rules to {file}")


@with_settings
def _replay(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="File that `curate export` wrote.")],
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Leave out lines that cannot be used.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decide as a log says, on this or another build of the same cases."""
    from medpix2.cli.terminal import Bars, note, print_json
    from medpix2.errors import ProblemsFound
    from medpix2.pipeline.replaying import replay
    from medpix2.store.database import open_store

    try:
        with open_store(settings, create=False) as store:
            done = replay(store, file, skip_broken=skip_broken, progress=Bars())
    except ProblemsFound as error:
        _note_lines(error.problems)
        raise
    _note_lines(done.skipped)
    if as_json:
        print_json({**vars(done), "skipped": [vars(line) for line in done.skipped]})
        return
    _print_replayed(done, file)
    if done.again:
        note(f"To review again: {', '.join(done.again[:SHOWN])}")


def _print_replayed(done: Replayed, file: Path) -> None:
    from medpix2.cli.terminal import say

    say(
        f"Replayed {file}: {done.added} decisions added, {done.known} there already, "
        f"{len(done.skipped)} lines left out."
    )
    if done.again:
        say(f"The evidence of {len(done.again)} has changed: they are pending, to review again.")
    if done.automatic:
        say(
            f"Of its {done.automatic} exclusions by rules, the same version of the rule finds "
            f"{done.alike} here."
        )


def _note_lines(problems: Any) -> None:
    from medpix2.cli.terminal import note

    for problem in problems[:SHOWN]:
        note(str(problem))
    if len(problems) > SHOWN:
        note(f"... and {len(problems) - SHOWN} more lines")
