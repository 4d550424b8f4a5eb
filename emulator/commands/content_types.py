"""The content type of a file, by the end of its name.

The types of streams are those of their standards (RFC 8216, RFC 4337, ISO 23009), which Python's
table lacks or has otherwise. The system's own table is not read: the same file has the same type
everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

DEFAULT = "application/octet-stream"

_TYPES: Mapping[str, str] = {
    # HLS
    "m3u8": "application/vnd.apple.mpegurl",
    "m3u": "application/vnd.apple.mpegurl",
    "ts": "video/mp2t",
    "m2ts": "video/mp2t",
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "ec3": "audio/eac3",
    "vtt": "text/vtt",
    "webvtt": "text/vtt",
    # DASH and CMAF
    "mpd": "application/dash+xml",
    "m4s": "video/iso.segment",
    "m4v": "video/mp4",
    "m4a": "audio/mp4",
    "m4f": "video/iso.segment",
    "mp4": "video/mp4",
    "cmfv": "video/mp4",
    "cmfa": "audio/mp4",
    "cmft": "application/mp4",
    "cmfm": "application/mp4",
    "ttml": "application/ttml+xml",
    "imsc": "application/ttml+xml",
    # Other media
    "av1": "video/av1",
    "mkv": "video/matroska",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "ogv": "video/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "srt": "application/x-subrip",
    "avif": "image/avif",
    "webp": "image/webp",
    "heic": "image/heic",
    "svg": "image/svg+xml",
    # The web
    "js": "text/javascript",
    "mjs": "text/javascript",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
    "map": "application/json",
    "webmanifest": "application/manifest+json",
    "wasm": "application/wasm",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "gz": "application/gzip",
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
    "zst": "application/zstd",
    "br": DEFAULT,
}

_MANIFESTS = frozenset({"m3u8", "m3u", "mpd"})


def content_type(name: str) -> str:
    """Return the content type of a file with this name."""
    suffix = _suffix(name)
    return _TYPES.get(suffix) or _of_python(suffix)


def is_manifest(name: str) -> bool:
    """Whether a file of this name lists other files, which its readers then ask for."""
    return _suffix(name) in _MANIFESTS


def _suffix(name: str) -> str:
    start, _, suffix = name.rpartition("/")[2].rpartition(".")
    return suffix.lower() if start else ""


@lru_cache
def _of_python(suffix: str) -> str:
    from mimetypes import MimeTypes

    return MimeTypes().guess_type(f"file.{suffix}")[0] or DEFAULT
