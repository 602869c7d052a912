"""The one catalogue of events: every type, what it carries and who produces it.

Payloads carry identifiers and facts, never a person's name or identity number (an institution's name is
public: decision 0011). People meet through
``person_key``. Every payload of a subject carries the subject's ``version``, growing by one with each
change, so that a consumer can tell an older state from a newer one. ``docs/events.md`` is generated
from this module, and ``shared/contracts/examples/<type>.json`` holds one checked example per type.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal
from uuid import UUID

import msgspec

AgencyLevel = Literal["central", "province", "district", "commune"]
AgencySystem = Literal["party", "state", "socio_political", "public_service"]
CommuneKind = Literal["xa", "phuong", "thi_tran", "dac_khu"]
Bloc = Literal["party", "state"]
OfficialStatus = Literal[
    "cadre", "civil_servant", "public_employee", "contract_staff", "part_time_commune"
]
Leadership = Literal["below_division", "division", "above_division"]
LanguageBasis = Literal["area", "field", "both"]
Posting = Literal["regular", "secondment", "concurrent"]
EvidenceKind = Literal[
    "framework_certificate",
    "foreign_certificate",
    "language_degree",
    "foreign_taught_degree",
    "old_national_certificate",
    "specialised_language",
    "manual_decision",
]
RevocationEffect = Literal["from_decision", "from_issue"]


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of every payload."""

    version: int


# --- enrolment ----------------------------------------------------------------------------------


class AgencyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency was from ``valid_from`` to ``valid_to`` (its last day, null while open)."""

    valid_from: dt.date
    valid_to: dt.date | None
    parent_code: str | None
    level: AgencyLevel
    system: AgencySystem
    province_code: str
    kind: str | None = None
    commune_kind: CommuneKind | None = None
    predecessor_codes: tuple[str, ...] = ()
    bloc: Bloc | None = None
    """As declared; null: what follows from the systems of the body and those above it (``blocs.py``)."""
    central_vertical: bool = False


class AgencyChanged(Payload, frozen=True, kw_only=True):
    """The whole dated history of one agency after a change: a consumer replaces what it holds."""

    agency_code: str
    versions: tuple[AgencyVersion, ...]


class AssignmentAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes that stand on an assignment and win over the official's own for its days; null: not stated."""

    language_teacher: bool | None = None
    foreign_affairs: bool | None = None
    language_qualified_post: bool | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    assignment_id: UUID
    agency_code: str
    status: OfficialStatus
    leadership: Leadership | None
    requires_language: bool
    primary: bool
    posting: Posting
    valid_from: dt.date
    valid_to: dt.date | None
    requires_language_basis: LanguageBasis | None = None
    job_position_code: str | None = None
    attributes: AssignmentAttributes = AssignmentAttributes()


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None


class OfficialAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """An undated value holds on every day; ``…_awarded_on`` dates a degree from that day on."""

    language_teacher: bool = False
    foreign_affairs: bool = False
    language_qualified_post: bool = False
    language_degree: bool = False
    language_degree_awarded_on: dt.date | None = None
    foreign_taught_degree: bool = False
    foreign_taught_degree_awarded_on: dt.date | None = None
    central_vertical: bool = False


class OfficialState(Payload, frozen=True, kw_only=True):
    """The whole standing of one official after a change: a consumer replaces what it holds."""

    official_code: str
    person_key: str
    """Hex HMAC-SHA256 of the current identity."""
    birth_check: str | None
    """Hex HMAC-SHA256 of the current identity and birth date; null where only the year is known."""
    birth_date: str | None
    """``YYYY-MM-DD``, or ``YYYY`` for old records: such a person is taken as born on 1 January. Null: withheld
    from a reader without ``pii:read``; a service's own follower always gets it."""
    assignments: tuple[Assignment, ...]
    absences: tuple[Absence, ...] = ()
    attributes: OfficialAttributes = OfficialAttributes()


class OfficialChanged(OfficialState, frozen=True, kw_only=True):
    """An official was registered or changed (assignment, move, absence, attribute, identity, birth date)."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    person_key: str
    birth_check: str | None


class OfficialIdentitiesLinked(Payload, frozen=True, kw_only=True):
    """All identity numbers, current and former, that are this one official; replaces the earlier list.

    Published only for officials who have, or had, more than one identity number.
    """

    official_code: str
    identities: tuple[Identity, ...]


class CertificateStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate or accepted evidence that stands for an official today."""

    reference: str
    """Serial of a certificate or ``evidence_id``."""
    kind: Literal["certificate", "evidence"]
    language: str
    level: int | None
    specialised: bool
    issued_on: dt.date
    valid_until: dt.date | None


class OfficialJoined(OfficialState, frozen=True, kw_only=True):
    """The official came into the reader's scope; carries the present standing whole."""

    agency_code: str
    """The body of the primary assignment, or of the assignment that brought the official into scope."""
    effective_on: dt.date
    certificates: tuple[CertificateStanding, ...] = ()


class OfficialLeft(Payload, frozen=True, kw_only=True):
    """The official is no longer in the reader's scope: a tombstone for the reader's copy."""

    official_code: str
    effective_on: dt.date


class JoiningChanged(Payload, frozen=True, kw_only=True):
    """A body took an official over from another, or that was confirmed, contested or decided."""

    joining_id: UUID
    official_code: str
    from_agency: str | None
    """Null to readers confined to the other bloc; ``to_agency`` likewise."""
    to_agency: str | None
    effective_on: dt.date
    state: Literal["open", "confirmed", "contested", "upheld", "dismissed", "withdrawn", "settled"]
    contested_until: dt.date
    """The last day on which the body before may contest it."""


class OfficialCertified(Payload, frozen=True, kw_only=True):
    """A certificate or accepted evidence was matched to an official."""

    official_code: str
    certificate: CertificateStanding


class OfficialCertificateWithdrawn(Payload, frozen=True, kw_only=True):
    """A certificate or evidence of an official stopped standing."""

    official_code: str
    reference: str
    decided_on: dt.date
    effect: RevocationEffect
    cause: Literal["revoked", "superseded", "withdrawn", "identity_mismatch", "not_accepted"]
    """``not_accepted``: whoever accepted it was not the official's authority on that day, as now recorded."""


class EvidenceReferred(Payload, frozen=True, kw_only=True):
    """Evidence waits for the authority of the person's body, which may see and accept it from now on."""

    evidence_id: UUID
    official_code: str | None
    agency_code: str | None
    """The body of the primary assignment; null: it waits for nobody any more."""


class Authorisation(msgspec.Struct, frozen=True, kw_only=True):
    granted_by: Literal["ministry", "province", "other"]
    province_code: str | None
    activity: Literal["training", "testing", "certifying"]
    language: str
    formats: tuple[str, ...] | None
    """Null: every format."""
    levels: tuple[int, ...]
    decision_number: str
    valid_from: dt.date
    valid_to: dt.date | None


class InstitutionChanged(Payload, frozen=True, kw_only=True):
    """An institution and all its dated authorisations after a change."""

    institution_code: str
    kind: str
    authorisations: tuple[Authorisation, ...]
    institution_name: str | None = None
    """As the directory writes it today; null in events older than this field."""


class JobPositionChanged(Payload, frozen=True, kw_only=True):
    """A job position of the catalogue (vị trí việc làm) after a change."""

    job_position_code: str
    agency_code: str | None
    required_language_level: int | None
    requires_language: bool
    valid_from: dt.date
    valid_to: dt.date | None


# --- certification ------------------------------------------------------------------------------


class CertificateIssued(Payload, frozen=True, kw_only=True):
    """A certificate was entered in a register book."""

    certificate_id: UUID
    serial: str
    register_number: str
    register_book: str
    institution_code: str
    result_id: UUID | None
    exam_session: str | None
    held_on: dt.date | None
    format: str | None
    person_key: str
    birth_check: str | None
    framework: str
    level: int
    """Bậc 0–6 of the framework; 0 is Tiền bậc 1."""
    language: str
    issued_on: dt.date
    valid_until: dt.date | None
    rule: str | None
    """Id of the score rule version that derived the level."""
    supersedes: str | None = None
    """Serial of the certificate this one follows (re-marking, reissue)."""
    counts_from: dt.date | None = None
    """First day it counts where that is not ``issued_on`` (a reissue keeps the original's day)."""


class ResultRecorded(Payload, frozen=True, kw_only=True):
    """A result was recorded that earned no certificate."""

    result_id: UUID
    institution_code: str
    exam_session: str
    held_on: dt.date
    format: str
    language: str
    person_key: str
    attendance: Literal["present", "absent", "excused", "suspended", "annulled"]
    overall: str | None
    """Decimal as text, on the format's own scale; null where there is no overall score."""
    rule: str | None


class CertificateRevoked(Payload, frozen=True, kw_only=True):
    """A certificate was taken back (from the decision) or declared void (from its issue)."""

    certificate_id: UUID
    serial: str
    person_key: str
    institution_code: str
    reason_code: str
    decision_number: str
    decided_on: dt.date
    effect: RevocationEffect


class CertificateSuperseded(Payload, frozen=True, kw_only=True):
    """A certificate gave way to a newer result version; it stands to the day before ``decided_on``."""

    certificate_id: UUID
    serial: str
    person_key: str
    institution_code: str
    decision_number: str
    decided_on: dt.date
    superseded_by: str | None
    """Serial of the certificate that took its place; null where the new result earned none."""


class EvidenceRecorded(Payload, frozen=True, kw_only=True):
    """An agency filed evidence; it counts for nothing until accepted."""

    evidence_id: UUID
    kind: EvidenceKind
    person_key: str
    birth_check: str | None
    language: str
    dated: dt.date


class EvidenceAcceptedV1(Payload, frozen=True, kw_only=True):
    """Evidence was accepted by decision; it counts from ``dated``. Written until the accepting authority was
    named (v2): such an acceptance counts as one of the whole nation."""

    evidence_id: UUID
    kind: EvidenceKind
    person_key: str
    birth_check: str | None
    language: str
    dated: dt.date
    expires_on: dt.date | None
    test: str | None
    level: int | None
    """Bậc on the 6-level framework; null for specialised evidence, which proves no level."""
    specialised: bool
    decision_number: str
    decided_on: dt.date


class EvidenceAccepted(EvidenceAcceptedV1, frozen=True, kw_only=True):
    """Evidence was accepted by an authority's decision; it counts from ``dated`` where the person's body was
    that authority's to decide for. Each authority's acceptance of one paper is one more."""

    acceptance_id: UUID
    accepted_by: str | None
    """The agency of the accepting authority; null: nation-wide."""
    bloc: Bloc | None
    """The reporting bloc that the authority is confined to."""


class EvidenceWithdrawn(Payload, frozen=True, kw_only=True):
    """An acceptance of evidence was withdrawn; it counts to the day before ``decided_on``."""

    evidence_id: UUID
    person_key: str
    decision_number: str
    decided_on: dt.date
    acceptance_id: UUID | None = None
    """Which acceptance; null in events older than this field: the paper had one."""
    accepted_by: str | None = None
    """The authority whose acceptance it was; null: nation-wide, or older than this field."""
    bloc: Bloc | None = None


# --- targets ------------------------------------------------------------------------------------


class PlanAdopted(Payload, frozen=True, kw_only=True):
    """A plan document, or a new version of one, was loaded and validated."""

    plan: str
    plan_version: str
    valid_from: dt.date
    body: str


class EventType(msgspec.Struct, frozen=True):
    """One row of the catalogue."""

    name: str
    service: Literal["enrolment", "certification", "targets"]
    payload: type[Payload]
    audience: str
    """Who may read it, in words; the rule itself runs where the event is sequenced."""

    @property
    def title(self) -> str:
        return (self.payload.__doc__ or "").strip().splitlines()[0]


_SCOPE = "agencies whose subtree holds the official; authority of such a subtree; auditor; admin"
_PARTED = (
    "agencies whose subtree holds the official; authority of such a subtree; auditor; admin. Whoever is"
    " confined to a bloc is told without the assignments in bodies of the other"
)
_TREE = "agencies and authorities in whose subtree the body stands, or stood until the change; auditor; admin"
_CATALOGUE = "every agency and authority; auditor; admin"
_WATCH = "authority or auditor of the whole nation; admin"
_ISSUER = f"the issuing institution; {_WATCH}"
_FILER = f"the body that filed it and those above; {_WATCH}"

CATALOGUE: dict[str, EventType] = {
    event.name: event
    for event in (
        EventType("vn.bac.agency.changed.v1", "enrolment", AgencyChanged, _TREE),
        EventType("vn.bac.official.changed.v1", "enrolment", OfficialChanged, _PARTED),
        EventType(
            "vn.bac.official.identities_linked.v1", "enrolment", OfficialIdentitiesLinked, _SCOPE
        ),
        EventType(
            "vn.bac.official.joined.v1",
            "enrolment",
            OfficialJoined,
            "the scopes that were joined; to a bloc, without the assignments in bodies of the other",
        ),
        EventType(
            "vn.bac.official.left.v1", "enrolment", OfficialLeft, "the scopes that were left"
        ),
        EventType(
            "vn.bac.joining.changed.v1",
            "enrolment",
            JoiningChanged,
            "both bodies and those above them; to a bloc, without the body of the other",
        ),
        EventType("vn.bac.official.certified.v1", "enrolment", OfficialCertified, _SCOPE),
        EventType(
            "vn.bac.official.certificate_withdrawn.v1",
            "enrolment",
            OfficialCertificateWithdrawn,
            _SCOPE,
        ),
        EventType(
            "vn.bac.evidence.referred.v1",
            "enrolment",
            EvidenceReferred,
            f"authorities and auditors of the body and of those above it; {_WATCH}",
        ),
        EventType("vn.bac.institution.changed.v1", "enrolment", InstitutionChanged, "everybody"),
        EventType("vn.bac.job_position.changed.v1", "enrolment", JobPositionChanged, _CATALOGUE),
        EventType("vn.bac.certificate.issued.v1", "certification", CertificateIssued, _ISSUER),
        EventType("vn.bac.result.recorded.v1", "certification", ResultRecorded, _ISSUER),
        EventType("vn.bac.certificate.revoked.v1", "certification", CertificateRevoked, _ISSUER),
        EventType(
            "vn.bac.certificate.superseded.v1", "certification", CertificateSuperseded, _ISSUER
        ),
        EventType("vn.bac.evidence.recorded.v1", "certification", EvidenceRecorded, _FILER),
        EventType("vn.bac.evidence.accepted.v1", "certification", EvidenceAcceptedV1, _FILER),
        EventType("vn.bac.evidence.accepted.v2", "certification", EvidenceAccepted, _FILER),
        EventType("vn.bac.evidence.withdrawn.v1", "certification", EvidenceWithdrawn, _FILER),
        EventType("vn.bac.plan.adopted.v1", "targets", PlanAdopted, "everybody"),
    )
}

WHOLE_STATES = frozenset(
    event.name
    for event in CATALOGUE.values()
    if event.payload
    in (
        *(AgencyChanged, OfficialChanged, OfficialIdentitiesLinked),
        *(InstitutionChanged, JobPositionChanged),
    )
)
"""Types that say all there is to say of their subject: a later one makes an earlier one needless."""

WITHHELD: dict[str, tuple[str, ...]] = {
    event.name: ("birth_date",)
    for event in CATALOGUE.values()
    if "birth_date" in event.payload.__struct_fields__
}
"""By type: the fields that are null for a reader without ``pii:read``."""

TYPE_OF: dict[type[Payload], EventType] = {event.payload: event for event in CATALOGUE.values()}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A CloudEvents 1.0 event in the JSON event format, as the feeds serve it."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: dt.datetime
    datacontenttype: str
    data: Any


class UnknownEvent(ValueError):
    """The type is not in the catalogue."""


def decode(envelope: Envelope) -> Payload:
    """Payload of an envelope as its catalogued type. Unknown types raise :class:`UnknownEvent`."""
    event = CATALOGUE.get(envelope.type)
    if event is None:
        raise UnknownEvent(envelope.type)
    return msgspec.convert(envelope.data, event.payload)
