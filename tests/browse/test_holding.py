from __future__ import annotations

import os
import signal
import time

from fastapi.testclient import TestClient

from medpix2.browse.app import make_app
from medpix2.pipeline.build import build
from medpix2.settings import load_settings
from medpix2.store.server import stop_server


def test_a_server_that_went_away_is_said_to_be_so_and_comes_back_without_a_restart(
    tmp_path, source
):
    settings = load_settings({"home": str(tmp_path / "home")}, environ={})
    build(settings, source.write())
    with TestClient(make_app(settings), base_url="http://localhost") as client:
        assert client.get("/search.json").json()["images"] == 9
        pid = int((settings.home / "db" / "mongod.lock").read_text())
        os.kill(pid, signal.SIGKILL)
        gone = client.get("/search")
        assert gone.status_code in (200, 503)  # 200 if the server is up again already
        deadline = time.monotonic() + 60
        while client.get("/search.json").status_code != 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert client.get("/search.json").json()["images"] == 9
    stop_server(settings.home)
