from medpix2.extract.published import open_copy
from medpix2.phantom.sites.from_published import published_cases, site_case


def case_of(images, **topic):
    document = {
        "U_id": "MPX1", "TAC": ["MPX1_b"], "MRI": ["MPX1_a"],
        "Case": {"Title": "T", "Exam": ""}, "Topic": topic,
    }  # fmt: skip
    return site_case(document, images, {"MPX1_b": "known"}, part_keywords=True)


def image_of(name, kind, location="Brain", **said):
    return {
        "Type": kind, "U_id": "MPX1", "image": name, "Description": said, "Location": location,
    }  # fmt: skip


def test_pictures_stand_in_the_order_of_the_lists_with_the_uuid_of_the_overview():
    made = case_of([image_of("MPX1_a", "MR"), image_of("MPX1_b", "CT")])
    assert [(p.id, p.kind) for p in made.pictures] == [("MPX1_b", "c"), ("MPX1_a", "m")]
    assert made.pictures[0].uuid == "known" != made.pictures[1].uuid


def test_labels_of_the_case_are_those_of_most_pictures():
    ages = [image_of(f"MPX1_{age}{n}", "CT", Age=age) for n, age in enumerate(("5", "0", "0"))]
    made = case_of([*ages, image_of("MPX1_x", "CT", "Chest")])
    assert made.age == "0" and made.sex is None
    assert made.topic.location == "Brain"


def test_absent_keys_are_absent_sections_and_empty_ones_are_there():
    made = case_of([])
    assert made.sections == {"Exam": ""}
    assert made.topic.title is None and made.topic.keywords == ()


def test_key_words_are_parted_only_where_joining_gives_them_again():
    assert case_of([], Keywords="Brain cystRare finding").topic.keywords == (
        "Brain cyst", "Rare finding",
    )  # fmt: skip
    assert case_of([], Keywords="one; two").topic.keywords == ("one; two",)
    four = "OneAaTwoBbThreeCcFourDd"
    assert case_of([], Keywords=four).topic.keywords == (four,)


def test_cases_that_say_the_same_share_a_topic():
    same = [case_of([], Title="Same").topic.uuid for _ in range(2)]
    assert same[0] == same[1] != case_of([], Title="Other").topic.uuid


def test_split_lists_are_not_needed_and_the_real_key_words_stay_one(source, tmp_path):
    source.case("MPX9", ct=1, Topic={"Keywords": "Brain cystRare finding"})
    made = {case.uid: case for case in published_cases(open_copy(tmp_path / source.write()))}
    assert list(made) == ["MPX1", "MPX2", "MPX3", "MPX4", "MPX5", "MPX9"]
    assert made["MPX4"].pictures == ()
    assert made["MPX9"].topic.keywords == ("Brain cystRare finding",)


def test_broken_and_repeated_documents_are_left_out(source):
    source.cases += [{"U_id": "../up"}, source.cases[0]]
    source.images.append({**source.images[0], "Type": "MR"})
    made = list(published_cases(open_copy(source.folder.parent / source.write())))
    assert [case.uid for case in made] == ["MPX1", "MPX2", "MPX3", "MPX4", "MPX5"]
    assert [picture.kind for picture in made[0].pictures] == ["c", "c", "m"]


def test_a_uuid_that_stands_at_two_pictures_is_not_used(source):
    row = "TAC,MPX1,{},http://x.invalid/a.png,http://x.invalid/case?id={}\r\n"
    names = [image["image"] for image in source.images[:3]]
    rows = [row.format(name, uuid) for name, uuid in zip(names, ("u1", "u1", "u2"), strict=True)]
    folder = source.folder.parent / source.write()
    (folder / "images_overview.csv").write_text(
        "Type,U_id,ID_Image,Img_Large,URL_Article_image\r\n" + "".join(rows)
    )
    uuids = [picture.uuid for picture in next(published_cases(open_copy(folder))).pictures]
    assert uuids[2] == "u2" and "u1" not in uuids and len(set(uuids)) == 3
