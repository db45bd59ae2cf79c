"""`medpix2 users`: who may log in to the web application."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.errors import AccountError
from medpix2.settings import Settings

app = typer.Typer(help="Who may log in to `medpix2 serve`.", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="Name to log in with.")]


@app.command("add")
@with_settings
def _add(
    settings: Settings,
    name: _Name,
    role: Annotated[
        str, typer.Option(help="`reader` reads; `curator` also decides.")
    ] = "reader",
    password_file: Annotated[
        str | None,
        typer.Option(help="File whose first line is the password; - for the standard input.",
                     show_default=False),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Change the user of this name.")
    ] = False,
) -> None:  # fmt: skip
    """Let somebody log in; the password is asked for, or read from a file."""
    from medpix2.cli.terminal import say
    from medpix2.pipeline.accounts import add_user

    user = add_user(settings, name, role, _password(password_file), replace=replace)
    say(f"{user.name} may log in as {user.role}.")


@app.command("list")
@with_settings
def _list(
    settings: Settings,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who may log in."""
    from dataclasses import asdict

    from medpix2.cli.terminal import print_json, print_table
    from medpix2.pipeline.accounts import list_users

    users = list_users(settings)
    if as_json:
        print_json([asdict(user) for user in users])
        return
    rows = [(user.name, user.role, f"{user.since:%Y-%m-%d}") for user in users]
    print_table("", ("name", "role", "since"), rows)


@app.command("remove")
@with_settings
def _remove(settings: Settings, name: _Name) -> None:
    """Let somebody no longer log in; open sessions end at once."""
    from medpix2.cli.terminal import say
    from medpix2.pipeline.accounts import remove_user

    remove_user(settings, name)
    say(f"{name} may no longer log in.")


def _password(file: str | None) -> str:
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if file is not None:
        try:
            return (Path(file).read_text("utf-8").splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError) as error:
            raise AccountError(f"Password file {file} cannot be read", str(error)) from None
    if not sys.stdin.isatty():
        raise AccountError("There is no terminal to ask for the password", "give --password-file")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
