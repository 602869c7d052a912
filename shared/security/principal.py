"""Who calls, and what the role lets them do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from shared.security.masking import masked

Role = Literal["authority", "agency", "institution", "auditor", "official", "admin"]
BlocName = Literal["party", "state"]

ROLE_SCOPES: Final[dict[str, frozenset[str]]] = {
    "authority": frozenset(
        {
            "directory:read",
            "directory:write",
            "agencies:write",
            "institutions:write",
            "results:read",
            "evidence:write",
            "evidence:decide",
            "certificates:revoke",
            "progress:read",
            "feed:read",
        }
    ),
    "agency": frozenset(
        {"directory:read", "directory:write", "evidence:write", "progress:read", "feed:read"}
    ),
    "institution": frozenset(
        {"results:write", "results:read", "certificates:revoke", "feed:read", "institutions:read"}
    ),
    "auditor": frozenset(
        {"directory:read", "results:read", "progress:read", "feed:read", "audit:read"}
    ),
    "official": frozenset({"own:read"}),
    "admin": frozenset({"*"}),
}
"""Roles are bundles of scopes. A token's ``scope`` claim can add those of :data:`GRANTABLE` and nothing else."""

HIDDEN: Final = "•••"
"""Stands for a name or a birth date that the caller may not see."""

GRANTABLE: Final = frozenset({"pii:read", "feed:follow"})
"""``pii:read``: numbers and, in feeds, birth dates are shown whole. ``feed:follow``: the token is that of one of
the services, which follow each other's feeds (role auditor, of the whole nation)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. ``agency`` limits authority and agency to that subtree as of today."""

    subject: str
    role: Role
    agency: str | None = None
    institution: str | None = None
    bloc: BlocName | None = None
    official_code: str | None = None
    extra_scopes: frozenset[str] = field(default_factory=frozenset)

    def may(self, scope: str) -> bool:
        bundle = ROLE_SCOPES[self.role]
        return "*" in bundle or scope in bundle or scope in self.extra_scopes

    @property
    def is_nationwide(self) -> bool:
        """Sees every agency: admin, and auditor or authority without an agency."""
        return self.role == "admin" or (
            self.role in ("authority", "auditor") and self.agency is None
        )

    def reaches_institution(self, code: str) -> bool:
        """An institution reaches only itself; other roles are not confined by institution."""
        return self.role != "institution" or self.institution == code

    @property
    def sees_persons(self) -> bool:
        """Whether names and birth dates are shown: an auditor reads facts and counts, and persons only with
        ``pii:read``."""
        return self.role != "auditor" or self.may("pii:read")

    @property
    def follows_feeds(self) -> bool:
        """One of the services, reading another's feed into its own schema: it gets events whole, and no line
        in the trail for each page."""
        return (
            "feed:follow" in self.extra_scopes
            and self.role == "auditor"
            and self.is_nationwide
            and self.bloc is None
        )

    @property
    def reads_events_whole(self) -> bool:
        return self.follows_feeds or self.may("pii:read")

    def shown(self, personal: str) -> str:
        """A name or a birth date as this caller may see it."""
        return personal if self.sees_persons else HIDDEN

    def shown_number(self, number: str) -> str:
        """An identity number as this caller may see it: whole only with ``pii:read``."""
        return number if self.may("pii:read") else masked(number)

    @property
    def idempotency_scope(self) -> str:
        """Keys of one caller never meet those of another."""
        return "|".join(
            (self.subject, self.role, self.agency or "", self.institution or "", self.bloc or "")
        )
