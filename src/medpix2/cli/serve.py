"""`medpix2 serve`: the database in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve")(_serve)


@with_settings
def _serve(
    settings: Settings,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 8000,
) -> None:
    """Serve the database to browsers on this machine, until Ctrl-C."""
    from medpix2.browse.serving import serve
    from medpix2.cli.terminal import note

    serve(settings, port, said=note)
