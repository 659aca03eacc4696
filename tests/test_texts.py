"""Every language says the same, with the same things to fill in."""

import re

import pytest

from restoration.errors import RestorationError
from restoration.texts import PLURALS, SOURCE_LANGUAGE, catalogue, languages

FORMS = {"one-other": {"one", "other"}, "one-few-many-other": {"one", "few", "many", "other"}}
OTHERS = [language for language in languages() if language != SOURCE_LANGUAGE]


def wanted(text):
    return set(re.findall(r"{(\w+)", text))


def wanted_of(text):
    return wanted(text) if isinstance(text, str) else wanted(text["other"])


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_lacks_nothing_and_has_nothing_of_its_own(language):
    ours, theirs = catalogue(SOURCE_LANGUAGE).texts, catalogue(language).texts
    assert sorted(ours) == sorted(theirs)
    for key, text in ours.items():
        assert isinstance(text, str) == isinstance(theirs[key], str), key
        assert wanted_of(text) == wanted_of(theirs[key]), key


@pytest.mark.parametrize("language", languages())
def test_a_plural_has_the_forms_of_its_language(language):
    own = catalogue(language)
    for key, text in own.texts.items():
        if not isinstance(text, str):
            assert set(text) == FORMS[own.plural], key
    assert set(FORMS) == set(PLURALS)


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty(language):
    for key, text in catalogue(language).texts.items():
        for form in [text] if isinstance(text, str) else text.values():
            assert form.strip() == form != "", key


def test_russian_counts_as_russian_does():
    forms = {number: catalogue("ru").counted("batch.items", number) for number in (1, 2, 5, 11, 21, 22, 112)}
    assert [forms[1], forms[21]] == ["1 запись", "21 запись"]
    assert [forms[2], forms[22]] == ["2 записи", "22 записи"]
    assert [forms[5], forms[11], forms[112]] == ["5 записей", "11 записей", "112 записей"]


def test_a_language_without_a_file_is_a_sentence():
    with pytest.raises(RestorationError, match="there is en, ru, uz"):
        catalogue("tlh")
