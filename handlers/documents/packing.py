"""Zip files whose bytes depend on their content only."""

import zipfile
from collections.abc import Iterable
from io import BytesIO

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""


def pack(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of (name, content) entries, without the time at which it was made."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def repack(content: bytes) -> bytes:
    """Return the same zip without times."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return pack((name, archive.read(name)) for name in archive.namelist())
