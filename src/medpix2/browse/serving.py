"""Listen, say where, and serve until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from medpix2.browse.app import make_app
from medpix2.errors import PortTaken
from medpix2.settings import Settings

GRACE = 5  # seconds that requests get to end when the application stops


def serve(settings: Settings, port: int, *, said: Callable[[str], None]) -> None:
    """Serve the database on the loopback address, until the process is told to stop.

    Parameters
    ----------
    settings
        Home and server.
    port
        Port to listen on; 0 for any free one.
    said
        Is told the address.

    Raises
    ------
    PortTaken
        Another program listens there.
    """
    listening = _listen("127.0.0.1", port)
    config = uvicorn.Config(
        make_app(settings), log_level="warning", timeout_graceful_shutdown=GRACE,
        server_header=False, lifespan="on",
    )  # fmt: skip
    said(f"Open http://127.0.0.1:{listening.getsockname()[1]}/  (Ctrl-C ends it)")
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # so that whoever reads the address is let in
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} cannot be used ({error.strerror})", "choose another one with --port"
        ) from None
    return listening
