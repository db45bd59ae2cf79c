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
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs users.")
    ] = "127.0.0.1",
    host_name: Annotated[
        list[str] | None,
        typer.Option(help="Name that browsers ask for; may be repeated. Needs users."),
    ] = None,
    https: Annotated[
        bool, typer.Option("--https", help="Browsers come over HTTPS, by a proxy. Needs users.")
    ] = False,
    root_path: Annotated[
        str, typer.Option(help="Path that a proxy serves it under, such as /medpix2.")
    ] = "",
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Address of a proxy whose X-Forwarded-* are believed. Needs users."),
    ] = None,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Print a JSON line for every request.")
    ] = False,
) -> None:
    """Serve the database to browsers until Ctrl-C; on this machine alone, if not told otherwise."""
    from medpix2.browse.serving import serve
    from medpix2.cli.terminal import note

    serve(
        settings, port, said=note, host=host, names=host_name or (), https=https,
        root_path=root_path, trusted=trust_proxy or (), log_json=log_json,
    )  # fmt: skip
