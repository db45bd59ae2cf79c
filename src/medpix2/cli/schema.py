"""`medpix2 schema`."""

from __future__ import annotations

from typing import Annotated

import typer

NAMES = ("case", "image")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("schema")(_schema)


def _schema(
    name: Annotated[str, typer.Argument(help="Document: case or image.")] = "case",
) -> None:
    """Print the JSON Schema of a published document, with a description of every field."""
    from medpix2.cli.terminal import print_json
    from medpix2.errors import QueryError
    from medpix2.records import Case, Image

    if name not in NAMES:
        raise QueryError(f"No document is called {name!r}", f"use {' or '.join(NAMES)}")
    print_json((Case if name == "case" else Image).model_json_schema(by_alias=True))
