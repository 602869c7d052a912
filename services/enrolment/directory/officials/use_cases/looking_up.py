"""Names by code, and a code by a number that one knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.birth_dates import is_birth_date
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.same_person import same_name
from services.enrolment.directory.officials.schemas import LookupAnswer, LookupBody, LookupItem
from services.enrolment.directory.officials.use_cases.reading import belongings_of
from services.enrolment.directory.officials.visibility import confined, in_scope
from shared.contracts.problem import FieldError, Forbidden, InvalidRequest
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.identity_numbers import country_fault, identity_from, number_fault
from shared.security.person_key import PersonIdentity, PersonKeys
from shared.security.principal import Principal


async def names_by_code(work: UnitOfWork, codes: Sequence[str]) -> LookupAnswer:
    """Names of the officials in the caller's scope."""
    caller, today = work.principal, work.clock.today()
    wanted = list(dict.fromkeys(codes))
    found = await repository.officials(work.connection, wanted)
    belongings = await belongings_of(work, found.values())
    known = [
        confined(caller, each, belongings)
        for code in wanted
        if (each := found.get(code)) is not None and in_scope(caller, each, belongings, today)
    ]
    others = [each.official_code for each in known if each.official_code != caller.official_code]
    if others:
        work.audit("officials.looked_up", f"{len(others)} officials", {"officials": others})
    items = [_item(each, caller, today) for each in known]
    listed = {item.official_code for item in items}
    return LookupAnswer(items=items, missing=[code for code in wanted if code not in listed])


async def code_by_number(work: UnitOfWork, body: LookupBody, keys: PersonKeys) -> LookupAnswer:
    """Looks for the person in the whole country. It is a question, and questions are few a day."""
    caller, today = work.principal, work.clock.today()
    if not caller.may("directory:write"):
        raise Forbidden(
            "Chỉ cơ quan tiếp nhận được tra theo số định danh",
            "Only a receiving body may look up by number",
        )
    _require_proof(body)
    key = bytes.fromhex(keys.person_key(_number(body)))
    await work.questions.require()
    work.questions.count()
    owner = (await repository.owners_of(work.connection, [key])).get(key)
    found = await repository.officials(work.connection, [owner] if owner else [])
    official = found.get(owner) if owner else None
    work.audit("official.looked_up_by_number", owner or "unknown")
    if owner:
        detail = {"code": "lookup", "by_agency": caller.agency}
        work.audit("official.asked_about", owner, detail)
    if official is None or not _agrees(official, body):
        return LookupAnswer(items=[], missing=[])
    belongings = await belongings_of(work, [official])
    item = _item(confined(caller, official, belongings), caller, today)
    if not in_scope(caller, official, belongings, today):
        item.agency_code = None
    return LookupAnswer(items=[item], missing=[])


def _gives_whole_birth_date(body: LookupBody) -> bool:
    return body.birth_date is not None and len(body.birth_date) == 10


def _require_proof(body: LookupBody) -> None:
    malformed = body.birth_date is not None and not is_birth_date(body.birth_date)
    if malformed or not (_gives_whole_birth_date(body) or body.full_name):
        vi = "Cần đủ ngày, tháng, năm sinh hoặc họ tên"
        en = "The whole birth date or the name is needed"
        raise InvalidRequest(
            vi, en, errors=[FieldError("/birth_date", "birth_date_malformed", vi, en)]
        )


def _agrees(official: Official, body: LookupBody) -> bool:
    if _gives_whole_birth_date(body) and official.birth_date != body.birth_date:
        return False
    return body.full_name is None or same_name(official.full_name, body.full_name)


def _number(body: LookupBody) -> PersonIdentity:
    if body.identity is not None:
        part = body.identity
        identity = identity_from(part.type, part.country, part.number)
        pointer = "/identity/number"
        if (fault := country_fault(identity)) is not None:
            pointer = "/identity/country"
    else:
        identity = identity_from("citizen_id", "VN", body.citizen_id or "")
        pointer, fault = "/citizen_id", None
    fault = fault or number_fault(identity)
    if fault is not None:
        raise InvalidRequest(
            fault.vi, fault.en, errors=[FieldError(pointer, fault.code, fault.vi, fault.en)]
        )
    return identity


def _item(official: Official, reader: Principal, today: dt.date) -> LookupItem:
    return LookupItem(
        official_code=official.official_code,
        full_name=reader.shown(official.full_name),
        agency_code=official.agency_on(today),
    )
