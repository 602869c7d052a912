"""HTTP of public verification: no token, rate limited, as JSON or as a page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.certification.framework.documents import Rulebook
from services.certification.framework.levels import Framework
from services.certification.registry.serials import book_code, is_misspelt, spellings
from services.certification.registry.standing import stands, status_of, status_words
from services.certification.verification import repository
from services.certification.verification.certificate_page import (
    found_page,
    too_often_page,
    unknown_page,
)
from services.certification.verification.disclosure import knows_holder
from services.certification.verification.schemas import HolderClaim, VerificationView
from shared.contracts.levels import CEFR
from shared.contracts.problem import (
    InvalidRequest,
    Language,
    NotFound,
    TooManyRequests,
    preferred_language,
)
from shared.persistence.database import Database
from shared.web.problems import problem_responses
from shared.web.rate_limit import RateLimit


async def _within_rate(request: Request) -> None:
    """Raises :class:`TooManyRequests`."""
    limit: RateLimit = request.app.state.verification_limit
    await limit(request)


router = APIRouter(tags=["verification"])

Serial = Annotated[str, Path(min_length=1, max_length=80, description="Số hiệu / Serial")]

_SHOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": VerificationView,
        "description": "Chứng chỉ có trong sổ gốc / The certificate is in the register",
        # Generated clients parse the first form: JSON, which is also what `Accept: */*` gets.
        "content": {"application/json": {}, "text/html": {"schema": {"type": "string"}}},
    },
    **problem_responses(NotFound, TooManyRequests),
}
_SHOWN[404]["content"]["text/html"] = {"schema": {"type": "string"}}
_SHOWN[429]["content"]["text/html"] = {"schema": {"type": "string"}}


@router.get(
    "/v1/verify/{serial:path}",
    operation_id="verify_certificate",
    summary="Tra cứu một chứng chỉ / Verify one certificate",
    response_class=Response,
    responses=_SHOWN,
)
async def verify_certificate(
    serial: Serial,
    request: Request,
    lang: Annotated[
        Language | None,
        Query(description="Ngôn ngữ của trang; bỏ trống: theo trình duyệt / Language of the page"),
    ] = None,
) -> Response:
    """JSON, or a page where `Accept` prefers `text/html`: in English where `lang` or `Accept-Language`
    asks for it, else in Vietnamese. A serial of the register is found in small letters and with stray
    spaces too; the answer has it as registered."""
    language = lang or preferred_language(request.headers.get("accept-language"))
    page = _prefers_html(request.headers.get("accept", ""))
    now = request.app.state.clock.now()
    try:
        await _within_rate(request)
    except TooManyRequests as problem:
        if not page:
            raise
        answer = _html(too_often_page(serial, language, now), problem.status)
        answer.headers.update(problem.headers)
        return answer
    row = await _find(request, serial)
    if row is None:
        misspelt = is_misspelt(serial)
        if page:
            return _html(unknown_page(serial, language, now, misspelt=misspelt), 404)
        raise _unknown(misspelt)
    shown = request.app.state.holder_disclosure == "shown"
    framework = _framework(request.app.state.rulebook, row["framework"])
    view = _view(framework, row, shown)
    return _html(found_page(view, framework, language, now), 200) if page else _json(view)


@router.post(
    "/v1/verify/{serial:path}",
    operation_id="verify_certificate_holder",
    summary="Tra cứu khi biết người được cấp / Verify knowing the holder",
    dependencies=[Depends(_within_rate)],
    response_class=Response,
    responses={
        200: {"model": VerificationView, "description": "Chứng chỉ / The certificate"},
        **problem_responses(NotFound, TooManyRequests, InvalidRequest),
    },
)
async def verify_certificate_holder(
    serial: Serial, claim: HolderClaim, request: Request
) -> Response:
    """With the name or birth date printed on the certificate, in the body so that neither stands in an
    address. Where the installation names holders only to those who know them, this is the way; a claim
    that does not fit is answered like a serial that does not exist."""
    row = await _find(request, serial)
    if row is None or not knows_holder(*_holder(row), claim.full_name, claim.birth_date):
        raise NotFound("Không có chứng chỉ khớp thông tin này", "No certificate fits this")
    shown = request.app.state.holder_disclosure != "never"
    framework = _framework(request.app.state.rulebook, row["framework"])
    return _json(_view(framework, row, shown))


def _unknown(misspelt: bool) -> NotFound:
    if misspelt:
        return NotFound(
            "Không có chứng chỉ với số hiệu này; ký tự kiểm tra ở cuối không khớp, có lẽ gõ nhầm",
            "No certificate has this serial; its check character does not fit, so it may be mistyped",
        )
    return NotFound("Không có chứng chỉ với số hiệu này", "No certificate has this serial")


async def _find(request: Request, serial: str) -> Any:
    if "\x00" in serial:
        return None
    database: Database = request.app.state.database
    async with database.pool.acquire() as connection:
        return await repository.find_public(connection, spellings(serial))


def _prefers_html(accept: str) -> bool:
    """Whether HTML has a higher weight than JSON; a browser names it first, a program asks for neither."""
    weights = {"text/html": 0.0, "application/json": 0.0}
    for part in accept.split(","):
        name, _, parameters = part.strip().partition(";")
        if name in weights:
            _, _, quality = parameters.partition("q=")
            try:
                weights[name] = float(quality or 1)
            except ValueError:
                weights[name] = 0.0
    return weights["text/html"] > weights["application/json"]


def _holder(row: Any) -> tuple[str, dt.date | str]:
    if row["full_name"] is not None:
        return row["full_name"], row["birth_date"]
    stored = msgspec.json.decode(row["holder"] or '{"full_name": "", "birth_date": ""}')
    return stored["full_name"], stored["birth_date"]


def _framework(rulebook: Rulebook, code: str) -> Framework:
    return next(each for each in rulebook.frameworks if each.code == code)


def _view(framework: Framework, row: Any, shown: bool) -> VerificationView:
    status = status_of(row["annex_kinds"])
    level = next(each for each in framework.levels if each.level == row["level"])
    return VerificationView(
        serial=row["serial"],
        status=status,
        status_vi=status_words(status, replaced=row["superseded_by"] is not None)[0],
        stands=stands(status),
        holder_name=_holder(row)[0] if shown else None,
        level=row["level"],
        level_vi=level.label_vi,
        cefr=CEFR[row["level"]],
        framework=row["framework"],
        language=row["language"],
        institution_code=row["institution_code"],
        institution_name=row["institution_name"],
        register_book=row["book_label"]
        or book_code(row["institution_code"], row["book_kind"], row["book_year"]),
        register_number=row["register_number"],
        held_on=row["held_on"],
        issued_on=row["issued_on"],
        valid_until=row["valid_until"],
        decided_on=row["decided_on"],
        supersedes=row["supersedes"],
        superseded_by=row["superseded_by"],
    )


def _json(view: VerificationView) -> Response:
    return Response(
        view.model_dump_json(),
        media_type="application/json",
        headers={"Cache-Control": "no-store", "Vary": "Accept"},
    )


def _html(page: str, status: int) -> Response:
    return Response(
        page,
        status_code=status,
        media_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Language",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
