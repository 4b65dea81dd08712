"""Sealing and opening of values with AES-256-GCM, each ciphertext bound to the row and field that holds it."""

from __future__ import annotations

import os
import zlib
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
PLAIN, DEFLATED = b"\x01", b"\x02"
LARGEST_TEXT = 64 * 1024 * 1024  # bytes after inflating: nothing that was stored may fill the memory


class UnreadableError(Exception):
    """The ciphertext, its key and its place do not belong together, or bytes were lost."""


def new_key() -> bytes:
    """Give 32 random bytes from the operating system."""
    return os.urandom(KEY_BYTES)


def place(conversation: UUID, row: UUID, field: str) -> bytes:
    """Give the associated data that binds a ciphertext to one field of one row."""
    return conversation.bytes + row.bytes + field.encode()


def seal(key: bytes, data: bytes, where: bytes) -> bytes:
    """Encrypt bytes: version byte, 12-byte nonce, ciphertext with its 16-byte tag."""
    return PLAIN + _encrypt(key, data, PLAIN + where)


def seal_text(key: bytes, text: str, where: bytes) -> bytes:
    """Encrypt a text, compressed first because a ciphertext does not compress afterwards.

    Raises ValueError for a text that could not be opened again.
    """
    plain = text.encode("utf-8", "surrogatepass")
    if len(plain) > LARGEST_TEXT:
        raise ValueError("text too large to seal")
    data = zlib.compress(plain, 6)
    return DEFLATED + _encrypt(key, data, DEFLATED + where)


def unseal(key: bytes, sealed: bytes, where: bytes) -> bytes:
    """Decrypt what `seal` or `seal_text` made; raises UnreadableError."""
    version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        data = AESGCM(key).decrypt(nonce, body, version + where)
    except (InvalidTag, ValueError):
        raise UnreadableError from None
    return _inflate(data) if version == DEFLATED else data


def unseal_text(key: bytes, sealed: bytes, where: bytes) -> str:
    """Decrypt a text; raises UnreadableError."""
    try:
        return unseal(key, sealed, where).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # its message would quote what was decrypted
        raise UnreadableError from None


def _encrypt(key: bytes, data: bytes, where: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, where)


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, LARGEST_TEXT + 1)
    except zlib.error:
        raise UnreadableError from None
    if len(text) > LARGEST_TEXT or not inflater.eof:
        raise UnreadableError
    return text
