"""The contact sheet in a real browser: whole, escaped, readable by everybody, in three languages, without a network."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import segno

from restoration.exhibition.certificate import Certificate
from restoration.exhibition.contact_sheet import PAGE, Sheet, contact_page, contact_sheet
from restoration.exhibition.content_credentials import sign
from restoration.exhibition.exhibit import Exhibit
from restoration.provenance.label import label
from restoration.texts import languages
from tests.exhibition.origin.exhibits import make, tone, write
from tests.provenance.logs import HOSTILE

AXE_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}


@pytest.fixture
def exhibits(tmp_path: Path, certificate: Certificate) -> list[Exhibit]:
    """A signed one in two formats, one by somebody hostile, and a whole item that was not treated."""
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    recording = tone(tmp_path)
    signed = make(tmp_path, "flac", recording=recording, name="one")
    other = replace(signed, file=tmp_path / "one.opus", format="opus")
    write(recording, other.file, "opus")
    for each in (signed, other):
        sign(each, each.file, certificate)
    item = {"title": HOSTILE, "speaker": "<img src=x onerror=alert(1)>", "iiif_base": "https://sound.example.org/bags"}
    hostile = make(tmp_path / "own log", "bwf", recording=recording, name="two", item=item, loudness={})
    plain = [event for event in signed.events if event["event"] not in ("step", "measurement")]
    return [signed, hostile, make(tmp_path, "mp3", events=plain, recording=recording, name="three", excerpt=None)]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(
    exhibits: list[Exhibit], language: str, scheme: Any, tmp_path: Path, window: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    (page,) = contact_sheet(exhibits, tmp_path, language)
    window.emulate_media(color_scheme=scheme)
    window.goto(page.as_uri())
    found = Axe().run(window, options=AXE_RULES).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert window.locator("html").get_attribute("lang") == language
    assert window.locator("article").count() == len(exhibits)
    for number, exhibit in enumerate(exhibits):
        words = label(exhibit.events, language)
        assert window.locator("article").nth(number).locator(".short").inner_text() == words.short


def test_nothing_of_a_manifest_becomes_markup(exhibits: list[Exhibit], tmp_path: Path, window: Any) -> None:
    (page,) = contact_sheet(exhibits, tmp_path)
    window.goto(page.as_uri())
    assert window.locator("img[src=x]").count() == 0
    assert "<img src=x onerror=alert(1)>" in window.locator("article").nth(1).inner_text()
    assert window.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 0)")


def test_it_fits_a_narrow_screen_and_prints_on_a4(exhibits: list[Exhibit], tmp_path: Path, window: Any) -> None:
    (page,) = contact_sheet(exhibits, tmp_path, "ru")
    window.goto(page.as_uri())
    for width in (1280, 390, 320):
        window.set_viewport_size({"width": width, "height": 800})
        assert window.evaluate("document.documentElement.scrollWidth") <= width
    printed = window.pdf(prefer_css_page_size=True, print_background=False)
    assert printed.count(b"/Type /Page\n") < len(exhibits)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in printed or b"/MediaBox [0 0 595" in printed


def test_files_are_told_with_digests_and_signatures(exhibits: list[Exhibit], tmp_path: Path) -> None:
    page = contact_page(exhibits, Sheet("show"))
    for exhibit in exhibits:
        assert exhibit.file.name in page
        assert hashlib.sha256(exhibit.file.read_bytes()).hexdigest() in page
    assert "one.opus" in page
    assert page.count("Signed by Harbour Museum, content credentials; unchanged since.") == 2
    assert page.count("Not signed.") == 2
    assert page.count("NOT VALID") == 0
    changed = exhibits[0].file
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    assert contact_page(exhibits, Sheet("show")).count("NOT VALID. the file was changed after it was signed") == 1


def test_the_code_leads_to_the_record_or_names_the_head_of_the_log(exhibits: list[Exhibit]) -> None:
    page = contact_page(exhibits, Sheet("show"))

    def drawn(text: str) -> str:
        svg = segno.make(text, error="m", micro=False).svg_inline(scale=1, border=2, omitsize=True, svgclass=None)
        return svg.partition(' d="')[2].partition('"')[0]

    assert drawn(f"sha256:{exhibits[0].events[-1]['digest']}") in page
    assert drawn("https://sound.example.org/bags/00471/data/record/iiif-manifest.json") in page


def test_the_page_is_whole_and_the_same_again(exhibits: list[Exhibit], tmp_path: Path) -> None:
    contact_sheet(exhibits, tmp_path)
    first = (tmp_path / PAGE).read_bytes()
    contact_sheet(exhibits, tmp_path)
    assert (tmp_path / PAGE).read_bytes() == first
    assert b"http://" not in first.replace(b"http://www.w3.org/2000/svg", b"").replace(
        b"http://rightsstatements.org", b""
    )
