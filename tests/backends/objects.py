"""Writing and reading objects through the storage protocol, and objects to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hypothesis import strategies as st

from emulator.backends.storage.base import Storage, StoredObject
from emulator.core.object_info import Location, ObjectInfo

EVERYTHING = 2**62
"""More bytes than any body: nothing comes as a stream."""


def an_info(
    size: int, *, version: int = 1, metadata: Mapping[str, str] | None = None
) -> ObjectInfo:
    return ObjectInfo(size=size, created_at=version, version=version, metadata=metadata or {})


async def put(
    storage: Storage,
    location: Location,
    body: bytes | Iterable[bytes],
    info: ObjectInfo | None = None,
) -> ObjectInfo:
    """Upload and commit `body`, in one piece or in those given."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    info = info or an_info(sum(map(len, chunks)))
    async with storage.upload(location) as upload:
        for chunk in chunks:
            await upload.write(chunk)
        await upload.commit(info)
    return info


async def read_body(stored: StoredObject) -> bytes:
    """The whole body, whichever way it comes; a stream is closed."""
    if isinstance(stored.body, bytes):
        return stored.body
    try:
        return b"".join([bytes(chunk) async for chunk in stored.body.chunks()])
    finally:
        await stored.body.close()


async def read(
    storage: Storage, location: Location, *, inline_bytes: int = EVERYTHING
) -> tuple[ObjectInfo, bytes] | None:
    """The object at `location`, or None."""
    stored = await storage.open(location, inline_bytes=inline_bytes)
    return None if stored is None else (stored.info, await read_body(stored))


def files_below(directory: Path) -> set[Path]:
    """Every file in `directory` and below."""
    return {path for path in directory.rglob("*") if not path.is_dir()}


def utf8_text(*, max_bytes: int, min_size: int = 1) -> st.SearchStrategy[str]:
    """Text of any characters but NUL, up to `max_bytes` bytes of UTF-8."""
    alphabet = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    text = st.one_of(
        st.text(alphabet, min_size=min_size, max_size=max_bytes // 4),
        st.text("./%=~\\aA:*?[]\n", min_size=min_size, max_size=12),
        st.text("aéЖ日🎬", min_size=min_size, max_size=max_bytes // 4).map(
            lambda start: (start * max_bytes)[: max_bytes // 4]
        ),
    )
    return text.filter(lambda value: len(value.encode()) <= max_bytes)


infos = st.builds(
    ObjectInfo,
    size=st.integers(0, 2**63),
    created_at=st.integers(0, 2**63),
    version=st.integers(0, 2**63),
    expires_at=st.none() | st.integers(0, 10**25),
    metadata=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        max_size=4,
    ),
)
"""What may be kept with an object, whatever its size."""
