from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from medpix2.browse.holding import Holder
from medpix2.browse.stored import Stored


def test_a_route_gets_the_open_database(phantom_store):
    app = FastAPI()
    app.state.holder = Holder(phantom_store.settings)

    @app.get("/name")
    def name(store: Stored) -> str:
        return store.db.name

    with TestClient(app) as client:
        assert client.get("/name").json() == client.get("/name").json() == "phantom"
    app.state.holder.close()
