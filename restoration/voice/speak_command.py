"""The commands ``restoration voice speak``, ``blend`` and ``cover``; light to import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from restoration.voice import options

Out = Annotated[Path, typer.Option("--out", help="The file to make: .wav, .flac, .mp3 or .opus.", metavar="FILE")]
Notice = Annotated[str, typer.Option(help="The notice that it is generated: written, spoken or none.")]
NoticeLanguage = Annotated[str, typer.Option(help="Language of the notice (BCP 47).", metavar="TAG")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def speak(
    text: Annotated[str, typer.Argument(help="The text, or the name of a text file after an @: @poem.txt.")],
    voice: options.Voice,
    out: Out,
    by: options.By,
    language: Annotated[str, typer.Option(help="Language of the text (BCP 47): en, ru, uz, fr, nl.", metavar="TAG")],
    engine: Annotated[str, typer.Option(help="What reads the text: espeak-ng or piper.")] = "espeak-ng",
    piper_voice: Annotated[Path | None, typer.Option(help="A voice for piper.", metavar="FILE")] = None,
    pitch: options.Pitch = "auto",
    index_rate: options.IndexRate = None,
    protect: options.Protect = 0.35,
    volume_envelope: options.Envelope = 1.0,
    f0_method: options.Method = "swift-f0",
    tonal_balance: options.TonalBalance = 1.0,
    pitch_range: options.PitchRange = None,
    notice: Notice = "written",
    notice_language: NoticeLanguage = "en",
    public: options.Public = False,
    as_json: AsJson = False,
) -> None:
    """Read a text aloud in a voice; pauses as the punctuation says. Needs consent to public synthetic speech.

    Example: `restoration voice speak @poem.txt --language en --voice voices/reading --by "A. Karimova" --out poem.wav`
    """
    from restoration.voice.lending import Lending, speak_to
    from restoration.voice.text_to_speech import engine as engine_of

    told = _notice(notice, notice_language)
    settings = options.settings_of(locals())
    asked = Lending(voice=voice, out=out, by=by, public=public, notice=told, settings=settings, tell=_warn)
    made = speak_to(asked, _text(text), language, engine_of(engine, piper_voice), notice == "spoken")
    _tell(made, f"Wrote {out}: {made['seconds']:.1f} s, read by {made['engine']}.", as_json)


def blend(
    first: Annotated[Path, typer.Argument(help="The folder of a voice model.", metavar="VOICE")],
    second: Annotated[Path, typer.Argument(help="The folder of another.", metavar="VOICE")],
    out: Annotated[Path, typer.Option("--out", help="The folder of the voice in between.", metavar="FOLDER")],
    by: options.By,
    amount: Annotated[float, typer.Option(min=0.0, max=1.0, help="0 is the first voice, 1 the second.")] = 0.5,
    name: Annotated[str, typer.Option(help="What the new voice is called.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a voice in between two; it needs, and carries, the consents of both.

    Example: `restoration voice blend voices/a voices/b --amount 0.3 --by "A. Karimova" --out voices/between`
    """
    from restoration.errors import RestorationError
    from restoration.voice.blend import blend as blended
    from restoration.voice.blend import consents_of_both
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.model import load_voice
    from restoration.voice.usage import Made, count_use, log_of

    if out.exists() and any(out.iterdir()):
        raise RestorationError(f"{out}: is there already; name a new folder for the voice")
    voices = [load_voice(folder) for folder in (first, second)]
    allowed = permit(consents_of_both(*voices), Use(purpose="blend", by=by, public=False, on=today()))
    made = blended(allowed, voices[0], voices[1], amount, name)
    made.save(out)
    for folder, known in zip((first, second), voices, strict=True):
        count_use(allowed, Made(voice=str(known.card["name"]), seconds=0.0), log_of(folder))
    _tell({"folder": str(out), "name": made.card["name"]}, f"Wrote {out}: {made.card['name']}.", as_json)


def cover(
    vocal: Annotated[Path, typer.Argument(help="The vocal alone.")],
    backing: Annotated[Path, typer.Argument(help="What it is sung to.")],
    voice: options.Voice,
    out: Out,
    by: options.By,
    pitch: options.Pitch = "octave",
    index_rate: options.IndexRate = None,
    protect: options.Protect = 0.35,
    volume_envelope: options.Envelope = 1.0,
    f0_method: options.Method = "swift-f0",
    tonal_balance: options.TonalBalance = 1.0,
    pitch_range: options.PitchRange = None,
    vocal_over_backing: Annotated[float, typer.Option(help="How much louder the vocal is, in LU.")] = 2.0,
    loudness: Annotated[float, typer.Option(help="Of the whole, in LUFS.")] = -16.0,
    delay: Annotated[float, typer.Option(help="By how much the vocal is moved later, in s.")] = 0.0,
    notice: Notice = "written",
    notice_language: NoticeLanguage = "en",
    public: options.Public = False,
    as_json: AsJson = False,
) -> None:
    """Lend a voice to a vocal, mix it with its backing and master it: true peak at most -1 dBTP.

    Example: `restoration voice cover vocal.wav backing.flac --voice voices/reading --by "A. Karimova" --out cover.wav`
    """
    from restoration.errors import RestorationError
    from restoration.voice.cover import CoverSettings
    from restoration.voice.lending import Lending, cover_to

    if notice == "spoken":
        raise RestorationError("a cover carries its notice in writing: --notice written or none")
    mixing = CoverSettings(vocal_over_backing_lu=vocal_over_backing, loudness_lufs=loudness, delay_s=delay)
    told = _notice(notice, notice_language)
    settings = options.settings_of(locals())
    asked = Lending(voice=voice, out=out, by=by, public=public, notice=told, settings=settings, tell=_warn)
    made = cover_to(asked, vocal, backing, mixing)
    sentence = (
        f"Wrote {out}: {made['seconds']:.1f} s, {made['loudness_lufs']:.1f} LUFS, {made['true_peak_dbtp']:.1f} dBTP."
    )
    _tell(made, sentence, as_json)


def _notice(kind: str, language: str) -> str:
    """The text of the mark's notice; the spoken one does not replace it."""
    from restoration.errors import RestorationError
    from restoration.voice.lending import NOTICES
    from restoration.voice.notices import notice

    if kind not in NOTICES:
        raise RestorationError(f"the notice is {', '.join(NOTICES)}, not {kind!r}")
    return "" if kind == "none" else notice(language)


def _text(text: str) -> str:
    from restoration.errors import RestorationError

    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RestorationError(f"{text[1:]}: cannot be read as a text in UTF-8: {error}") from error


def _warn(line: str) -> None:
    typer.echo(line, err=True)


def _tell(made: dict[str, Any], sentence: str, as_json: bool) -> None:
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False) if as_json else sentence)
