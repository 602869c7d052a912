"""Applies batches of both feeds to the projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
import msgspec

from services.targets.plans.schemas import Language, Plan, Provinces
from services.targets.population import repository
from services.targets.population.people import People
from services.targets.population.profiles import Profile, ProfileScheme, projection_fingerprint
from services.targets.population.repository import OfficialFacts
from services.targets.population.shifts import (
    ContextChange,
    CountingContext,
    Shifter,
    context_change,
)
from services.targets.population.tree import Tree, versions_of
from shared.contracts.events import (
    TYPE_OF,
    AgencyChanged,
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    Envelope,
    EvidenceAccepted,
    EvidenceAcceptedV1,
    EvidenceWithdrawn,
    OfficialChanged,
    OfficialIdentitiesLinked,
    Payload,
    decode,
)
from shared.feed.follower import NotTheEventsFault
from shared.persistence.keys import uuid7

_CREDENTIAL_EVENTS = (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    EvidenceAcceptedV1,
    EvidenceAccepted,
    EvidenceWithdrawn,
)
HANDLED = frozenset(
    TYPE_OF[kind].name
    for kind in (AgencyChanged, OfficialChanged, OfficialIdentitiesLinked, *_CREDENTIAL_EVENTS)
)
"""Events that figures depend on; the rest of both feeds is passed over."""


class _Numbers:
    """Ids of profiles: those in the database, and new ones given in order."""

    def __init__(self, codes: Sequence[bytes]) -> None:
        self._ids: dict[Profile, int] = {tuple(code): number for number, code in enumerate(codes)}
        self.added: list[tuple[int, Profile]] = []

    def __call__(self, profile: Profile) -> int:
        number = self._ids.get(profile)
        if number is None:
            number = self._ids[profile] = len(self._ids)
            self.added.append((number, profile))
        return number


class Projector:
    """The only writer of the projection; one batch at a time, by a lock on its one row.

    Agencies and profile ids are kept in memory between batches, as long as the database says that nobody
    changed them. A batch that was rolled back is noticed in the same way.
    """

    def __init__(
        self,
        plans: Mapping[str, Plan],
        languages: Mapping[str, Language],
        provinces: Provinces,
    ) -> None:
        self._plans = tuple(plans.values())
        self._languages = languages
        self._provinces = provinces
        self._scheme = ProfileScheme(self._plans)
        self.fingerprint = projection_fingerprint(self._scheme, languages, provinces)
        self._state: UUID | None = None
        self._context = CountingContext.of(self._plans, Tree(provinces))
        self._versions: dict[str, int] = {}
        self._numbers = _Numbers(())

    async def apply(self, connection: asyncpg.Connection, events: Sequence[Envelope]) -> None:
        """In the caller's transaction, which also moves the cursor of the feed."""
        payloads = [decode(event) for event in events if event.type in HANDLED]
        if not payloads:
            return
        kept = await repository.lock_projection(connection)
        if not kept.fingerprint:
            await repository.save_fingerprint(connection, self.fingerprint)
        elif kept.fingerprint != self.fingerprint:
            raise ProjectionOutdated
        if kept.state != self._state:
            await self._keep_state(connection, kept.state)
        try:
            await self._apply(connection, payloads)
        except BaseException:
            self._state = None
            raise

    async def _keep_state(self, connection: asyncpg.Connection, state: UUID) -> None:
        agencies = [
            msgspec.json.decode(facts, type=AgencyChanged)
            for facts in await repository.read_agencies(connection)
        ]
        tree = Tree(self._provinces, {each.agency_code: versions_of(each) for each in agencies})
        self._context = CountingContext.of(self._plans, tree)
        self._versions = {each.agency_code: each.version for each in agencies}
        self._numbers = _Numbers(await repository.read_profiles(connection))
        self._state = state

    async def _apply(self, connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
        change = await self._change_context(connection, payloads)
        standing = await repository.read_counted(connection, change.bodies) if change.bodies else {}
        people = await self._gather(connection, payloads, change)
        before = _associations(people)
        for payload in payloads:
            if not isinstance(payload, AgencyChanged):
                people.apply(payload)
        kept = await repository.read_standings(connection, people.touched)
        shifter = Shifter(self._scheme, self._languages, self._numbers)
        shift = shifter.shift(change, standing, people, kept)
        await _save_facts(connection, people, before)
        if self._numbers.added:
            await repository.add_profiles(connection, self._numbers.added)
        await repository.change_standings(connection, shift.removed, shift.added)
        await repository.append_cells(connection, shift.cells)
        if self._numbers.added or change.after is not change.before:
            self._numbers.added.clear()
            self._context = change.after
            self._state = uuid7()
            await repository.save_state(connection, self._state)

    async def _change_context(
        self, connection: asyncpg.Connection, payloads: Sequence[Payload]
    ) -> ContextChange:
        newest: dict[str, AgencyChanged] = {}
        for payload in payloads:
            if isinstance(payload, AgencyChanged):
                code = payload.agency_code
                if payload.version >= self._versions.get(code, 0):
                    self._versions[code] = payload.version
                    newest[code] = payload
        shift = context_change(
            self._context, {code: versions_of(each) for code, each in newest.items()}
        )
        if newest:
            await repository.save_agencies(
                connection,
                {code: msgspec.json.encode(each).decode() for code, each in newest.items()},
            )
        if shift.after is not shift.before:
            tree = shift.after.tree
            stale = shift.before.tree.below(newest) | tree.below(newest)
            await repository.replace_ancestry(
                connection,
                {code: tree.spans(code) for code in stale},
                {code: tree.blocs(code) for code in stale},
            )
        return shift

    async def _gather(
        self, connection: asyncpg.Connection, payloads: Sequence[Payload], change: ContextChange
    ) -> People:
        """Everybody the batch may touch, with all their credentials."""
        people = People()
        named = {
            each.official_code
            for each in payloads
            if isinstance(each, OfficialChanged | OfficialIdentitiesLinked)
        }
        keys = {each.person_key for each in payloads if isinstance(each, _CREDENTIAL_EVENTS)}
        codes = set(named)
        if keys:
            codes.update(await repository.holders_of(connection, keys))
        if change.regraded:
            regraded = await repository.ever_assigned_to(connection, change.regraded)
            codes.update(regraded)
            people.touched.update(regraded)
        if change.replaced:
            decided = await repository.decided_by_authority(connection, change.replaced)
            codes.update(decided)
            people.touched.update(decided)
        for code, facts, linked in await repository.read_officials(connection, codes):
            people.know_official(
                msgspec.json.decode(facts, type=OfficialChanged) if facts else None,
                msgspec.json.decode(linked, type=OfficialIdentitiesLinked) if linked else None,
            )
            if facts:
                keys.update(people.checks(code))
        for each in payloads:
            if isinstance(each, OfficialChanged):
                keys.add(each.person_key)
            elif isinstance(each, OfficialIdentitiesLinked):
                keys.update(identity.person_key for identity in each.identities)
        for credential in await repository.read_credentials(connection, keys):
            people.know_credential(credential)
        return people


class ProjectionOutdated(NotTheEventsFault):
    """The projection was made by other plans or rules; it begins anew when the worker starts."""


class _Associations(dict[str, tuple[frozenset[str], frozenset[str]]]):
    """Person keys and agencies by official code, as the database has them."""


def _associations(people: People) -> _Associations:
    return _Associations(
        {
            code: (
                frozenset(people.checks(code)),
                frozenset(each.agency_code for each in state.assignments),
            )
            for code, state in people.officials.items()
        }
    )


async def _save_facts(
    connection: asyncpg.Connection, people: People, before: _Associations
) -> None:
    changed = sorted(people.changed_officials)
    if changed:
        await repository.save_officials(
            connection,
            [
                OfficialFacts(
                    code, _encoded(people.officials.get(code)), _encoded(people.linked.get(code))
                )
                for code in changed
            ],
        )
        after = _associations(people)
        nothing: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
        unlinked_keys, keys_new, left_agencies, agencies_new = [], [], [], []
        for code in changed:
            old_keys, old_agencies = before.get(code, nothing)
            new_keys, new_agencies = after.get(code, nothing)
            unlinked_keys += [(key, code) for key in sorted(old_keys - new_keys)]
            keys_new += [(key, code) for key in sorted(new_keys - old_keys)]
            left_agencies += [(each, code) for each in sorted(old_agencies - new_agencies)]
            agencies_new += [(each, code) for each in sorted(new_agencies - old_agencies)]
        await repository.change_identities(connection, unlinked_keys, keys_new)
        await repository.change_workplaces(connection, left_agencies, agencies_new)
    if people.changed_credentials:
        await repository.save_credentials(
            connection,
            [people.credentials[each] for each in sorted(people.changed_credentials)],
        )


def _encoded(payload: msgspec.Struct | None) -> str | None:
    return None if payload is None else msgspec.json.encode(payload).decode()
