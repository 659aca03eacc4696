"""Rights in a recording and consent to the use of a voice are two things, each read from columns of its own."""

import pytest

from restoration.manifest.columns import BY_NAME
from restoration.provenance.history import history
from restoration.provenance.rights import basis_of, consent_in, rights_in
from restoration.record import following


@pytest.mark.parametrize(
    ("uri", "basis"),
    [
        ("http://rightsstatements.org/vocab/InC/1.0/", "copyright"),
        ("https://rightsstatements.org/page/NoC-US/1.0/", "copyright"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "copyright"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "license"),
        ("https://www.creativecommons.org/licenses/by/4.0/", "license"),
        ("https://example.org/rightsstatements.org/", "other"),
        ("", "other"),
    ],
)
def test_the_basis_follows_from_the_statement(uri, basis):
    assert basis_of(uri) == basis


def test_every_field_is_read_from_a_column_of_the_manifest():
    """Each column holds its own name, so that a field that is read from nowhere, or twice, shows."""
    row = {name: name for name in BY_NAME}
    told = [*vars(rights_in(row)).values(), *vars(consent_in(row)).values()]
    assert [text for text in told if text not in BY_NAME] == ["other"]
    assert len(set(told)) == len(told)


def test_a_history_tells_rights_and_consent_of_its_item():
    item = {"identifier": "tape-1", "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/", "rights_holder": "Ada",
            "voice_consent": "estate", "consent_ref": "letter"}  # fmt: skip
    told = history([following([], "ingestion", item=item, software={})])
    assert (told.rights.holder, told.rights.basis, told.consent.status) == ("Ada", "copyright", "estate")
    assert told.consent.scope == ""


@pytest.mark.parametrize("kind", ["models", "thing", "package", "sound", "a kind of next year"])
def test_an_event_of_an_unknown_kind_is_about_the_package(kind):
    told = history([following([], "ingestion", item={"identifier": "tape-1"}, software={}), following([], kind)])
    assert told.acts[1].sources == ("package/tape-1",)
