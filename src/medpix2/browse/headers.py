"""What every answer says to the browser, and which hosts may be asked for."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing inline, nothing from elsewhere; pictures that a script makes of a canvas are blobs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses other hosts than ours (DNS rebinding), and adds the headers.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        Names that a request may ask for, without the port.
    root_path
        Path that a proxy serves the application under; the proxy may take it away or leave it.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], root_path: str = "") -> None:
        self._app, self._hosts = app, {host.lower() for host in hosts}
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["root_path"] = self._root_path

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                # What is shown depends on who asks, and on a database that changes.
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        if _host(scope) not in self._hosts:
            refused = PlainTextResponse("This host is not served here.", status_code=421)
            await refused(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _host(scope: Scope) -> str:
    given: str = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    if given.startswith("["):
        return given.partition("]")[0] + "]"
    return given.partition(":")[0]
