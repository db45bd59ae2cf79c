import pytest

from medpix2.errors import SettingError
from medpix2.phantom.sites.faults import KINDS, LASTING, Faults, read_rates


def test_rates_are_read():
    assert read_rates("429=0.02, truncated=1e-1,") == {"429": 0.02, "truncated": 0.1}
    assert read_rates("") == {}
    assert read_rates("all=0.02,500=0") == {
        **dict.fromkeys(set(KINDS) - LASTING, 0.02), "500": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [("418=0.1", "unknown kind '418'"), ("500=1.1", "rate '1.1'"), ("500=-1", "rate '-1'"),
     ("500=nan", "rate 'nan'"), ("500=x", "rate 'x'"), ("500", "rate ''"),
     ("500=0.6,503=0.6", "1.2 together")],
)  # fmt: skip
def test_what_cannot_be_is_refused(text, said):
    with pytest.raises(SettingError, match=said):
        read_rates(text)


def test_each_kind_befalls_its_share_the_same_every_time():
    faults = Faults(read_rates("all=0.05"), seed=3)
    found = [faults.of(f"/imgs/{n}", 1, "picture") for n in range(4000)]
    assert found == [Faults(read_rates("all=0.05"), 3).of(f"/imgs/{n}", 1, "picture")
        for n in range(4000)]  # fmt: skip
    counts = {kind: found.count(kind) for kind in set(found) - {None}}
    assert set(counts) == set(KINDS) - LASTING - {"malformed"}
    assert all(140 < count < 260 for count in counts.values()), counts
    assert found != [Faults(faults.rates, 4).of(f"/imgs/{n}", 1, "picture") for n in range(4000)]


def test_json_is_malformed_and_never_truncated():
    faults = Faults({"truncated": 0.5, "malformed": 0.5})
    assert {faults.of(f"/{n}", 1, "encounter") for n in range(50)} == {"malformed", None}
    assert {faults.of(f"/{n}", 1, "picture") for n in range(50)} == {"truncated", None}


def test_asking_again_gets_through_unless_the_rate_is_1():
    often = Faults({"500": 0.99})
    assert all(any(often.of(f"/{n}", ask, "image") is None for ask in range(1, 5))
        for n in range(200))  # fmt: skip
    always = Faults({"500": 1.0})
    assert all(always.of("/a", ask, "image") == "500" for ask in range(1, 20))


def test_robots_txt_has_no_fault_but_its_own():
    assert Faults({"500": 1.0}).of("/robots.txt", 1, "robots") is None
    assert Faults({"robots": 1.0, "500": 1.0}).of("/robots.txt", 1, "robots") == "robots"
    assert Faults({"robots": 1.0, "changed": 1.0}).of("/a", 1, "image") is None
