"""Names of officials. The enrolment service is asked with the reader's own token."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import msgspec
import structlog

_PATIENCE = 1.0
"""Seconds for the whole question: a list without names is better than one that comes late."""


class _Named(msgspec.Struct):
    official_code: str
    full_name: str


class _Found(msgspec.Struct):
    items: list[_Named]


class Directory:
    """Asks ``POST /v1/officials/lookup``. Nothing that it answers is kept or logged."""

    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._url = base_url.rstrip("/") + "/v1/officials/lookup"
        self._decoder = msgspec.json.Decoder(_Found)
        self._log = structlog.get_logger("directory")

    async def names(
        self, codes: Sequence[str], *, authorization: str, correlation_id: str
    ) -> dict[str, str] | None:
        """Names by official code as the caller whose header this is may see them; whoever is unknown or out
        of that caller's scope is absent. Null when enrolment refuses or does not answer in time.
        Never called inside a database transaction."""
        if not codes:
            return {}
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._client.post(
                    self._url,
                    json={"official_codes": list(codes)},
                    headers={"Authorization": authorization, "X-Correlation-Id": correlation_id},
                    timeout=_PATIENCE,
                )
            if answer.status_code != httpx.codes.OK:
                self._log.info("names left out", status=answer.status_code)
                return None
            found = self._decoder.decode(answer.content)
        except (httpx.HTTPError, TimeoutError, msgspec.MsgspecError) as error:
            self._log.warning("names left out", error=type(error).__name__)
            return None
        return {each.official_code: each.full_name for each in found.items}
