from __future__ import annotations

from medpix2.pipeline.build import build
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.sourced import Sourced
from medpix2.store.database import open_store


def test_documents_say_where_they_come_from(phantom_store):
    plain = list(StoreContent(phantom_store).cases())
    found = list(Sourced(StoreContent(phantom_store), phantom_store).cases())
    assert [case.document["_id"] for case in found] == [case.document["_id"] for case in plain]
    urls: set[str] = set()
    for case, before in zip(found, plain, strict=True):
        source = case.document["meta"].pop("source")
        assert source["site"] == "phantom" and not {"origin", "retrieved", "raw"} & set(source)
        assert case.document == before.document
        pictures = [picture.document["meta"]["source"] for picture in case.pictures]
        urls |= {url for source in pictures if (url := source.get("image_url"))}
    assert len(urls) > 50 and all(url.startswith("https://") for url in urls)


def test_as_published_gives_what_the_source_said(fresh_home, source):
    build(fresh_home, source.write())
    name = source.images[0]["image"]
    with open_store(fresh_home) as store:
        corrected = {"meta.corrected": ["Location"], "meta.normalized.location": "Thigh"}
        store.current.update_one({"_id": name}, {"$set": {"Location": "Thigh", **corrected}})
        _compare(store)


def _compare(store):
    for as_published, expected in ((False, "Thigh"), (True, "Brain")):
        content = Sourced(StoreContent(store), store, as_published=as_published)
        picture = next(content.cases()).pictures[0].document
        assert picture["Location"] == expected
        assert picture["meta"]["normalized"]["location"] == expected
        assert picture["meta"]["status"] == "accepted" and picture["meta"]["file"]
        assert bool(picture["meta"]["corrected"]) is not as_published
        assert {"source", "problems", "digest"}.isdisjoint(picture)
