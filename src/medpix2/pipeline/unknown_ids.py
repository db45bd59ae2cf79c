"""What is said of an id that is not there."""

from __future__ import annotations

import difflib

from medpix2.errors import NotFound
from medpix2.store.database import Store
from medpix2.store.reading import near_ids


def not_found(store: Store, name: str, more: str = "") -> NotFound:
    """Return the error for an id of no case and no picture; near ids are named.

    `more` stands behind the name of the database.
    """
    near = difflib.get_close_matches(name.upper(), near_ids(store.db, name), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "list them with `medpix2 find`"
    return NotFound(f"No case or picture {name!r} in database {store.db.name!r}{more}", hint)
