"""Writing an institution, and telling of it."""

from __future__ import annotations

from services.enrolment.directory.institutions import repository
from services.enrolment.directory.institutions.schemas import InstitutionBody, InstitutionView
from shared.contracts.events import Authorisation, InstitutionChanged
from shared.contracts.problem import Forbidden
from shared.persistence.unit_of_work import UnitOfWork


async def put(
    work: UnitOfWork, code: str, body: InstitutionBody, held: InstitutionView | None
) -> int:
    """The institution's version afterwards. Only a nation-wide caller sets what the ministry granted."""
    if held is not None and _facts(held) == _facts(body):
        return held.version
    if not work.principal.is_nationwide and _ministry(held) != _ministry(body):
        raise Forbidden(
            "Chỉ cấp toàn quốc ghi được giấy phép của Bộ",
            "Only a nation-wide caller records what the ministry granted",
        )
    version = await repository.save(work.connection, code, body)
    work.emit(
        InstitutionChanged(
            version=version,
            institution_code=code,
            kind=body.kind,
            institution_name=body.name,
            authorisations=tuple(
                Authorisation(
                    granted_by=each.granted_by,
                    province_code=each.province_code,
                    activity=each.activity,
                    language=each.language,
                    formats=None if each.formats is None else tuple(each.formats),
                    levels=tuple(each.levels),
                    decision_number=each.decision_number,
                    valid_from=each.valid_from,
                    valid_to=each.valid_to,
                )
                for each in body.authorisations
            ),
        ),
        subject=code,
    )
    work.audit("institution.changed", code)
    return version


def _facts(body: InstitutionBody) -> tuple[str, str, list[dict[str, object]]]:
    return body.name, body.kind, [each.model_dump() for each in body.authorisations]


def _ministry(body: InstitutionBody | None) -> list[dict[str, object]]:
    granted = body.authorisations if body is not None else []
    return [each.model_dump() for each in granted if each.granted_by == "ministry"]
