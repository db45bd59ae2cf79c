"""The ASGI application: counts a request, lets go wrong what should, sends the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from medpix2.phantom.sites.answers import (
    FORBIDDING,
    HTML,
    JSON,
    TEXT,
    Answer,
    Sites,
    is_heavy,
    kind_of,
    page,
)
from medpix2.phantom.sites.asked import Asked
from medpix2.phantom.sites.chance import pick, share
from medpix2.phantom.sites.faults import Faults

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

ASKED = "/_asked"
_LOOP = "_loop"  # parameter of the addresses of a redirection in a circle
_CUT = 0.6  # share of a body that is sent when it is cut


class App:
    """The sites as an ASGI application.

    Parameters
    ----------
    sites
        What answers.
    faults
        What goes wrong.
    """

    def __init__(self, sites: Sites, faults: Faults) -> None:
        self._sites = sites
        self._faults = faults
        self.asked = Asked()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith(ASKED):
            told = self.asked.addresses if path == f"{ASKED}/addresses" else self.asked.report()
            await _send(send, Answer(json.dumps(told).encode(), JSON))
            return
        query = scope["query_string"].decode("latin-1")
        address, kind = f"{path}?{query}" if query else path, kind_of(path)
        ask = self.asked.begin(address, kind, _header(scope, b"user-agent"))
        try:
            if scope["method"] not in ("GET", "HEAD"):
                await _send(send, page(405, "Method Not Allowed"))
            elif "redirect-loop" in self._faults.rates and f"{_LOOP}=" in query:
                await self._redirect(send, path, query)
            else:
                fault = self._faults.of(address, ask, kind)
                if fault is not None:
                    self.asked.faults[fault] += 1
                await self._answer(receive, send, path, query, fault, f"{address} {ask}")
        finally:
            self.asked.end()

    async def _answer(
        self, receive: Receive, send: Send, path: str, query: str, fault: str | None, about: str
    ) -> None:
        """Send what the address gives, or what the fault makes of it."""
        after = (("retry-after", str(self._faults.retry_after)),)
        if fault == "429":
            await _send(send, page(429, "Too Many Requests"), after)
        elif fault == "500":
            await _send(send, page(500, "Internal Server Error"))
        elif fault == "503":
            told = share(self._faults.seed, about, "told") < 0.5
            await _send(send, page(503, "Service Unavailable"), after if told else ())
        elif fault == "redirect-loop":
            await self._redirect(send, path, query)
        else:
            await self._wait(receive, fault)
            await self._send_body(send, await self._made(path, query), fault, about)

    async def _made(self, path: str, query: str) -> Answer:
        if is_heavy(path):
            return await asyncio.to_thread(self._sites.answer, path, query)
        return self._sites.answer(path, query)

    async def _send_body(self, send: Send, answer: Answer, fault: str | None, about: str) -> None:
        body, cut = answer.body, int(len(answer.body) * _CUT)
        if fault == "robots":
            answer = Answer(FORBIDDING.encode(), TEXT)
        elif fault in ("truncated", "malformed"):
            answer = answer._replace(body=body[:cut])
        elif fault == "content-type":
            answer = _mistyped(answer, self._faults.seed, about)
        if fault == "reset":
            await _start(send, answer, len(body))
            # Returning before the end makes the server close the connection.
            await send({"type": "http.response.body", "body": body[:cut], "more_body": True})
        else:
            await _send(send, answer)

    async def _wait(self, receive: Receive, fault: str | None) -> None:
        """Wait as a slow or hanging site does, no longer than the client waits too."""
        seconds = {"timeout": self._faults.hang, "slow": self._faults.slow}.get(fault or "")
        if seconds:
            try:
                async with asyncio.timeout(seconds):
                    while (await receive())["type"] != "http.disconnect":
                        pass
            except TimeoutError:
                pass

    async def _redirect(self, send: Send, path: str, query: str) -> None:
        """Send on to one of two addresses, which send to each other."""
        kept = [part for part in query.split("&") if part and not part.startswith(f"{_LOOP}=")]
        turn = 2 if f"{_LOOP}=1" in query else 1
        where = f"{path}?{'&'.join([*kept, f'{_LOOP}={turn}'])}"
        await _send(send, page(302, "Found"), (("location", where),))


def _mistyped(answer: Answer, seed: int, about: str) -> Answer:
    """Return an error page as such, the page as what was asked for, or that as a page."""
    wrong = page(200, "Service is down for maintenance")
    return pick(
        (wrong, wrong._replace(type=answer.type), answer._replace(type=HTML)), seed, about, "type"
    )


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


async def _send(send: Send, answer: Answer, headers: Headers = ()) -> None:
    await _start(send, answer, len(answer.body), headers)
    await send({"type": "http.response.body", "body": answer.body})


async def _start(send: Send, answer: Answer, length: int, headers: Headers = ()) -> None:
    every = (("content-type", answer.type), ("content-length", str(length)), *headers)
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode()) for name, value in every],
        }
    )
