"""What several packages take from a request: codes in addresses, the keys of persons."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request

from services.enrolment.directory.fields import CODE_PATTERN
from shared.security.person_key import PersonKeys

OfficialCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã cán bộ / The official's code",
        examples=["TH-000123"],
    ),
]


def keys_of(request: Request) -> PersonKeys:
    keys: PersonKeys = request.app.state.person_keys
    return keys
