"""A batch that is made up, as large as is wanted: for the page that shows it."""

from __future__ import annotations

from pathlib import Path

from restoration.room.batch_page import batch_page
from restoration.room.batch_rows import BatchRow

CARRIERS = ("cylinder", "shellac disc", "quarter-inch open-reel audio", "compact cassette", "")
SPEAKERS = ("Ada Berg", "Gʻafur Saidov", "Пётр Орлов", "Inês Müller", "")
STATES = ("waiting", "waiting", "waiting", "approved", "sent_back", "begun")


def fabricated_rows(count: int) -> list[BatchRow]:
    """Rows that differ in everything that can be filtered or sorted by; the seventh failed."""
    rows = []
    for n in range(count):
        year = 1902 + 7 * n % 90
        rows.append(
            BatchRow(
                identifier=f"tape-{n:04}",
                state=STATES[n % len(STATES)],
                title=f"A reading, no. {n}, at the harbour",
                carrier=CARRIERS[n % len(CARRIERS)],
                date=f"{year}-03-{1 + n % 28:02}" if n % 11 else str(year),
                speaker=SPEAKERS[n // 3 % len(SPEAKERS)],
                duration_s=30.0 + 17 * n % 4000,
                page=f"listening-room/tape-{n:04}/index.html",
                report=f"tape-{n:04}/data/record/treatment-report.html",
                generated=n % 4 == 0,
                before={"noise_floor_dbfs": -60.0 + n % 30, "snr_db": 12.0 + n % 17, "bandwidth_hz": 3000.0 + n % 5000},
                after={"noise_floor_dbfs": -75.0 + n % 20, "snr_db": 30.0 + n % 23, "bandwidth_hz": 8000.0 + n % 5000},
                head=f"{n:064x}",
            )
        )
    if count > 6:
        rows[6] = BatchRow(identifier="tape-0006", state="failed", problem="tapes/6.wav: the header lies")
    return rows


def write_batch(folder: Path, count: int) -> Path:
    """Write the page of a made-up batch; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "index.html"
    place.write_text(batch_page(fabricated_rows(count), "Spring <2026>"), encoding="utf-8")
    return place
