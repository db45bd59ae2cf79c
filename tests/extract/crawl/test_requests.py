from __future__ import annotations

from medpix2.extract.crawl.requests import request_for
from medpix2.extract.crawl.spider import MedPixSpider
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.frontier import Wanted


def test_the_first_address_is_asked_with_the_headers_that_go_with_it(tmp_path, plan_at):
    urls = ("https://a.example/1", "https://b.example/1")
    wanted = Wanted("picture/512/A", "picture", urls, {"If-None-Match": '"7"'})
    with open_snapshot(tmp_path / "s", create=True) as snapshot:
        spider = MedPixSpider(snapshot, plan_at("https://o.example"))
        request = request_for(wanted, spider, tried=3)
    assert request.url == urls[0]
    assert request.headers["If-None-Match"] == b'"7"'
    assert (request.meta["wanted"], request.meta["kind"]) == (wanted, "picture")
    assert request.meta["tried"] == 3
    assert (request.callback, request.errback) == (spider.parse, spider.give_up)
