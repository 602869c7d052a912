"""Writing an institution, and telling of it."""

from __future__ import annotations

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.institutions import repository
from services.enrolment.directory.institutions.granting import not_ones_own
from services.enrolment.directory.institutions.schemas import InstitutionBody, InstitutionView
from shared.contracts.events import Authorisation, InstitutionChanged
from shared.contracts.problem import Forbidden
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.conditional import match_required


async def put(
    work: UnitOfWork,
    code: str,
    body: InstitutionBody,
    stored: InstitutionView | None,
    *,
    announce_again: bool = False,
) -> int:
    """The institution's version afterwards. Of a caller confined to a province only what it granted itself
    may differ from what there was. ``announce_again``: an event tells of it though nothing changed."""
    if stored is not None and not announce_again and _facts(stored) == _facts(body):
        return stored.version
    caller = work.principal
    if not caller.is_nationwide:
        agency = caller.agency or ""
        rows = (await agencies.histories(work.connection, [agency])).get(agency, [])
        found = not_ones_own(stored, body, rows)
        if found is not None:
            raise Forbidden(found.message_vi, found.message_en, errors=[found])
    version = await repository.save(
        work.connection, code, body, stored.version if stored is not None else None
    )
    if version is None:
        raise match_required()
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


async def find(work: UnitOfWork, code: str, *, lock: bool = False) -> InstitutionView | None:
    """``lock`` keeps other writers out until the transaction ends."""
    return (await repository.institutions(work.connection, [code], lock=lock)).get(code)


async def listed(
    work: UnitOfWork, _: None, after: tuple[str] | None, limit: int
) -> tuple[list[InstitutionView], tuple[str] | None]:
    """Those after a code, and the key of the last, if more follow."""
    codes = await repository.page(work.connection, after[0] if after else None, limit + 1)
    found = await repository.institutions(work.connection, codes[:limit])
    more = (codes[limit - 1],) if len(codes) > limit else None
    return [found[code] for code in codes[:limit]], more
