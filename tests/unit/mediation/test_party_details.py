"""Identity numbers prove themselves; details are overwritten field by field; what a form lacks."""

from datetime import date

import pytest

from mediation.party_details import (
    Detail,
    PartyDetails,
    Sex,
    changed,
    dump_details,
    is_credit_code,
    load_details,
    missing,
    read_identity,
    shown_number,
)

TODAY = date(2026, 11, 24)
WANG = "411121196205031217"


def test_an_identity_number_tells_sex_and_day_of_birth() -> None:
    identity = read_identity(WANG, today=TODAY)
    assert identity is not None
    assert (identity.sex, identity.born_on) == (Sex.MALE, date(1962, 5, 3))
    woman = read_identity("411121196809101220", today=TODAY)
    assert woman is not None
    assert woman.sex is Sex.FEMALE
    assert read_identity("11010519491231002X", today=TODAY) is not None  # the sample of the standard


@pytest.mark.parametrize(
    "number",
    [
        "",
        "411121196205031218",  # last sign
        "411121196205301217",  # two digits exchanged
        "41112119620503121",  # one too few
        "4111211962050312170",
        "411121620503121",  # the old fifteen digits
        "411121196213031213",  # month 13
        "11010519491231002x",  # the reader writes it large
        "411121203005031213",  # not born yet
        "４１１121196205031217",
    ],
)
def test_what_is_no_identity_number(number: str) -> None:
    assert read_identity(number, today=TODAY) is None


def test_a_credit_code_proves_itself() -> None:
    assert is_credit_code("91411100MA3X1Y2K3D")
    assert is_credit_code("91350100M000100Y43")  # the sample of the standard
    assert not is_credit_code("91411100MA3X1Y2K3E")
    assert not is_credit_code("91411100MA3X1Y2I3D")  # no I in these codes
    assert not is_credit_code(WANG)


def test_the_age_follows_the_number_else_what_was_said() -> None:
    known = PartyDetails(age=50, id_number=WANG)
    assert known.age_on(date(2026, 5, 2)) == 63
    assert known.age_on(date(2026, 5, 3)) == 64
    assert PartyDetails(age=50).age_on(TODAY) == 50
    assert PartyDetails().age_on(TODAY) is None


def test_only_what_is_named_is_overwritten() -> None:
    before = PartyDetails(sex="male", age=62, address="北徐庄12号")
    after = changed(before, {Detail.AGE: 63}, cleared={Detail.ADDRESS})
    assert after == PartyDetails(sex="male", age=63)


def test_who_turns_out_to_be_a_unit_has_no_sex_and_no_identity_number() -> None:
    before = PartyDetails(sex="male", age=62, id_number=WANG, address="北徐庄12号", agent="张律师")
    after = changed(before, {Detail.REPRESENTATIVE: "王某"}, is_unit=True)
    assert after == PartyDetails(is_unit=True, representative="王某", address="北徐庄12号", agent="张律师")


@pytest.mark.parametrize(
    ("details", "lacking"),
    [
        (PartyDetails(), {"sex", "age", "ethnic_group", "address", "id_number"}),
        (PartyDetails(id_number=WANG), {"ethnic_group", "address"}),
        (PartyDetails(is_unit=True), {"representative", "address"}),
        (PartyDetails(is_unit=True, representative="王某", address="漯河"), set()),
    ],
)
def test_what_a_form_lacks(details: PartyDetails, lacking: set[str]) -> None:
    assert set(missing(details)) == lacking


def test_details_are_kept_as_json_and_read_back() -> None:
    details = PartyDetails(is_unit=True, representative="王某", agent="张律师")
    assert dump_details(details) == {"is_unit": True, "representative": "王某", "agent": "张律师"}
    assert load_details(dump_details(details)) == details
    assert dump_details(PartyDetails()) is None
    assert load_details(None) == PartyDetails()


def test_a_number_is_shown_by_its_last_four_signs() -> None:
    assert shown_number(WANG) == "*" * 14 + "1217"
    assert shown_number("") == ""
