"""What `db status` tells."""

from __future__ import annotations

from typing import Any

from medpix2.settings import Settings
from medpix2.store.backup import BASE
from medpix2.store.database import open_store
from medpix2.store.server import server_status


def status(settings: Settings) -> dict[str, Any]:
    """Say which server is used, whether it runs, who uses it, and what the database holds.

    An embedded server that is not running is not started for it.
    """
    told: dict[str, Any] = {"server": settings.server, "database": settings.database}
    if settings.mongo_url is None:
        server = server_status(settings.home)
        told |= {
            "running": server.running,
            "pid": server.pid,
            "version": server.version,
            "socket": str(server.socket) if server.socket else None,
            "port": server.port,
            "pinned": server.pinned,
            "users": [f"{user.command} (process {user.pid})" for user in server.users],
            "data_bytes": server.data_bytes,
        }
        if not server.running:
            return told
    with open_store(settings, create=False) as store:
        told["documents"] = {name: store.db[name].estimated_document_count() for name in BASE}
    return told
