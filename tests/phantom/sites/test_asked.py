from medpix2.phantom.sites.asked import Asked


def test_requests_are_counted_by_address_kind_and_agent():
    asked = Asked()
    assert [asked.begin("/a", "image", "one"), asked.begin("/a", "image", "two")] == [1, 2]
    asked.end()
    assert asked.begin("/b", "topic", "one") == 1
    asked.faults["500"] += 1
    assert asked.report() == {
        "total": 3, "addresses": 2, "kinds": {"image": 2, "topic": 1}, "faults": {"500": 1},
        "most_at_once": 2, "user_agents": ["one", "two"],
    }  # fmt: skip
    assert asked.addresses == {"/a": 2, "/b": 1}
