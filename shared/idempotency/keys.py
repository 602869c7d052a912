"""The `Idempotency-Key` of a request, as it is stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.contracts.problem import FieldError, InvalidRequest
from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """``scope``: the key within its caller, method and path. ``fingerprint``: what makes two requests the
    same."""

    scope: bytes
    fingerprint: bytes


def checked_key(header: str | None) -> str | None:
    """The header's value. Raises 422 for an empty one or one over 255 printable ASCII characters."""
    if header is None or (1 <= len(header) <= 255 and header.isascii() and header.isprintable()):
        return header
    raise InvalidRequest(
        errors=[
            FieldError(
                "#Idempotency-Key",
                "invalid_header",
                "phải dài 1–255 ký tự ASCII in được",
                "must be 1–255 printable ASCII characters",
            )
        ]
    )


def key_scope(principal: Principal, method: str, path: str, key: str) -> bytes:
    text = f"{principal.idempotency_scope}\x1f{method}\x1f{path}\x1f{key}"
    return hashlib.sha256(text.encode()).digest()


def request_fingerprint(query: bytes, content_type: str, body: bytes) -> bytes:
    """A hash of the query, the content type and the body."""
    digest = hashlib.sha256(f"{query!r}\x00{content_type}\x00".encode())
    digest.update(body)
    return digest.digest()
