"""The media type (RFC 6838) of a file of a bag, by its name."""

from __future__ import annotations

from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"
MEDIA_TYPES = {
    ".aif": "audio/x-aiff",
    ".aiff": "audio/x-aiff",
    ".csv": "text/csv",
    ".eaf": "text/x-eaf+xml",
    ".flac": "audio/flac",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".pem": "application/x-pem-file",
    ".png": "image/png",
    ".rttm": "text/plain",
    ".textgrid": "text/plain",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".wav": "audio/vnd.wave",
    ".xml": "application/xml",
}


def media_type(path: str) -> str:
    """The type of a file; ``application/octet-stream`` for an ending that is not known."""
    return MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), UNKNOWN)
