"""Listen, say where, and serve until Ctrl-C."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from medpix2.browse.access import Access, access_for
from medpix2.browse.holding import Holder
from medpix2.errors import AccountError, PortTaken
from medpix2.settings import Settings
from medpix2.store.accounts import all_users

GRACE = 5  # seconds that requests get to end when the application stops
LOG_FILE = Path("logs") / "serve.log"  # in the home


def serve(
    settings: Settings,
    port: int,
    *,
    said: Callable[[str], None],
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    https: bool = False,
    root_path: str = "",
    trusted: Sequence[str] = (),
    log_json: bool = False,
) -> None:
    """Serve the database until the process is told to stop (SIGINT or SIGTERM).

    Parameters
    ----------
    settings
        Home and server.
    port
        Port to listen on; 0 for any free one.
    said
        Is told the address.
    host
        Address to listen on.
    names, https, root_path, trusted
        See `access_for`.
    log_json
        Print a JSON line for every request, instead of keeping a file of changes and downloads.

    Raises
    ------
    PortTaken
        Another program listens there.
    SettingError
        A value cannot be used.
    AccountError
        One must log in, and there are no users.
    """
    access = access_for(host, names=names, https=https, root_path=root_path, trusted=trusted)
    listening = _listen(host, port)
    holder = Holder(settings)
    try:
        if access.log_in:
            _require_users(holder)
        holder.open_soon()
        _run(listening, holder, access, host, log_json, said)
    finally:
        holder.close()
        listening.close()


def _require_users(holder: Holder) -> None:
    with holder.store() as store:
        if not all_users(store.db):
            raise AccountError(
                "Whoever asks from elsewhere must log in, and there are no users",
                "add one with `medpix2 users add NAME`",
            )


def _run(
    listening: socket.socket, holder: Holder, access: Access, host: str, log_json: bool,
    said: Callable[[str], None],
) -> None:  # fmt: skip
    # Imported while the database starts: both take most of a second.
    import uvicorn

    from medpix2.browse.app import make_app
    from medpix2.browse.audit import keep_log

    handler = keep_log(None if log_json else holder.settings.home / LOG_FILE)
    logging.getLogger("uvicorn.error").addHandler(handler)
    app = make_app(holder.settings, access, holder=holder, all_noted=log_json)
    config = uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False,
        timeout_graceful_shutdown=GRACE, server_header=False, lifespan="on",
        proxy_headers=bool(access.trusted), forwarded_allow_ips=list(access.trusted),
    )  # fmt: skip
    for line in _told(access, host, listening.getsockname()[1]):
        said(line)
    with suppress(KeyboardInterrupt):  # it raises again what has ended it well
        uvicorn.Server(config).run(sockets=[listening])


def _told(access: Access, host: str, port: int) -> list[str]:
    shown = f"[{host}]" if ":" in host else host
    lines = [f"Open http://{shown}:{port}{access.root_path}/  (Ctrl-C ends it)"]
    if access.log_in and not access.https:
        lines.append(
            "Passwords travel unencrypted: put a proxy with HTTPS before it, and give --https."
        )
    return lines


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)  # so that whoever reads the address is let in
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {port} of {host} cannot be used ({error.strerror})",
            "choose another one with --port",
        ) from None
    return listening
