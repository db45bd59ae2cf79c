from __future__ import annotations

from medpix2.pipeline.find import find


def test_head_says_what_get_says_without_the_content(client, phantom_store):
    image = find(phantom_store, by="image", limit=1).matches[0].images[0]
    case, name = image["U_id"], image["_id"]
    for address in (f"/picture/{name}", f"/thumbnail/160/{name}", f"/case/{case}", "/search.json",
                    f"/case/{case}/published.json", "/static/app.css", "/nowhere"):  # fmt: skip
        got, told = client.get(address), client.head(address)
        assert (told.status_code, told.content) == (got.status_code, b"")
        for header in ("content-type", "content-length", "etag", "cache-control"):
            assert told.headers.get(header) == got.headers.get(header)
