from medpix2.phantom.sites.generations import CHANGES, change_of, later


def test_the_first_generation_is_as_it_came(case_with):
    cases = [case_with(n, "c") for n in range(20)]
    assert list(later(cases, 1, 1.0, 1)) == cases


def test_each_kind_of_change_comes_at_its_rate(case_with):
    changes = [change_of(f"MPX{n}", 2, 0.3, 1) for n in range(2000)]
    assert 500 < sum(change is not None for change in changes) < 700
    assert set(changes) == {None, *CHANGES}


def test_what_changes_and_nothing_else(case_with):
    cases = {case.uid: case for case in (case_with(n, "c", "m") for n in range(200))}
    after = {case.uid: case for case in later(cases.values(), 2, 0.5, 1)}
    for uid, case in cases.items():
        change = change_of(uid, 2, 0.5, 1)
        assert (uid in after) == (change != "gone")
        if change in (None, "new"):
            assert after[uid] == case
        elif change == "topic":
            assert after[uid].topic.factoid.endswith("Added in generation 2.")
            assert after[uid].topic.uuid != case.topic.uuid
        elif change != "gone":
            assert after[uid] != case and after[uid].uuid == case.uuid
    come = [case for uid, case in after.items() if uid not in cases]
    assert len(come) == sum(change_of(uid, 2, 0.5, 1) == "new" for uid in cases)
    ids = {picture.id for case in cases.values() for picture in case.pictures}
    assert come and all(p.file in ids and p.id not in ids for c in come for p in c.pictures)


def test_a_later_generation_goes_on_from_the_one_before(case_with):
    cases = [case_with(n, "c") for n in range(200)]
    second = list(later(cases, 2, 0.2, 1))
    third = {case.uid: case for case in later(cases, 3, 0.2, 1)}
    kept = [case for case in second if change_of(case.uid, 3, 0.2, 1) is None]
    assert kept and all(third[case.uid] == case for case in kept)


def test_a_case_without_pictures_can_change_too(case_with):
    cases = [case_with(n) for n in range(100)]
    changed = [c for c in later(cases, 2, 1.0, 1) if c not in cases]
    assert len({case.uid for case in changed}) > 70
