"""`medpix2 db`: the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.errors import SettingError
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.store.server import ServerStatus

app = typer.Typer(help="The database: start, stop, status, backup, restore.", no_args_is_help=True)


@app.command("start")
@with_settings
def _start(
    settings: Settings,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Also listen on 127.0.0.1, for other clients.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Start the embedded server and keep it running until `db stop`."""
    from medpix2.cli.terminal import say
    from medpix2.store.server import server_status, start_server

    _require_embedded(settings, "db start")
    before = server_status(settings.home)
    status = start_server(settings.home, port=port, linger=settings.linger)
    if before.pinned and status.pid != before.pid:  # else nobody was told where it ran
        say(f"Restarted the server: it ran on {_address(before)}.")
    say(
        f"MongoDB {status.version} runs as process {status.pid} on {_address(status)}; "
        "end it with `db stop`."
    )


def _address(status: ServerStatus) -> str:
    return f"mongodb://127.0.0.1:{status.port}" if status.port else f"socket {status.socket}"


@app.command("stop")
@with_settings
def _stop(
    settings: Settings,
    force: Annotated[bool, typer.Option("--force", help="Even if somebody uses it.")] = False,
) -> None:
    """Stop the embedded server."""
    from medpix2.cli.terminal import say
    from medpix2.store.server import stop_server

    _require_embedded(settings, "db stop")
    say("Stopped." if stop_server(settings.home, force=force) else "No server was running.")


@app.command("status")
@with_settings
def _status(
    settings: Settings,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether a server runs, who uses it, and what the database holds."""
    from medpix2.cli.terminal import print_json, say
    from medpix2.pipeline.status import status

    told = status(settings)
    if as_json:
        print_json(told)
    else:
        for name, value in told.items():
            say(f"{name.replace('_', ' '):12} {_told(value)}")


@app.command("backup")
@with_settings
def _backup(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="File to write, .tar.gz; must not be there.")],
) -> None:
    """Write source documents, findings and decisions to one file (pictures are not in it)."""
    from medpix2.cli.terminal import say
    from medpix2.pipeline.restoring import backup

    written = backup(settings, file)
    say(f"Backed up {', '.join(f'{n} {name}' for name, n in written.items())} to {file}")


@app.command("restore")
@with_settings
def _restore(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="File that `db backup` wrote.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what the database holds.")
    ] = False,
) -> None:
    """Put the documents of a backup into the database."""
    from medpix2.cli.terminal import Bars, say
    from medpix2.pipeline.restoring import restore

    written = restore(settings, file, overwrite=overwrite, progress=Bars())
    say(f"Restored {', '.join(f'{n} {name}' for name, n in written.items())} from {file}")


def _require_embedded(settings: Settings, command: str) -> None:
    if settings.mongo_url is not None:
        raise SettingError(
            f"`{command}` is for the embedded server, and a MongoDB URL is set",
            "leave out --mongo-url and MEDPIX2_MONGO_URL, or use that server's own tools",
        )


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} {name}" for name, n in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "nobody"
    return "-" if value is None else str(value)
