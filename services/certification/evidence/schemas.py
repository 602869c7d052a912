"""Bodies and answers of evidence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.certification.registry.schemas import Body, Day, Printed, PrintedLong, worded
from shared.contracts.events import Bloc, EvidenceKind
from shared.imports.person_names import name_issue
from shared.security.person_key import IdentityType

EvidenceStatus = Literal["recorded", "accepted", "withdrawn"]
LevelNumber = Annotated[int, Field(strict=True, ge=0, le=6)]
Score = Annotated[
    float,
    # Sheets give decimals, which are exact; JSON gives numbers, and a text is none.
    BeforeValidator(lambda value: float(value) if isinstance(value, Decimal) else value),
    Field(strict=True, ge=0, le=10_000, allow_inf_nan=False),
]


class IdentityBody(Body):
    type: IdentityType
    country: str = Field(pattern=r"^[A-Za-z]{2}$")
    number: str = Field(min_length=1, max_length=60)


def _name(text: str) -> str:
    fault = name_issue(text, "")
    if fault is not None:
        raise worded(fault)
    return text


class PersonBody(Body):
    citizen_id: str | None = Field(default=None, min_length=1, max_length=40)
    identity: IdentityBody | None = None
    full_name: Annotated[PrintedLong, AfterValidator(_name)]
    birth_date: str = Field(
        pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$", description="A bare year for old records"
    )

    @model_validator(mode="after")
    def _checked(self) -> PersonBody:
        if (self.citizen_id is None) == (self.identity is None):
            raise PydanticCustomError(
                "identity_required",
                "exactly one of citizen_id and identity is needed",
                {"vi": "cần đúng một trong citizen_id và identity"},
            )
        try:
            text = self.birth_date
            dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01-01")
        except ValueError:
            raise PydanticCustomError(
                "date_from_datetime_parsing", "birth_date is not a day", {}
            ) from None
        return self


class ScoresBody(Body):
    """`overall` or a score per skill for tests that count, `grade` for those that name a grade."""

    overall: Score | None = None
    listening: Score | None = None
    reading: Score | None = None
    writing: Score | None = None
    speaking: Score | None = None
    grade: Printed | None = None


class EvidenceBody(Body):
    person: PersonBody
    kind: EvidenceKind
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    dated: Day
    test: Printed | None = Field(default=None, examples=["IELTS"])
    certificate_number: Printed | None = None
    issued_by: PrintedLong | None = None
    expires_on: Day | None = None
    scores: ScoresBody | None = None
    degree: PrintedLong | None = None
    field: PrintedLong | None = None
    agency_code: Printed | None = Field(
        default=None, description="The body that files it, where that is not the caller's own"
    )


class EvidenceAnswer(BaseModel):
    """Names no person."""

    evidence_id: UUID
    status: EvidenceStatus
    kind: EvidenceKind
    language: str
    dated: dt.date
    filed_by: str | None
    level: int | None


class FilingWarning(BaseModel):
    pointer: str
    code: str
    message: str


class FilingAnswer(EvidenceAnswer):
    """`warnings`: doubts that stop nothing."""

    warnings: list[FilingWarning]


class AcceptanceBody(Body):
    """`level` is left out only where a named table gives it, or for specialised language."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decision_number": "118/QĐ-SNV", "decided_on": "2026-02-02", "level": 4},
                {
                    "decision_number": "118/QĐ-SNV",
                    "decided_on": "2026-02-02",
                    "equivalence_table": "TT23-2021",
                },
            ]
        }
    )

    decision_number: Printed = Field(examples=["118/QĐ-SNV"])
    decided_on: Day
    level: LevelNumber | None = None
    equivalence_table: Printed | None = Field(default=None, examples=["TT23-2021"])


class AcceptanceItem(Body):
    evidence_id: UUID
    level: LevelNumber | None = None
    equivalence_table: Printed | None = None


class AcceptancesBody(Body):
    """One decision about a list. `level` and `equivalence_table` here hold for items that have none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision_number": "118/QĐ-SNV",
                    "decided_on": "2026-02-02",
                    "items": [{"evidence_id": "01936f0e-0000-7000-8000-000000000001", "level": 4}],
                    "evidence_ids": ["01936f0e-0000-7000-8000-000000000002"],
                    "equivalence_table": "TT23-2021",
                }
            ]
        }
    )

    decision_number: Printed
    decided_on: Day
    items: list[AcceptanceItem] = Field(default=[], max_length=1000)
    evidence_ids: list[UUID] = Field(default=[], max_length=1000)
    level: LevelNumber | None = None
    equivalence_table: Printed | None = None


class WithdrawalBody(Body):
    """`acceptance_id`: which acceptance, needed only where several of authorities below the caller stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision_number": "45/QĐ-SNV", "decided_on": "2026-09-01"}]
        }
    )

    decision_number: Printed
    decided_on: Day
    acceptance_id: UUID | None = None


class RowFault(BaseModel):
    row: int
    pointer: str
    code: str
    message: str


class AcceptancesReport(BaseModel):
    received: int
    accepted: int
    unchanged: int
    rejected: int
    errors: list[RowFault]


class PersonView(BaseModel):
    full_name: str
    birth_date: str
    identity_type: str
    identity_number: str


class DecisionView(BaseModel):
    decision_number: str
    decided_on: dt.date


class AcceptanceView(DecisionView):
    """What one authority decided. `accepted_by`: its agency, null for one of the whole nation, or where none
    is recorded."""

    acceptance_id: UUID
    accepted_by: str | None
    bloc: Bloc | None
    level: int | None
    withdrawal: DecisionView | None


class EquivalenceUsed(BaseModel):
    """The table a level was derived by; it was issued for another purpose."""

    id: str
    source: str
    purpose_vi: str
    confidence: str


class EvidenceView(EvidenceAnswer):
    person: PersonView
    test: str | None
    certificate_number: str | None
    issued_by: str | None
    expires_on: dt.date | None
    scores: dict[str, Any] | None
    degree: str | None
    field: str | None
    acceptance: DecisionView | None
    equivalence: EquivalenceUsed | None
    withdrawal: DecisionView | None
    acceptances: list[AcceptanceView] = Field(
        description="Của mọi cơ quan trong phạm vi / By every authority at, above or below the caller's own;"
        " `acceptance` is the highest that stands"
    )


class EvidencePage(BaseModel):
    items: list[EvidenceView]
    next: str | None


EXAMPLE_EVIDENCE: dict[str, Any] = {
    "person": {
        "citizen_id": "038190000001",
        "full_name": "Nguyễn Thị Ví Dụ",
        "birth_date": "1990-05-02",
    },
    "kind": "foreign_certificate",
    "language": "en",
    "dated": "2025-02-10",
    "test": "IELTS",
    "certificate_number": "25VN000001",
    "issued_by": "British Council",
    "scores": {"overall": 6.0},
}
