"""What is noted of requests: a JSON line for each log-in, decision and download."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medpix2.errors import OutputError

LOG = logging.getLogger("medpix2.serve")
LARGEST, KEPT = 10 << 20, 9  # bytes of a file, and older files
_READING = ("GET", "HEAD", "OPTIONS")


def audit(request: Request, event: str, **facts: Any) -> None:
    """Note something that somebody did, with who and from where."""
    LOG.info(event, extra={"facts": {**_who(request.scope), **facts}})


class Noted:
    """Notes each download and each request that may change something; or all requests.

    What is sent with `Content-Disposition: attachment` is a download.

    Parameters
    ----------
    app
        What is asked.
    all_requests
        Whether those that only read pages are noted too.
    """

    def __init__(self, app: ASGIApp, all_requests: bool) -> None:
        self._app, self._all = app, all_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, event, status = time.perf_counter(), "request", 500
        scope.setdefault("state", {})  # the routes note here who asks
        if scope["method"] not in _READING:
            event = "change"

        async def seen(message: Message) -> None:
            nonlocal event, status
            if message["type"] == "http.response.start":
                status = message["status"]
                sent_as = dict(message["headers"]).get(b"content-disposition", b"")
                if sent_as.startswith(b"attachment"):
                    event = "download"
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            if self._all or event != "request":
                asked = {"method": scope["method"], "path": scope["path"], "status": status}
                took = round(1000 * (time.perf_counter() - begun), 1)
                LOG.info(event, extra={"facts": {**_who(scope), **asked, "ms": took}})


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


def keep_log(file: Path | None) -> logging.Handler:
    """Have the notes written to a file, or to the standard output if None; return the writer.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    try:
        if file is None:
            handler: logging.Handler = logging.StreamHandler(sys.stdout)
        else:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handler = RotatingFileHandler(file, maxBytes=LARGEST, backupCount=KEPT)
            file.chmod(0o600)
    except OSError as error:
        raise OutputError(
            f"Log {file} cannot be written ({error.strerror})",
            "make it writable, or give --log-json to have it on the standard output",
        ) from None
    handler.setFormatter(JsonLines())
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    return handler


def _who(scope: Scope) -> dict[str, Any]:
    user = scope.get("state", {}).get("user")
    return {"user": user.name if user else None, "address": (scope.get("client") or ("",))[0]}
