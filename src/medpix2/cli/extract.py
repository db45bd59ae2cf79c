"""`medpix2 extract`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.options import replaced, with_crawl_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.extract.crawl.process import State
    from medpix2.pipeline.extracting import Asked, Estimate

app = typer.Typer(help="Get the raw answers of the web sources.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `openi` a command of its own."""


def with_asked(command: Any) -> Any:
    """Give a command the options that say what a crawl is to get; it gets them as `asked`."""
    options = {
        "modality": Annotated[
            list[str] | None, typer.Option(help="CT or MR; both by default.", show_default=False)
        ],
        "limit": Annotated[
            int | None,
            typer.Option(min=1, help="Cases at most, as they are listed.", show_default=False),
        ],
        "since": Annotated[
            str | None,
            typer.Option(
                help="Leave out cases dated before this day (YYYY-MM-DD); undated ones are taken.",
                show_default=False,
            ),
        ],
        "only_uids": Annotated[
            str | None,
            typer.Option(
                help="Ids of the only cases to get, with commas between, or a file of them.",
                show_default=False,
            ),
        ],
        "full_size": Annotated[
            bool | None,
            typer.Option(
                "--full-size", help="MedPix's full-size pictures, not Open-i's of 512 pixels.",
                show_default=False,
            ),
        ],
        "refresh": Annotated[
            bool | None,
            typer.Option("--refresh", help="Ask for everything again.", show_default=False),
        ],
    }  # fmt: skip
    return replaced(command, "asked", options, _asked)


def _asked(values: Any) -> Asked:
    from medpix2.errors import SettingError
    from medpix2.pipeline.extracting import Asked

    since = values["since"]
    if since is not None and not _is_day(since):
        raise SettingError(f"--since has the value {since!r}", "write a day as YYYY-MM-DD")
    modalities = tuple(dict.fromkeys(name.upper() for name in values["modality"] or ("CT", "MR")))
    return Asked(
        modalities=modalities,  # type: ignore[arg-type]  # checked where the plan is made
        limit=values["limit"],
        since=since,
        only=_ids(values["only_uids"]),
        full_size=bool(values["full_size"]),
        refresh=bool(values["refresh"]),
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _ids(given: str | None) -> tuple[str, ...]:
    from medpix2.errors import SettingError

    if given is None:
        return ()
    text = given
    if (file := Path(given)).is_file():
        text = file.read_text("utf-8", "replace")
    ids = tuple(dict.fromkeys(re.findall(r"[^\s,]+", text)))
    if not ids:
        raise SettingError(f"--only-uids names no case in {given!r}", "name ids such as MPX1016")
    return ids


def refuse_asked(asked: Asked, source: str) -> None:
    """Raise `SettingError` if it is said what to crawl where nothing is crawled."""
    from medpix2.errors import SettingError
    from medpix2.pipeline.extracting import Asked

    if asked != Asked():
        raise SettingError(
            "--modality, --limit, --since, --only-uids, --full-size and --refresh go with `openi`"
            f" alone, not with {source}",
            "leave them out",
        )


@app.command("openi")
@with_asked
@with_crawl_settings
def _openi(
    settings: Settings,
    asked: Any,
    snapshot: Annotated[
        Path, typer.Argument(help="Folder of the snapshot; made, or gone on with.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how much there is, and how long it would take.")
    ] = False,
) -> None:
    """Crawl Open-i and MedPix into a snapshot; again to go on, or to bring it up to date."""
    from medpix2.cli.terminal import Bars, say
    from medpix2.pipeline.extracting import estimate, extract

    if dry_run:
        _print_estimate(estimate(settings, asked), settings)
        return
    state = extract(settings, snapshot, asked, progress=Bars())
    say(summary_of(state, snapshot))
    refuse_unfinished(state)
    say(f"Next: medpix2 build {snapshot}")


def summary_of(state: State, snapshot: Path) -> str:
    """Return in a line what a crawl has."""
    from medpix2.extract.crawl.process import in_words

    had = state.done
    line = (
        f"Snapshot {snapshot}: {had.get('encounter', 0)} cases, {had.get('picture', 0)} pictures, "
        f"{sum(had.values())} answers"
    )
    faults = in_words(state.faults)
    return f"{line}; asked again after {faults}." if faults else f"{line}."


def refuse_unfinished(state: State) -> None:
    """Raise `SourceError` if a crawl has left something unanswered."""
    from medpix2.errors import SourceError
    from medpix2.extract.crawl.process import in_words

    if not state.left:
        return
    hosts = f"; {', '.join(state.silent)} stopped answering" if state.silent else ""
    left = f"{state.left} addresses have" if state.left > 1 else "An address has"
    raise SourceError(
        f"{left} no answer yet ({in_words(state.failed) or 'the crawl was stopped'}{hosts})",
        "run the same command again later: it goes on from here",
    )


def _print_estimate(found: Estimate, settings: Settings) -> None:
    from medpix2.cli.terminal import print_table, say

    rows = [(f"{name} pictures", number) for name, number in found.pictures.items()]
    rows += [("cases, about", found.cases)]
    rows += [(f"requests to {site}, about", number) for site, number in found.requests.items()]
    print_table("", ("of everything", "number"), rows)
    hours, minutes = divmod(round(found.seconds / 60), 60)
    say(f"About {hours} h {minutes} min at --delay {settings.delay:g}, the sites' own time aside.")
