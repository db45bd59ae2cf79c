"""The database, for routes that need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request

from medpix2.browse.holding import Holder
from medpix2.store.database import Store


def _store(request: Request) -> Iterator[Store]:
    holder: Holder = request.app.state.holder
    with holder.store() as store:
        yield store


Stored = Annotated[Store, Depends(_store)]
"""The open database of the application, as a parameter of a route."""
