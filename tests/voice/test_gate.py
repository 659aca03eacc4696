"""The gate, and the ways round it."""

import copy
import dataclasses
import gc
import multiprocessing
import pickle
from datetime import date, datetime, timedelta

import pytest

from restoration.errors import BrokenRecord, NoConsent, RestorationError
from restoration.voice import gate
from restoration.voice.gate import PARTS, SCOPE_FOR, Permit, Use, check, part, permit, today
from restoration.voice.revocation import revoke

TOMORROW = today() + timedelta(days=1)
YESTERDAY = today() - timedelta(days=1)


@pytest.mark.parametrize("purpose", SCOPE_FOR)
@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("scope", ["", "restoration only", "voice model", "public synthetic speech"])
def test_what_each_purpose_needs(consent, use, purpose, public, scope):
    enough = {"public synthetic speech"} if public or purpose == "speak" else {"voice model", "public synthetic speech"}
    consents = [consent(scope=scope)]
    if scope in enough:
        check(permit(consents, use(purpose, public=public)), purpose, consents, public=public)
    else:
        with pytest.raises(NoConsent, match=r"item 00471.*consent_scope is .*; this needs “"):
            permit(consents, use(purpose, public=public))


def test_every_item_must_allow_it_and_every_one_that_does_not_is_named(consent, use):
    consents = [consent(), consent(item="2", status="none"), consent(item="3", scope="restoration only")]
    with pytest.raises(NoConsent) as refused:
        permit(consents, use())
    assert [reason.split(",")[0] for reason in refused.value.reasons] == ["item 2", "item 3"]
    permit(consents[:1], use())


def test_a_voice_of_no_item_is_not_used(use):
    with pytest.raises(NoConsent, match="no item"):
        permit([], use())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purpose": "sing"}, "there are train, convert"),
        ({"by": "  "}, "nobody is named"),
        ({"on": YESTERDAY}, "which is past"),
    ],
)
def test_a_use_is_said_wholly(consent, use, changed, said):
    with pytest.raises(NoConsent, match=said):
        permit([consent()], use(**changed))


@pytest.mark.parametrize(
    ("changed", "column"),
    [({"valid_until": YESTERDAY.isoformat()}, "consent_until"), ({"valid_from": TOMORROW.isoformat()}, "consent_from")],
)
def test_a_consent_has_its_days(consent, use, changed, column):
    with pytest.raises(NoConsent, match=column):
        permit([consent(**changed)], use())
    permit([consent(valid_from=today().isoformat(), valid_until=today().isoformat())], use())


# Ways round it: permits that the gate did not give.


def forged():
    bare = object.__new__(Permit)
    disguised = type("Disguised", (), {"__slots__": ("__weakref__",)})()
    disguised.__class__ = Permit
    return {"bare": bare, "disguised": disguised, "with its token": Permit(gate._TOKEN), "none": None, "text": "permit"}


@pytest.mark.parametrize("kind", forged())
def test_a_permit_made_by_hand_is_none(consent, kind):
    made = forged()[kind]
    with pytest.raises(NoConsent, match="no permit"):
        check(made, "convert", [consent()])
    if isinstance(made, Permit):
        with pytest.raises(NoConsent, match="no permit"):
            made.check("convert", [consent()])
        with pytest.raises(NoConsent, match="no permit"):
            _ = made.use


def test_a_look_alike_does_not_stand_in(consent):
    class Likeness:
        def check(self, *_, **__):
            return None

    with pytest.raises(NoConsent, match="no permit"):
        check(Likeness(), "convert", [consent()])


@pytest.mark.parametrize("make", [Permit, lambda: Permit("token"), lambda: type("Own", (Permit,), {})])
def test_a_permit_is_neither_constructed_nor_derived(make):
    with pytest.raises(NoConsent):
        make()


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps, lambda given: given.__reduce__()])
def test_a_permit_is_not_copied(consent, use, way):
    given = permit([consent()], use())
    with pytest.raises((NoConsent, TypeError)):
        way(given)


def test_a_permit_is_no_dataclass_and_takes_no_attribute(consent, use):
    given = permit([consent()], use())
    with pytest.raises(TypeError):
        dataclasses.replace(given, purpose="speak")
    for name in ("purpose", "use", "check", "_terms"):
        with pytest.raises(AttributeError):
            object.__setattr__(given, name, "speak")


def test_a_permit_that_is_gone_leaves_nothing_behind(consent, use):
    given = permit([consent()], use())
    before = len(gate._GRANTED)
    del given
    gc.collect()
    assert len(gate._GRANTED) == before - 1


def _try_in_another_process(given, consents, answers):
    try:
        check(given, "convert", consents)
        answers.put("passed")
    except NoConsent:
        answers.put("refused")


def test_a_permit_does_not_travel_to_another_process(consent, use):
    context = multiprocessing.get_context("spawn")
    worker = context.Process(
        target=_try_in_another_process, args=(permit([consent()], use()), [consent()], context.Queue())
    )
    with pytest.raises(NoConsent, match="cannot be copied"):
        worker.start()


# Ways round it: a permit for something else.


@pytest.mark.parametrize("purpose", [purpose for purpose in SCOPE_FOR if purpose != "convert"])
def test_a_permit_is_for_one_purpose(consent, use, purpose):
    with pytest.raises(NoConsent, match=f"to convert, not to {purpose}"):
        permit([consent()], use()).check(purpose, [consent()])


@pytest.mark.parametrize(
    "changed",
    [{"item": "00472"}, {"reference": "letter 8"}, {"scope": "voice model"}, {"valid_until": "9999-12-31"}],
)
def test_a_permit_is_for_one_voice(consent, use, changed):
    given = permit([consent()], use())
    with pytest.raises(NoConsent, match="another voice"):
        given.check("convert", [consent(**changed)])
    with pytest.raises(NoConsent, match="another voice"):
        given.check("convert", [consent(), consent(**changed)])
    with pytest.raises(NoConsent, match="another voice"):
        given.check("convert", [])


def test_a_permit_is_for_one_day(consent, use, monkeypatch):
    with pytest.raises(NoConsent, match=f"is for {TOMORROW}"):
        permit([consent()], use(on=TOMORROW)).check("convert", [consent()])
    lasting = [consent(valid_until=today().isoformat())]
    given = permit(lasting, use())
    given.check("convert", lasting)
    # Only the clock is another: the consent ran out in the night.
    monkeypatch.setattr(gate, "today", lambda: TOMORROW)
    with pytest.raises(NoConsent, match="ask the gate again"):
        given.check("convert", lasting)
    with pytest.raises(NoConsent, match="consent_until"):
        permit(lasting, use(on=TOMORROW))


def test_what_is_not_for_the_public_does_not_become_so(consent, use):
    given = permit([consent()], use())
    with pytest.raises(NoConsent, match="public=True"):
        given.check("convert", [consent()], public=True)
    permit([consent()], use(public=True)).check("convert", [consent()])


def test_a_use_that_is_changed_afterwards_changes_no_permit(consent, use):
    wanted = use()
    given = permit([consent(scope="voice model")], wanted)
    for held in (wanted, given.use):
        object.__setattr__(held, "purpose", "speak")
    with pytest.raises(NoConsent, match="not to speak"):
        given.check("speak", [consent(scope="voice model")])
    assert given.use == use()


def test_a_use_that_answers_twice_is_asked_once(consent, use):
    class Sly(Use):
        asked = 0

        def __getattribute__(self, name):
            if name != "purpose":
                return super().__getattribute__(name)
            type(self).asked += 1
            return "convert" if type(self).asked < 2 else "speak"

    model_only = [consent(scope="voice model")]
    given = permit(model_only, Sly(purpose="convert", by="M. Jensen", public=False, on=today()))
    with pytest.raises(NoConsent, match="not to speak"):
        given.check("speak", model_only)


def test_a_day_that_says_it_is_today_is_asked_which_one_it_is(consent, use):
    class AnyDay(date):
        def __eq__(self, _):
            return True

        def __ne__(self, _):
            return False

        def __lt__(self, _):
            return False

        __hash__ = date.__hash__

    over = [consent(valid_until=YESTERDAY.isoformat())]
    with pytest.raises(NoConsent, match="past"):
        permit(over, use(on=AnyDay(YESTERDAY.year, YESTERDAY.month, YESTERDAY.day)))
    check(permit([consent()], use(on=datetime.now())), "convert", [consent()])


@pytest.mark.parametrize("purpose", SCOPE_FOR)
def test_a_part_is_permitted_with_the_whole_and_nothing_else_is(consent, use, purpose):
    whole = permit([consent()], use(purpose))
    for other in SCOPE_FOR:
        if other in PARTS.get(purpose, ()):
            part(whole, other).check(other, [consent()])
            assert SCOPE_FOR[purpose] == SCOPE_FOR[other] or SCOPE_FOR[purpose] == "public synthetic speech"
        else:
            with pytest.raises(NoConsent, match="no part"):
                part(whole, other)


# Ways round it: a consent that was taken back.


@pytest.mark.parametrize("name", ["letter of 12 March 2019", "00471", " LETTER of 12  march 2019 "])
def test_a_revoked_consent_is_void_whatever_the_card_says(consent, use, tmp_path, name):
    register = tmp_path / "revocations.jsonl"
    given = permit([consent()], use(), register)
    given.check("convert", [consent()])
    revoke(register, name, "Karen Holm", "asked by telephone")
    with pytest.raises(NoConsent, match=r"revoked on .* by Karen Holm \(asked by telephone\)"):
        given.check("convert", [consent()])
    with pytest.raises(NoConsent, match="revoked on"):
        permit([consent(item="another"), consent()], use(), register)
    permit([consent(item="another", reference="letter 8")], use(), register)


def test_the_register_of_the_archive_counts_beside_one_that_is_given(consent, use, tmp_path, monkeypatch):
    monkeypatch.setenv("RESTORATION_CONSENTS", str(tmp_path))
    revoke(tmp_path / "revocations.jsonl", "00471", "Karen Holm", "asked")
    for given in (None, tmp_path / "empty.jsonl", tmp_path):
        with pytest.raises(NoConsent, match="revoked on"):
            permit([consent()], use(), given)


def test_a_register_that_cannot_be_trusted_allows_nothing(consent, use, tmp_path, monkeypatch):
    register = tmp_path / "revocations.jsonl"
    for name in ("letter 7", "letter 8"):
        revoke(register, name, "Karen Holm", "asked")
    lines = register.read_text(encoding="utf-8").splitlines(keepends=True)
    for changed in (lines[1:], [lines[0].replace("letter 7", "letter 6"), lines[1]], [lines[0], lines[1][:40]]):
        register.write_text("".join(changed), encoding="utf-8")
        with pytest.raises(BrokenRecord):
            permit([consent()], use(), register)
    with pytest.raises(RestorationError, match="there is no folder"):
        permit([consent()], use(), tmp_path / "gone" / "revocations.jsonl")
    monkeypatch.setenv("RESTORATION_CONSENTS", str(tmp_path / "gone"))
    with pytest.raises(RestorationError, match="not a folder"):
        permit([consent()], use())
