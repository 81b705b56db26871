"""Seals personal data at rest and makes the keyed hashes by which it can still be found.

Sealing is AES-256-GCM with a fresh nonce; keys are derived from the one secret key of the service
(HKDF-SHA256), one key per purpose. A keyed hash (HMAC-SHA256) of a phone number finds equal numbers
without revealing them.
"""

import hashlib
import hmac
import json
import os
from typing import Any, ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12


class NoKeyInstalledError(RuntimeError):
    """Sealed columns were used before the service installed its key."""


class Sealer:
    """Seals and opens text with one service key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derive(key, b"fengqiao field"))
        self._hash_key = _derive(key, b"fengqiao search")

    def seal(self, text: str) -> bytes:
        """Return nonce + ciphertext + tag of the UTF-8 text."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"))

    def seal_bytes(self, content: bytes) -> bytes:
        """Return nonce + ciphertext + tag of the content of a file."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> str:
        """Return the text; raises cryptography's InvalidTag when key or content is wrong."""
        return self.open_bytes(sealed).decode("utf-8", "surrogatepass")

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return the content of a sealed file; raises InvalidTag as `open` does."""
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)

    def digest(self, text: str) -> str:
        """Return the keyed hash of a text, 64 hex characters."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


class _Sealed:
    """The one sealer of the process; the database installs it before the first statement.

    SQLAlchemy builds column types when classes are defined, long before a key is known, and hands them
    nothing at run time: so the key has to stand where the types can reach it.
    """

    sealer: ClassVar[Sealer | None] = None


def install_sealer(sealer: Sealer) -> None:
    """Make sealed columns of this process use this sealer."""
    _Sealed.sealer = sealer


def current_sealer() -> Sealer:
    """Return the sealer of this process; raises NoKeyInstalledError before the database is opened."""
    if _Sealed.sealer is None:
        raise NoKeyInstalledError
    return _Sealed.sealer


class SealedText(TypeDecorator[str]):
    """A text column whose stored bytes are sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else current_sealer().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else current_sealer().open(value)


class SealedJSON(TypeDecorator[Any]):
    """A JSON column whose stored bytes are sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else current_sealer().seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(current_sealer().open(value))
