"""Keys are made, shown, handed over; never written over, never needed twice to learn that they are missing."""

import stat

import pytest
from typer.testing import CliRunner

from restoration import batch, keys, seals
from restoration.cli import app
from restoration.errors import BadBag
from restoration.growth import grow
from restoration.package import LOG
from restoration.record import read
from restoration.seal_check import check_seals
from restoration.seals import BadKey, Signer

from .conftest import signer_of


def test_a_new_key_is_secret_and_its_public_half_is_beside_it(tmp_path):
    told = CliRunner().invoke(app, ["key", "new", "--out", str(tmp_path / "key.pem")])
    assert told.exit_code == 0, told.output
    signer = Signer.of(tmp_path / "key.pem")
    assert told.output.strip() == signer.fingerprint
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert seals.raw(seals.read_public(tmp_path / "key.pem.pub.pem")) == signer.public_key
    for name in ("key.pem", "key.pem.pub.pem"):
        shown = CliRunner().invoke(app, ["key", "show", str(tmp_path / name)])
        assert shown.output.strip() == signer.fingerprint


@pytest.mark.parametrize("there", ["key.pem", "key.pem.pub.pem"])
def test_a_key_is_never_written_over(tmp_path, there):
    (tmp_path / there).write_text("dear")
    with pytest.raises(BadKey, match="never written over"):
        keys.new_key(tmp_path / "key.pem")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["dear"]


def test_a_locked_key_needs_its_passphrase(tmp_path, monkeypatch):
    monkeypatch.setenv(seals.PASSPHRASE_VARIABLE, "open sesame")
    made = keys.new_key(tmp_path / "key.pem")
    assert Signer.of(tmp_path / "key.pem").fingerprint == made.fingerprint
    monkeypatch.setenv(seals.PASSPHRASE_VARIABLE, "open barley")
    with pytest.raises(BadKey, match="is not its passphrase"):
        Signer.of(tmp_path / "key.pem")
    monkeypatch.delenv(seals.PASSPHRASE_VARIABLE)
    with pytest.raises(BadKey, match="must hold its passphrase"):
        Signer.of(tmp_path / "key.pem")


def test_a_batch_without_its_key_is_not_begun(manifest, tmp_path, monkeypatch):
    monkeypatch.setenv(seals.KEY_VARIABLE, str(tmp_path / "lost.pem"))
    with pytest.raises(BadKey, match="cannot be read"):
        batch.plan(batch.Request(manifest, tmp_path))


def test_a_log_is_handed_over_to_another_key(small_bag, signer, use_key, tmp_path):
    use_key(signer)
    bag, new = small_bag(), signer_of(2)
    (tmp_path / "new.pub.pem").write_text(seals.public_pem(new.public_key))
    event = keys.hand_over(bag, tmp_path / "new.pub.pem", "Ada", "every five years")
    assert (event["event"], event["key"]) == ("key change", new.fingerprint)
    with pytest.raises(BadKey, match="sealed with the key"):
        grow(bag, "audit")
    use_key(new)
    grow(bag, "audit")
    for trusted in (signer, new):
        report = check_seals(list(read(bag / LOG)), trusted.private.public_key())
        assert (report.wrong, report.unsealed) == ((), ())
    assert seals.raw(seals.read_public(bag / seals.PUBLIC_KEY_FILE)) == new.public_key


def test_nothing_is_handed_over_without_an_older_key(small_bag, signer, use_key, tmp_path):
    (tmp_path / "new.pub.pem").write_text(seals.public_pem(signer_of(2).public_key))
    bag = small_bag()
    with pytest.raises(BadKey, match="not set"):
        keys.hand_over(bag, tmp_path / "new.pub.pem", "Ada", "because")
    use_key(signer)
    with pytest.raises(BadBag, match="no seal"):
        keys.hand_over(bag, tmp_path / "new.pub.pem", "Ada", "because")
    use_key(signer_of(2))
    with pytest.raises(BadKey, match="seals already"):
        keys.hand_over(bag, tmp_path / "new.pub.pem", "Ada", "because")
