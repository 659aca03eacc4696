"""The commands ``restoration spectrogram export``, ``import`` and ``sound``; light to import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

spectrogram_app = typer.Typer(
    help="Spectrograms as pictures: to paint over what is to be repaired, and to get the sound back.",
    no_args_is_help=True,
)

Bag = Annotated[Path, typer.Argument(help="The bag of one item.", metavar="BAG")]
Picture = Annotated[Path, typer.Argument(help="A picture that was exported, and painted on.", metavar="PICTURE")]
About = Annotated[
    Path | None, typer.Option("--about", help="The JSON exported with the picture, if it is not beside it.")
]


@spectrogram_app.command("export")
def export_pictures(
    bag: Bag,
    sound: Annotated[str, typer.Option("--sound", help="restored, master or residual.")] = "restored",
    from_: Annotated[float, typer.Option("--from", help="Where to begin, in seconds.")] = 0.0,
    to: Annotated[float | None, typer.Option("--to", help="Where to end, in seconds; unasked the end.")] = None,
    log_frequency: Annotated[bool, typer.Option("--log-frequency", help="A logarithmic frequency axis.")] = False,
    page_s: Annotated[float, typer.Option("--page", help="Length of a picture, 1 to 120 s.")] = 60.0,
    without_sound: Annotated[
        bool, typer.Option("--without-sound", help="Only the picture to look at: half the time, a tenth of the size.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="The picture to write; unasked IDENTIFIER-SOUND.png.")
    ] = None,
) -> None:
    """Write a sound of a bag as lossless pictures, to be painted on with any image editor.

    Beside each NAME.png stand NAME.json, which says what each pixel is, and NAME.sound.png, from which the sound comes
    back. Paint with any bright colour over what is to be repaired, at the picture's own size, and save as PNG.

    Example: `restoration spectrogram export bags/tape-0001 --from 60 --to 90 --out cough.png`
    """
    from restoration import screen
    from restoration.painting.export import Asked, write_pages
    from restoration.painting.sounds import opened

    asked = Asked(start_s=from_, stop_s=to, log_frequency=log_frequency, page_s=page_s, with_sound=not without_sound)
    rows = []
    with opened(bag, sound) as opened_sound:
        picture = out or Path(f"{opened_sound.bag.identifier}-{sound}.png")
        for page, place in write_pages(opened_sound, asked, picture.with_suffix(".png")):
            screen.errors.print(f"page {page.number} of {page.pages}: {place}")
            start_s = page.start / page.sample_rate
            stop_s = start_s + page.frames / page.sample_rate
            rows.append((place, f"{start_s:.2f}–{stop_s:.2f} s", f"{page.columns} × {page.rows}"))
    screen.table("", ("picture", "shows", "pixels"), rows)


@spectrogram_app.command("import")
def import_picture(
    picture: Picture,
    bag: Annotated[Path, typer.Option("--bag", help="The bag that the picture was exported from.")],
    by: Annotated[str, typer.Option("--by", help="Name of the person.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why: what was heard there.")] = "",
    mask: Annotated[
        Path | None, typer.Option("--mask", help="A picture of the same size, light where to repair.")
    ] = None,
    about: About = None,
    look: Annotated[bool, typer.Option("--look", help="Only show and sound the repair; decide nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="The decisions file to write; unasked PICTURE.decisions.json.")
    ] = None,
) -> None:
    """Read what was painted on a picture, and write the decisions file that asks for its repair.

    `restoration decide` takes that file. With `--look` the repair is only written to hear and see, before and after.

    Example: `restoration spectrogram import cough.png --bag bags/tape-0001 --by "Ada Berg" --reason "a cough"`
    """
    from restoration import screen
    from restoration.painting import reading
    from restoration.painting.sounds import opened

    painting = reading.Painting(picture, mask, about)
    page = painting.page()
    with opened(bag, page.sound) as sound:
        regions = reading.painted_regions(painting, sound)
        if look:
            made = reading.preview(sound, page, regions, picture.with_suffix(""))
        else:
            made = [out or picture.with_suffix(".decisions.json")]
            reading.write_decisions(made[0], reading.decisions_text(page, regions, by, reason))
    rows = [
        (
            f"{region.start_s:.3f}–{region.stop_s:.3f} s",
            f"{region.low_hz:.0f}–{min(region.high_hz, page.sample_rate / 2):.0f} Hz",
            "a shape" if region.mask else "the whole box",
        )
        for region in regions
    ]
    screen.table("", ("painted from–to", "frequencies", ""), rows)
    screen.console.print(f"Wrote {', '.join(str(place) for place in made)}")


@spectrogram_app.command("sound")
def picture_to_sound(
    pictures: Annotated[list[Path], typer.Argument(help="Pictures that follow one another.", metavar="PICTURE...")],
    out: Annotated[Path, typer.Option("--out", help="The WAVE file to write, of 32-bit floats.", metavar="WAV")],
    about: About = None,
) -> None:
    """Get the sound of exported pictures back, to better than 90 dB under full scale.

    Example: `restoration spectrogram sound tape-0001-restored.png --out tape-0001.wav`
    """
    from restoration.painting.export import write_sound

    seconds = write_sound(pictures, out, about)
    typer.echo(f"{out}: {seconds:.3f} s")
