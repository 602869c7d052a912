"""Which acceptances of a paper a caller sees, and which it may withdraw.

An acceptance belongs to the authority that decided it: an agency (null: the whole nation), and the reporting bloc
it is confined to. Of an old acceptance no authority is recorded. It belongs to everybody who sees the paper, as it
did when it was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.certification.evidence.rows import Decision
from shared.contracts.events import Bloc


class Authority(NamedTuple):
    agency: str | None
    """Null: the whole nation."""
    bloc: Bloc | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One authority's acceptance of a paper, with its withdrawal if there is one."""

    acceptance_id: UUID
    authority: Authority | None
    """Null: none is recorded."""
    decision: Decision
    withdrawal: Decision | None

    @property
    def in_force(self) -> bool:
        return self.withdrawal is None

    @property
    def level(self) -> int | None:
        return self.decision.level


@dataclass(frozen=True, slots=True)
class CallerRights:
    """What a caller may see and withdraw, by what the tree of today says of the bodies concerned."""

    caller: Authority
    above: Sequence[str]
    """The caller's agency and those above it."""
    chains: Mapping[str, Sequence[str]]
    """Each accepting agency, with itself and those above it."""

    def may_see(self, acceptance: Acceptance) -> bool:
        authority = acceptance.authority
        if authority is None:
            return True
        if self._behind_the_border(authority):
            return False
        return (
            self.caller.agency is None
            or authority.agency is None
            or authority.agency in self.above
            or self.caller.agency in self.chains.get(authority.agency, ())
        )

    def may_withdraw(self, acceptance: Acceptance) -> bool:
        """By the authority itself or one above it."""
        authority = acceptance.authority
        if authority is None:
            return True
        if self.caller.bloc not in (None, authority.bloc):
            return False
        if authority.agency is None:
            return self.caller.agency is None
        return self.caller.agency in (
            None,
            authority.agency,
        ) or self.caller.agency in self.chains.get(authority.agency, ())

    def _behind_the_border(self, authority: Authority) -> bool:
        return None not in (self.caller.bloc, authority.bloc) and self.caller.bloc != authority.bloc


def acceptances_of(decisions: Sequence[Decision]) -> list[Acceptance]:
    """In the order in which they were decided."""
    withdrawals = {each.acceptance_id: each for each in decisions if each.kind == "withdrawal"}
    return [
        Acceptance(
            acceptance_id=each.acceptance_id,
            authority=(Authority(each.accepted_by, each.bloc) if each.authority_named else None),
            decision=each,
            withdrawal=withdrawals.get(each.acceptance_id),
        )
        for each in decisions
        if each.kind == "acceptance"
    ]


def leading_acceptance(acceptances: Sequence[Acceptance]) -> Acceptance | None:
    """The one that says what the paper is worth: the highest that is in force, else the last that was."""
    in_force = [each for each in acceptances if each.in_force]
    if in_force:
        return max(in_force, key=lambda each: -1 if each.level is None else each.level)
    return acceptances[-1] if acceptances else None
