"""The application over the phantom's database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from medpix2.browse.app import make_app
from medpix2.store.database import Store


@pytest.fixture(scope="session")
def client(phantom_store: Store) -> Iterator[TestClient]:
    """Return a browser without JavaScript, on the phantom's database; for reading only."""
    with TestClient(make_app(phantom_store.settings), base_url="http://localhost") as made:
        yield made
