import pytest

from medpix2.curate.identity_rules import IDENTITY_RULES

FOUND = [
    ("email-in-text", "Write to jane.doe+x@example.org."),
    ("email-in-text", "jane (at) example.org"),
    ("phone-in-text", "Call (555) 010-1234."),
    ("phone-in-text", "Pager: 555 0101"),
    ("record-number-in-text", "MRN: 0012345"),
    ("record-number-in-text", "SSN 123-45-6789"),
    ("record-number-in-text", "Patient ID # A12345"),
    ("name-in-text", "Discussed with Dr. Jane Doe."),
    ("name-in-text", "Mr. Doe came with pain."),
    ("name-in-text", "First seen in 1944. Dr. Doe will see her again."),
    ("name-in-text", "Patient name: Doe, Jane"),
    ("name-in-text", "Submitted by Jane Q. Doe, M.D."),
    ("name-in-text", "Images courtesy of Jane Doe"),
    ("date-in-text", "CT of 03/18/2010 was normal."),
    ("date-in-text", "Seen on 27 Feb 2002."),
    ("date-in-text", "Last exam 24Jun2004:"),
    ("date-in-text", "On March 3rd, 2004 he fell."),
    ("date-in-text", "Admitted 2004-03-07"),
    ("date-in-text", "On the morning of 13 Jan he came."),
    ("month-in-text", "First seen in Nov 2005."),
    ("month-in-text", "Came in Jan2003 with fever."),
    ("institution-in-text", "Transferred to Example General Hospital."),
]
CLEAN = [
    ("email-in-text", "Pain @ rest; 5 mg @ 8h."),
    ("phone-in-text", "WBC 12.1, CD3 413 (690-2540), births 1 in 400-1000"),
    ("record-number-in-text", "From a medical record review, 3 case numbers."),
    ("name-in-text", "First described in 1952 by Dr. Goldenhar."),
    ("name-in-text", "MR imaging and Mrs. were not done. Burst Fracture of L1."),
    ("name-in-text", "Osgood-Schlatter disease; Foley catheter"),
    ("date-in-text", "CBC 10.7/15.4/46.4, H/H 13/38, 15/22 nodes"),
    ("date-in-text", "Accessed on March 2, 2007."),
    ("date-in-text", "Radiology Clinics. 01 Mar 2002; 40(2): 181-202."),
    ("date-in-text", "The patient may 2 weeks later return; march 3 km"),
    ("month-in-text", "Seen on 27 Feb 2002."),
    ("month-in-text", "Symptoms may 2005 times recur"),
    ("institution-in-text", "She came to the hospital; medical center."),
]


@pytest.mark.parametrize(("name", "text"), FOUND)
def test_what_identifies_is_found_in_reports_and_captions(subject_of, hits, name, text):
    subject = subject_of(text, case={"Case.History": text})
    found = hits(IDENTITY_RULES, name, subject)
    assert [(hit.target, hit.field) for hit in found] == [
        ("MPX1", "Case.History"), ("MPX1_0", "Description.Caption"),
    ]  # fmt: skip
    assert found[0].evidence["words"][0] in text
    assert found[0].evidence["words"][0] in found[0].evidence["around"]


@pytest.mark.parametrize(("name", "text"), CLEAN)
def test_what_identifies_nobody_is_left_alone(subject_of, hits, name, text):
    assert not hits(IDENTITY_RULES, name, subject_of(text, case={"Case.Discussion": text}))


def test_references_may_name_and_date(subject_of, hits):
    case = {"Topic.Reference": "Doe J, MD. 13 April 2006. Mr. Doe."}
    for name in ("name-in-text", "date-in-text", "month-in-text"):
        assert not hits(IDENTITY_RULES, name, subject_of(case=case))


def test_a_text_with_many_is_one_hit_that_lists_each_once(subject_of, hits):
    case = {"Case.Findings": "CT of 13 April 2006, again 16 August 2006 against 13 April 2006"}
    (hit,) = hits(IDENTITY_RULES, "date-in-text", subject_of(case=case))
    assert hit.evidence["words"] == ["13 April 2006", "16 August 2006"]
