from medpix2.phantom.sites.chance import pick, share


def test_shares_are_spread_and_stay_the_same():
    shares = [share("seed", n) for n in range(2000)]
    assert shares == [share("seed", n) for n in range(2000)]
    assert min(shares) >= 0 and max(shares) < 1
    tenths = [sum(int(s * 10) == tenth for s in shares) for tenth in range(10)]
    assert min(tenths) > 140


def test_every_part_counts_and_parts_do_not_run_together():
    assert share(1, 2) != share(2, 1)
    assert share("ab", "c") != share("a", "bc")
    assert 0 <= share("\ud800") < 1


def test_each_option_is_picked():
    assert {pick("abc", n) for n in range(50)} == set("abc")
