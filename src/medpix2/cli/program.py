"""The program `medpix2`: its commands, and the one place where errors become a line."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from medpix2.cli import (
    build,
    classify,
    curate,
    db,
    evaluate,
    export,
    extract,
    find,
    phantom,
    release,
    schema,
    serve,
    stats,
    train,
    users,
    withdraw,
)
from medpix2.cli.options import given
from medpix2.errors import Medpix2Error

INTERRUPTED = 130  # the exit code of a program that Ctrl-C ended

app = typer.Typer(
    name="medpix2",
    help="Build, cure, browse and export the MedPix 2.0 radiology data set. Not for diagnosis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
build.register(app)
find.register(app)
export.register(app)
stats.register(app)
serve.register(app)
schema.register(app)
withdraw.register(app)
train.register(app)
evaluate.register(app)
classify.register(app)
app.add_typer(extract.app, name="extract")
app.add_typer(curate.app, name="curate")
app.add_typer(phantom.app, name="phantom")
app.add_typer(release.app, name="release")
app.add_typer(users.app, name="users")
app.add_typer(db.app, name="db")


def _version(value: bool) -> None:
    if value:
        from medpix2 import __version__

        typer.echo(f"medpix2 {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    home: Annotated[str | None, typer.Option(help="Home folder; also after the command.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    given(context).update({"home": home} if home else {})


def main() -> None:
    """Run the command line; end with 0, 1 for an error, 2 for wrong usage, 130 for Ctrl-C."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for a terminal that is not UTF-8
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
            # What is done is done: while the interpreter is taken down, Ctrl-C would kill it.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except Medpix2Error as error:
        _complain(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer has seen the KeyboardInterrupt before us
            _interrupted()
        if isinstance(end.__context__, BrokenPipeError):
            _seen_enough()
        raise
    except BrokenPipeError:
        _seen_enough()
    except OSError as error:  # the output's file system is full, say
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _complain(f"A file or the output cannot be written or read: check it ({error})")
        sys.exit(1)


def _seen_enough() -> NoReturn:
    """End quietly: the reader of a pipe (head, less) has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(0)


def _interrupted() -> NoReturn:
    _complain("Interrupted: run the same command again, it goes on where it stopped")
    sys.exit(INTERRUPTED)


def _complain(message: str) -> None:
    from medpix2.cli.terminal import note

    note(f"medpix2: {' '.join(message.split())}")
