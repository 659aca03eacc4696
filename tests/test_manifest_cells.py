"""What single cells may hold: dates, languages, identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restoration.manifest.dates import date_fault, year_span
from restoration.manifest.identifiers import identifier_fault
from restoration.manifest.languages import language_fault, language_tag


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1969-07-16", (1969, 1969)),
        ("1969?", (1969, 1969)),
        ("1912-08~", (1912, 1912)),
        ("197X", (1970, 1979)),
        ("19XX", (1900, 1999)),
        ("1969/1972", (1969, 1972)),
        ("1969-XX/1972~", (1969, 1972)),
        ("1969-07-XX", (1969, 1969)),
        ("1969-21", (1969, 1969)),
        ("../1950", None),
        ("1950/", None),
        ("1969-07-16T13:32:00Z", (1969, 1969)),
    ],
)
def test_a_date_of_edtf_is_good(text, years):
    assert date_fault(text) is None
    assert year_span(text) == years


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("16 July 1969", "1969-07-16"),
        ("July 16th, 1969", "1969-07-16"),
        ("Jul-69", "1969-07"),
        ("19690716", "1969-07-16"),
        ("1969-7-16", "1969-07-16"),
        ("16.7.1969", "1969-07-16"),
        ("25403.0", "1969-07-19"),
        ("1970s", "197X"),
        ("early 1970's", "1970/1974"),
        ("c. 1969", "1969~"),
        ("1969-72", "1969/1972"),
        ("n.d.", "blank"),
        ("1969-13-45", "no day of the calendar"),
        ("/", "EDTF"),
        ("١٩٦٩", "EDTF"),
    ],
)
def test_another_date_is_answered_with_the_right_one(text, meant):
    assert meant in date_fault(text)


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day):
    assert date_fault(day.isoformat()) is None
    assert day.isoformat() in date_fault(f"{day.day}/{day.month}/{day.year:04d}")


@pytest.mark.parametrize(
    ("text", "tag"),
    [("eng", "en"), ("ger", "de"), ("DE_at", "de-AT"), ("zh-hant-tw", "zh-Hant-TW"), ("haw", "haw"), ("mul", "mul")],
)
def test_a_language_has_one_tag(text, tag):
    assert language_fault(text) is None
    assert language_tag(text) == tag
    assert language_tag(tag) == tag


@given(st.text(max_size=130))
def test_a_good_identifier_names_one_folder(tmp_path_factory, text):
    if text and identifier_fault(text) is None and text.isprintable():
        folder = tmp_path_factory.getbasetemp() / "identifiers"
        place = folder / text
        place.mkdir(parents=True, exist_ok=True)
        assert place.resolve().parent == folder.resolve()
        place.rmdir()
