"""How much and how often may be sent: the size of a request's body, and requests a second."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1 << 20  # bytes of a request's body; forms and decisions are far smaller
BURST = 5.0  # seconds of requests that may come at once
KEPT = 10_000  # addresses that are remembered, the last seen


class Limits:
    """Refuses bodies that are too large, and addresses that ask too often.

    Parameters
    ----------
    app
        What is guarded.
    rate
        Requests a second of one address (IPv6: of one /64 network), 0 for any number.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, app: ASGIApp, rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._rate, self._clock = app, rate, clock
        # Address -> requests that it may still send, and when that was so.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._rate and not self._may(network_of(scope)):
            said = _problem(429, "Too many requests", "wait a second and try again")
            await said(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > LARGEST:
            await _problem(413, "The request is too large", f"send at most {LARGEST} bytes")(
                scope, receive, send
            )
            return
        got = 0

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > LARGEST:
                raise HTTPException(413, "The request is too large")
            return message

        await self._app(scope, counted, send)

    def _may(self, address: str) -> bool:
        now, most = self._clock(), self._rate * BURST
        left, at = self._left.get(address, (most, now))
        left = min(most, left + (now - at) * self._rate)
        self._left[address] = (max(left - 1, 0.0), now)
        self._left.move_to_end(address)
        if len(self._left) > KEPT:
            self._left.popitem(last=False)
        return left >= 1


def network_of(scope: Scope) -> str:
    """Return whom a request is counted for: its IPv4 address, or its IPv6 network of 64 bits."""
    address = (scope.get("client") or ("", 0))[0]
    if ":" not in address:
        return str(address)
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return str(address)


def _problem(status: int, failed: str, todo: str) -> JSONResponse:
    headers = {"Retry-After": "1"} if status == 429 else None
    return JSONResponse({"failed": failed, "todo": todo}, status, headers=headers)
