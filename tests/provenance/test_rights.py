"""Rights in a recording and consent to the use of a voice are two things, each read from columns of its own."""

import pytest

from restoration.provenance.history import history
from restoration.provenance.rights import consent_of, rights_of
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
    assert rights_of(told(rights_uri=uri)).basis == basis


def test_rights_and_consent_are_told_apart():
    item = told(
        rights_uri="http://rightsstatements.org/vocab/InC/1.0/",
        rights_holder="Ada",
        voice_consent="estate",
        consent_ref="letter",
    )
    assert (rights_of(item).holder, rights_of(item).status) == ("Ada", "copyrighted")
    assert (consent_of(item).status, consent_of(item).reference, consent_of(item).acts) == ("estate", "letter", ())


def told(**columns):
    return history([following([], "ingestion", item={"identifier": "tape-1", **columns}, software={})])
