"""Runs the sites on a port until Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable

from medpix2.errors import PortTaken, SettingError
from medpix2.phantom.sites.answers import Sites
from medpix2.phantom.sites.app import App
from medpix2.phantom.sites.faults import Faults

_BACKLOG = 1024


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises
    ------
    PortTaken
        Another program listens there.
    SettingError
        The host is none of this machine, or the port may not be used.
    """
    opened: socket.socket | None = None
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(where)
        opened.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        if opened is not None:
            opened.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} on {host} is in use", "choose another --port, or 0 for a free one"
            ) from None
        raise SettingError(
            f"Port {port} on {host} cannot be opened", f"choose another ({error})"
        ) from None
    return opened


def serve(sites: Sites, faults: Faults, opened: socket.socket, ready: Callable[[], None]) -> None:
    """Serve the sites on an open port; return on Ctrl-C.

    Parameters
    ----------
    sites, faults
        What is served, and what goes wrong.
    opened
        From `open_port`; closed at the end.
    ready
        Called when the sites answer: what asks from now on is served.
    """
    import uvicorn

    config = uvicorn.Config(
        App(sites, faults), log_level="critical", access_log=False, lifespan="off", ws="none",
        proxy_headers=False, server_header=False, timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    with opened:
        ready()
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([opened])
