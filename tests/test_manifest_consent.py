"""What a manifest says about consent: its own columns, and where they contradict each other."""

import csv

import pytest

from restoration.manifest import check_manifest, read_manifest
from restoration.manifest.columns import BY_NAME

ROW = {
    "identifier": "00471",
    "file": "00471.wav",
    "sha256": "ab" * 32,
    "title": "A reading",
    "carrier_type": "cylinder",
    "generation": "original",
    "language": "en",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "recorded",
    "consent_ref": "letter of 12 March 2019",
    "consent_scope": "voice model",
}


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / "00471.wav").write_bytes(b"RIFF")

    def write(**cells):
        with (tmp_path / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*(ROW | cells)])
            writer.writeheader()
            writer.writerow(ROW | cells)
        return tmp_path / "manifest.csv"

    return write


def found(path):
    return [(problem.column, problem.severity) for problem in check_manifest(path)]


@pytest.mark.parametrize("scope", ["restoration only", "Voice Model", "public synthetic speech", ""])
def test_a_scope_is_one_of_three_or_blank(manifest, scope):
    assert found(manifest(consent_scope=scope)) == []


def test_a_scope_is_read_in_any_case(manifest):
    (item,) = read_manifest(manifest(consent_scope="VOICE model")).items
    assert item.fields["consent_scope"] == "voice model"


@pytest.mark.parametrize(
    ("text", "nearest"), [("exhibition, no voice model", ""), ("voice models", "voice model"), ("yes", "")]
)
def test_a_scope_in_other_words_is_kept_with_a_warning_that_it_grants_nothing(manifest, text, nearest):
    (problem,) = check_manifest(manifest(consent_scope=text))
    assert problem.severity == "warning"
    assert "grants nothing for voices" in problem.message
    assert nearest in problem.message


@pytest.mark.parametrize("scope", ["voice model", "public synthetic speech"])
def test_a_scope_without_a_consent_is_an_error(manifest, scope):
    assert found(manifest(voice_consent="none", consent_scope=scope)) == [("consent_scope", "error")]


def test_restoration_asks_for_no_consent(manifest):
    assert found(manifest(voice_consent="none", consent_scope="restoration only")) == []


@pytest.mark.parametrize("column", ["tk_label", "community_protocol"])
@pytest.mark.parametrize(
    ("consent", "expected"), [("estate", "warning"), ("not-required", "warning"), ("recorded", "")]
)
def test_a_communitys_claim_goes_before_a_scope(manifest, column, consent, expected):
    path = manifest(voice_consent=consent, **{column: "ask the elders"})
    assert found(path) == ([(column, expected)] if expected else [])


@pytest.mark.parametrize(("first", "last", "good"), [
    ("2019-03-12", "2019-03-12", True),
    ("2019-03-12", "2019-03-11", False),
    ("", "2019-03-11", True),
    ("2019-03-12", "", True),
])  # fmt: skip
def test_a_consent_does_not_end_before_it_begins(manifest, first, last, good):
    path = manifest(consent_from=first, consent_until=last)
    assert found(path) == ([] if good else [("consent_until", "error")])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2019", "2019-03-12"),
        ("2019-03", "one day"),
        ("2019-03-12~", "one day"),
        ("2019/2021", "one day"),
        ("12/03/2019", "2019-03-12"),
        ("12 March 2019", "2019-03-12"),
        ("2019-02-30", "no day"),
        ("0000-01-01", "day"),
        ("for ever", "not a day"),
        ("２０１９-03-12", "2019-03-12"),
    ],
)
def test_a_consent_is_counted_in_days(text, meant):
    for column in ("consent_from", "consent_until"):
        assert meant in (BY_NAME[column].fault(text) or "")
