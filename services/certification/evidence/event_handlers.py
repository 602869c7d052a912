"""What enrolment's feed says of papers, and who may read events of evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from services.certification.directory import repository as directory
from services.certification.directory.tree import Link, bloc_of, codes_from
from services.certification.evidence import repository
from services.certification.evidence.rows import ReferralRow
from shared.contracts import audiences
from shared.contracts.audiences import Audience, Reader
from shared.contracts.events import EvidenceReferred, Payload
from shared.feed.repository import PendingEvent


async def apply_referrals(connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
    referrals = [
        ReferralRow(payload.evidence_id, payload.version, payload.agency_code)
        for payload in payloads
        if isinstance(payload, EvidenceReferred)
    ]
    if referrals:
        await repository.put_referrals(connection, referrals)


async def evidence_audiences(
    connection: asyncpg.Connection, events: Sequence[PendingEvent], today: dt.date
) -> dict[int, Audience]:
    """By outbox number: whoever sees the paper and what the event says of it, by the tree of today. The body
    that filed it and all above; the authorities at and above the body it waits for; those of an acceptance
    for themselves. Of an acceptance, those who are neither below nor above its authority learn nothing."""
    if not events:
        return {}
    ids = [UUID(event.subject) for event in events]
    filers = await repository.filers_of(connection, ids)
    waiting = await repository.referred_to(connection, ids)
    acceptances = {event.seq: _ACCEPTANCE.decode(event.data) for event in events}
    codes = {
        *(code for code in filers.values() if code is not None),
        *waiting.values(),
        *(each.accepted_by for each in acceptances.values() if each.accepted_by is not None),
    }
    chains = await directory.chains_of(connection, codes, today)
    found: dict[int, Audience] = {}
    for event, evidence_id in zip(events, ids, strict=True):
        said, filer, body = (
            acceptances[event.seq],
            filers.get(evidence_id),
            waiting.get(evidence_id),
        )
        readers: set[Reader] = set()
        if filer is not None:
            readers |= audiences.agencies(*_seeing(filer, chains, said))
        if body is not None:
            readers |= audiences.authorities(*_seeing(body, chains, said))
        if said.accepted_by is not None:
            readers |= _accepting(said.accepted_by, said.bloc, chains)
        found[event.seq] = audiences.whole(readers)
    return found


class _Acceptance(msgspec.Struct):
    accepted_by: str | None = None
    bloc: str | None = None


_ACCEPTANCE: Final = msgspec.json.Decoder(_Acceptance)


def _seeing(
    body: str, chains: Mapping[str, Sequence[Link]], said: _Acceptance
) -> tuple[list[str], *tuple[str, ...]]:
    """The body and those above it, as far as they see what an authority decided: it stands above them, or
    below. Then the bloc whose confined readers see it too, if any."""
    chain = chains[body]
    codes = codes_from(body, chain)
    if said.accepted_by is not None:
        own = {link.agency_code for link in chains[said.accepted_by]} | {said.accepted_by}
        below = codes[: codes.index(said.accepted_by)] if said.accepted_by in codes else []
        codes = [code for code in codes if code in own or code in below]
    bloc = bloc_of(chain)
    return (codes, bloc) if said.bloc in (None, bloc) else (codes,)


def _accepting(
    authority: str, bloc: str | None, chains: Mapping[str, Sequence[Link]]
) -> set[Reader]:
    """The authority that decided and those above it, which may withdraw what it decided."""
    codes = codes_from(authority, chains[authority])
    return audiences.authorities(codes, *(() if bloc is None else (bloc,)))
