"""Officials and their credentials as the feeds say, and who must be judged again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.targets.population.credentials import (
    Credential,
    Ending,
    accepted,
    birth_checks,
    ended_before_it_began,
    ending,
    issued,
    matched,
)
from shared.contracts.events import (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    EvidenceAcceptedV1,
    EvidenceWithdrawn,
    Identity,
    OfficialChanged,
    OfficialIdentitiesLinked,
    OfficialState,
    Payload,
)


@dataclass(slots=True)
class People:
    """The officials and credentials at hand: all of them in a test, those of one batch in the worker."""

    officials: dict[str, OfficialState] = field(default_factory=dict)
    linked: dict[str, OfficialIdentitiesLinked] = field(default_factory=dict)
    credentials: dict[UUID, Credential] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Officials whose standings may have changed."""
    changed_officials: set[str] = field(default_factory=set)
    changed_credentials: set[UUID] = field(default_factory=set)
    _credentials_of_key: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    _holders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    # --- what is known already ----------------------------------------------------------------------

    def know_official(
        self, state: OfficialState | None, linked: OfficialIdentitiesLinked | None
    ) -> None:
        if linked is not None:
            self.linked[linked.official_code] = linked
        if state is not None:
            self.officials[state.official_code] = state
            self._register(state.official_code)

    def know_credential(self, credential: Credential) -> None:
        self.credentials[credential.reference] = credential
        self._credentials_of_key[credential.person_key].add(credential.reference)

    # --- what events say ----------------------------------------------------------------------------

    def apply(self, payload: Payload) -> None:
        """Takes in one event; types that no figure depends on are passed over."""
        match payload:
            case OfficialChanged():
                self._official_changed(payload)
            case OfficialIdentitiesLinked():
                self._identities_linked(payload)
            case CertificateIssued():
                self._credential_given(issued(payload))
            case EvidenceAcceptedV1():
                self._credential_given(accepted(payload))
            case CertificateRevoked() | CertificateSuperseded() | EvidenceWithdrawn():
                self._credential_ended(payload)
            case _:
                pass

    def _official_changed(self, state: OfficialState) -> None:
        known = self.officials.get(state.official_code)
        if known is not None and known.version > state.version:
            return
        self._unregister(state.official_code)
        self.officials[state.official_code] = state
        self._register(state.official_code)
        self._mark(state.official_code)

    def _identities_linked(self, linked: OfficialIdentitiesLinked) -> None:
        code = linked.official_code
        known = self.linked.get(code)
        if known is not None and known.version > linked.version:
            return
        self._unregister(code)
        self.linked[code] = linked
        self._register(code)
        self._mark(code)

    def _credential_given(self, credential: Credential) -> None:
        known = self.credentials.get(credential.reference)
        if known is not None:
            credential = credential._replace(until=min(known.until, credential.until))
        self.know_credential(credential)
        self._credential_changed(credential)

    def _credential_ended(self, event: Ending) -> None:
        reference, until = ending(event)
        known = self.credentials.get(reference)
        if known is None:
            credential = ended_before_it_began(event.person_key, reference, until)
        else:
            credential = known._replace(until=min(known.until, until))
        self.know_credential(credential)
        self._credential_changed(credential)

    def _credential_changed(self, credential: Credential) -> None:
        self.changed_credentials.add(credential.reference)
        self.touched |= self._holders.get(credential.person_key, set())

    def _mark(self, code: str) -> None:
        self.changed_officials.add(code)
        self.touched.add(code)

    # --- who holds what -----------------------------------------------------------------------------

    def _linked_identities(self, code: str) -> Iterable[Identity]:
        linked = self.linked.get(code)
        return () if linked is None else linked.identities

    def checks(self, code: str) -> dict[str, str | None]:
        """Every person key of a known official, with its birth check."""
        return birth_checks(self.officials[code], self._linked_identities(code))

    def credentials_of(self, code: str) -> tuple[Credential, ...]:
        """Those that count for a known official."""
        checks = self.checks(code)
        return matched(
            (
                self.credentials[reference]
                for key in checks
                for reference in self._credentials_of_key.get(key, ())
            ),
            checks,
        )

    def _register(self, code: str) -> None:
        if code in self.officials:
            for key in self.checks(code):
                self._holders[key].add(code)

    def _unregister(self, code: str) -> None:
        if code in self.officials:
            for key in self.checks(code):
                self._holders[key].discard(code)
