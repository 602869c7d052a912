"""HTTP of public verification: no token, rate limited, as JSON or as a page."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.certification.framework.documents import Rulebook
from services.certification.registry.errors import SerialAmbiguous
from services.certification.registry.serials import is_misspelt
from services.certification.settings import HolderDisclosure
from services.certification.verification import use_cases
from services.certification.verification.certificate_page import (
    START,
    HolderNote,
    found_page,
    several_page,
    start_page,
    too_often_page,
    unknown_page,
)
from services.certification.verification.disclosure import day_of
from services.certification.verification.errors import HolderGuessesSpent, no_match, unknown_serial
from services.certification.verification.rows import PublicCertificate
from services.certification.verification.schemas import (
    FORM_SCHEMA,
    HolderClaim,
    VerificationGuide,
    VerificationView,
)
from services.certification.verification.views import framework_of, view_of
from shared.contracts.accept import wishes_in
from shared.contracts.problem import (
    FieldError,
    InvalidRequest,
    Language,
    NotFound,
    TooManyRequests,
    UnsupportedMediaType,
    preferred_language,
    repeatable,
)
from shared.web.edge import PublicRoute
from shared.web.problems import problem_responses
from shared.web.rate_limit import RateLimit


async def _within_rate(request: Request) -> None:
    """Raises :class:`TooManyRequests`."""
    limit: RateLimit = request.app.state.verification_limit
    await limit(request)


router = APIRouter(tags=["verification"], route_class=PublicRoute)

Serial = Annotated[str, Path(min_length=1, max_length=80, description="Số hiệu / Serial")]
PageLanguage = Annotated[
    Language | None,
    Query(description="Ngôn ngữ của trang; bỏ trống: theo trình duyệt / Language of the page"),
]
FORM: Final = "application/x-www-form-urlencoded"

_HTML: Final[dict[str, Any]] = {"text/html": {"schema": {"type": "string"}}}
_SHOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": VerificationView,
        "description": "Chứng chỉ có trong sổ gốc / The certificate is in the register",
        # Generated clients parse the first form: JSON, which is also what `Accept: */*` gets.
        "content": {"application/json": {}, **_HTML},
    },
    **problem_responses(NotFound, SerialAmbiguous, TooManyRequests),
}
_SHOWN[404]["content"] |= _HTML
_SHOWN[409]["content"] |= _HTML
_SHOWN[429]["content"] |= _HTML


class _Asked:
    """A request as far as pages and languages go."""

    def __init__(self, request: Request, lang: Language | None) -> None:
        self.request = request
        self.language = lang or preferred_language(request.headers.get("accept-language"))
        self.page = _prefers_html(request.headers.get("accept", ""))
        self.now: dt.datetime = request.app.state.clock.now()
        disclosure: HolderDisclosure = request.app.state.holder_disclosure
        self.disclosure = disclosure

    def found(
        self,
        row: PublicCertificate,
        *,
        named: bool,
        note: HolderNote | None = None,
        status: int = 200,
    ) -> Response:
        framework = framework_of(self.request.app.state.rulebook, row)
        view = view_of(framework, row, named=named)
        if not self.page:
            return _json(view)
        asks = self.disclosure == "on_match"
        return _html(
            found_page(view, framework, self.language, self.now, asks_holder=asks, note=note),
            status,
        )

    async def unknown(self, serial: str) -> Response:
        """Raises :class:`NotFound` where no page is wanted."""
        misspelt = is_misspelt(serial)
        near = await use_cases.serials_meant(self.request.app.state.database, serial)
        if not self.page:
            raise unknown_serial(misspelt, near)
        page = unknown_page(serial, self.language, self.now, misspelt=misspelt, near=near)
        return _html(page, 404)

    def several(self, serial: str) -> Response:
        """Raises :class:`SerialAmbiguous` where no page is wanted. Nobody is named."""
        if not self.page:
            raise SerialAmbiguous(
                "Nhiều dòng cũ trong sổ gốc mang số hiệu này; hãy hỏi đơn vị cấp, hoặc gửi họ tên, ngày sinh",
                "Several old lines of the register have this serial; ask the issuer, or send name or birth date",
            )
        return _html(several_page(serial, self.language, self.now), SerialAmbiguous.status)

    async def too_often(self, serial: str) -> Response | None:
        """Raises :class:`TooManyRequests` where no page is wanted."""
        try:
            await _within_rate(self.request)
        except TooManyRequests as problem:
            if not self.page:
                raise
            answer = _html(too_often_page(serial, self.language, self.now), problem.status)
            answer.headers.update(problem.headers)
            return answer
        return None


@router.get("/", include_in_schema=False)
@router.get("/v1/verify/", include_in_schema=False)
@router.get(
    START,
    operation_id="start_verification",
    summary="Trang tra cứu / Where a serial is typed",
    response_class=Response,
    responses={
        200: {
            "model": VerificationGuide,
            "description": "Cách tra cứu / How to verify",
            "content": {"application/json": {}, **_HTML},
        },
        **problem_responses(NotFound, SerialAmbiguous, TooManyRequests),
    },
)
async def start_verification(
    request: Request,
    serial: Annotated[
        str | None, Query(max_length=80, description="Số hiệu / Serial; as `/v1/verify/{serial}`")
    ] = None,
    lang: PageLanguage = None,
) -> Response:
    """To a browser a page with a form, to a program where to ask. With `serial` the answer is that of
    `/v1/verify/{serial}`."""
    if serial is not None and serial.strip():
        return await _look_up(request, serial, lang)
    asked = _Asked(request, lang)
    if asked.page:
        return _html(start_page(asked.language), 200)
    return _json(VerificationGuide())


@router.post(
    START,
    operation_id="verify_certificate_by_form",
    summary="Tra cứu bằng biểu mẫu / Verify by the page's form",
    response_class=Response,
    responses={
        **_SHOWN,
        **problem_responses(InvalidRequest, UnsupportedMediaType),
        **problem_responses(TooManyRequests, HolderGuessesSpent),
    },
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": FORM_SCHEMA}}}},
)
async def verify_certificate_by_form(request: Request, lang: PageLanguage = None) -> Response:
    """What the form of the page sends: serial, and the name or the birth date (day/month/year) of the
    holder. Programs better use `POST /v1/verify/{serial}`."""
    given = await _form(request)
    serial = given.get("serial", "").strip()[:80]
    asked = _Asked(request, lang)
    if not serial:
        return _html(start_page(asked.language), 200)
    refused = await asked.too_often(serial)
    if refused is not None:
        return refused
    rows = await use_cases.find(request.app.state.database, serial)
    if not rows:
        return await asked.unknown(serial)
    if len(rows) > 1:
        return asked.several(serial)
    row = rows[0]
    if asked.disclosure != "on_match":
        return asked.found(row, named=asked.disclosure == "shown")
    name, typed = given.get("full_name", "").strip(), given.get("birth_date", "").strip()
    day = day_of(typed)
    if not name and day is None:
        return asked.found(row, named=False, note="no_date" if typed else "empty")
    try:
        fits = await _check(request).holder_fits(rows, name or None, day) is not None
    except HolderGuessesSpent as problem:
        if not asked.page:
            raise
        answer = asked.found(row, named=False, note="spent", status=problem.status)
        answer.headers.update(problem.headers)
        return answer
    return asked.found(row, named=fits, note="match" if fits else "mismatch")


@router.get(
    "/v1/verify/{serial:path}",
    operation_id="verify_certificate",
    summary="Tra cứu một chứng chỉ / Verify one certificate",
    response_class=Response,
    responses=_SHOWN,
)
async def verify_certificate(
    serial: Serial, request: Request, lang: PageLanguage = None
) -> Response:
    """JSON, or a page where `Accept` prefers `text/html`: in English where `lang` or `Accept-Language`
    asks for it, else in Vietnamese. A serial of the register is found in small letters and with stray
    spaces too, and with letters that were typed for digits where its check character tells so; the answer has
    it as registered. Where separators, zeros or look-alike letters differ otherwise, nothing is shown, and
    `did_you_mean` of the refusal names the one serial that may be meant."""
    return await _look_up(request, serial, lang)


async def _look_up(request: Request, serial: str, lang: Language | None) -> Response:
    asked = _Asked(request, lang)
    refused = await asked.too_often(serial)
    if refused is not None:
        return refused
    rows = await use_cases.find(request.app.state.database, serial)
    if not rows:
        return await asked.unknown(serial)
    if len(rows) > 1:
        return asked.several(serial)
    return asked.found(rows[0], named=asked.disclosure == "shown")


@router.post(
    "/v1/verify/{serial:path}",
    operation_id="verify_certificate_holder",
    summary="Tra cứu khi biết người được cấp / Verify knowing the holder",
    dependencies=[Depends(_within_rate)],
    response_class=Response,
    responses={
        200: {"model": VerificationView, "description": "Chứng chỉ / The certificate"},
        **problem_responses(NotFound, TooManyRequests, HolderGuessesSpent, InvalidRequest),
    },
)
async def verify_certificate_holder(
    serial: Serial, claim: HolderClaim, request: Request
) -> Response:
    """With the name or birth date printed on the certificate, in the body so that neither stands in an
    address. Where the installation names holders only to those who know them, this is the way; a claim
    that does not fit is answered like a serial that does not exist. After a few wrong claims of a day the
    holder of that certificate is not compared any more (`holder_guesses_spent`, with the certificate in
    `certificate`)."""
    rows = await use_cases.find(request.app.state.database, serial)
    if not rows:
        raise no_match()
    rulebook: Rulebook = request.app.state.rulebook
    disclosure: HolderDisclosure = request.app.state.holder_disclosure
    try:
        row = await _check(request).holder_fits(rows, claim.full_name, claim.birth_date)
    except HolderGuessesSpent as problem:
        if len(rows) == 1:
            framework = framework_of(rulebook, rows[0])
            shown = view_of(framework, rows[0], named=disclosure == "shown")
            problem.extra["certificate"] = shown.model_dump(mode="json")
        raise
    if row is None:
        raise no_match()
    return _json(view_of(framework_of(rulebook, row), row, named=disclosure != "never"))


def _check(request: Request) -> use_cases.HolderCheck:
    state = request.app.state
    limit: RateLimit = state.verification_limit
    return use_cases.HolderCheck(
        state.database, state.verification_guesses, state.clock, limit.client_of(request)
    )


async def _form(request: Request) -> dict[str, str]:
    """The value of each field. Raises 415 for another body, 422 for one that is no form or has a field twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise UnsupportedMediaType(
            "Cần biểu mẫu application/x-www-form-urlencoded; chương trình gửi JSON đến /v1/verify/{serial}",
            "A form (application/x-www-form-urlencoded) is needed; programs send JSON to /v1/verify/{serial}",
        )
    raw = await request.body()
    try:
        fields = parse_qsl(raw.decode("ascii"), errors="strict", max_num_fields=20)
    except ValueError:
        vi, en = "Biểu mẫu không đọc được", "The form cannot be read"
        raise InvalidRequest(vi, en) from None
    given: dict[str, str] = {}
    for name, value in fields:
        if given.setdefault(name, value) != value:
            vi, en = "trường này có hai giá trị", "this field has two values"
            raise InvalidRequest(
                vi, en, errors=[FieldError(f"/{repeatable(name)}", "key_repeated", vi, en)]
            )
    return given


def _prefers_html(accept: str) -> bool:
    """Whether HTML has a higher weight than JSON; a browser names it first, a program asks for neither."""
    weights = {"text/html": 0.0, "application/json": 0.0}
    for name, weight in wishes_in(accept):
        weights[name] = weight or 0.0
    return weights["text/html"] > weights["application/json"]


def _json(view: VerificationView | VerificationGuide) -> Response:
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
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )
