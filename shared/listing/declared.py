"""A list is declared once: its filters, its rights, its cursor, and the files it is also given as.

    CERTIFICATES = Listing(
        path="/v1/certificates", name="certificates", summary="…", description="…",
        filters=CertificateFilters,          # a query model: each filter written once
        ask=asked, read=read_certificates,   # who may ask for what; one page of it
        key=(RowNumber, RowNumber), page=CertificatePage,
        file=ListFile(REGISTER_LIST, summary="…", description="…"),
        refusals=(Forbidden, NotFound),
    )
    add_list(router, CERTIFICATES)

makes ``GET /v1/certificates`` and, with ``file``, ``GET /v1/certificates.csv`` and ``.xlsx``.
"""

# Without postponed annotations: FastAPI reads the filters of each list from its endpoints' signatures.

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from shared.contracts.problem import CursorUnknown, InvalidRequest, NotAcceptable, Problem
from shared.imports.layout import SheetLayout
from shared.listing.files import PAGE, exported
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import Work
from shared.web.problems import problem_responses

Filters = TypeVar("Filters", bound=BaseModel)
Asked = TypeVar("Asked")
Item = TypeVar("Item")


class NoFilters(BaseModel):
    """Query model of a list that cannot be narrowed."""


def one_row(item: BaseModel) -> Iterable[Mapping[str, Any]]:
    """An item is one row of the file, as it stands in JSON."""
    return (item.model_dump(mode="json"),)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListFile:
    """The whole list as a file."""

    layout: SheetLayout
    summary: str
    description: str
    rows: Callable[[Any], Iterable[Mapping[str, Any]]] = one_row
    """The rows of one item, in their JSON form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Generic[Filters, Asked, Item]):
    """``name`` ends the operation ids and begins the name of the file."""

    path: str
    name: str
    summary: str
    description: str
    filters: type[Filters]
    ask: Callable[[Request, UnitOfWork, Filters], Awaitable[Asked]]
    """Who may ask, and for what. Raises whatever refuses: a file that has begun to leave cannot be refused."""
    read: Callable[[UnitOfWork, Asked, Any, int], Awaitable[tuple[Sequence[Item], Any]]]
    """At most so many items after a key (null: from the beginning), and the key of the last of them, a tuple;
    null at the end."""
    key: tuple[Any, ...]
    """The types of the cursor's parts."""
    page: type[BaseModel] | None
    """The answer's model, with ``items`` and ``next``; null where :attr:`answer` writes it."""
    answer: Callable[[Sequence[Item], str | None], Response] | None = None
    file: ListFile | None = None
    refusals: tuple[type[Problem], ...] = ()
    content: Mapping[str, Any] | None = None
    """OpenAPI content of the JSON answer, where :attr:`answer` writes it."""


def add_list(router: APIRouter, listing: Listing[Any, Any, Any]) -> None:
    """The list, and its file at the address with an ending."""
    asked_by = Annotated[listing.filters, Query()]  # type: ignore[name-defined]  # known when it is declared
    file = listing.file

    async def listed(
        request: Request,
        work: Work,
        filters: asked_by,
        limit: PageLimit = 100,
        cursor: AnyPageCursor = None,
    ) -> Any:
        asked = await listing.ask(request, work, filters)
        form = None if file is None else form_asked_for(request, None)
        if form is not None:
            return _file(request, listing, asked, form)
        after = decode_page_cursor(cursor, *listing.key)
        items, last = await listing.read(work, asked, after, limit)
        following = None if last is None else encode_page_cursor(*last)
        if listing.answer is not None:
            return listing.answer(items, following)
        assert listing.page is not None
        return listing.page(items=items, next=following)

    listed.__doc__ = listing.description
    content = {**(listing.content or {}), **(FILES if file else {})}
    refusals = (*listing.refusals, CursorUnknown, InvalidRequest)
    router.add_api_route(
        listing.path,
        listed,
        methods=["GET"],
        operation_id=f"list_{listing.name.replace('-', '_')}",
        summary=listing.summary,
        response_model=listing.page,
        responses={
            **({200: {"content": content}} if content else {}),
            **problem_responses(*refusals, *((NotAcceptable,) if file else ())),
        },
    )
    if file is None:
        return

    async def named(
        form: FormByName,
        request: Request,
        work: Work,
        filters: asked_by,
    ) -> Response:
        return _file(request, listing, await listing.ask(request, work, filters), form)

    named.__doc__ = file.description
    router.add_api_route(
        f"{listing.path}.{{form}}",
        named,
        methods=["GET"],
        operation_id=f"export_{listing.name.replace('-', '_')}",
        summary=file.summary,
        response_class=Response,
        responses={
            200: {"content": NAMED_FILES},
            **problem_responses(*listing.refusals, InvalidRequest),
        },
    )


def _file(request: Request, listing: Listing[Any, Any, Any], asked: Any, form: Form) -> Response:
    file = listing.file
    assert file is not None

    async def page(work: UnitOfWork, after: Any) -> tuple[list[Mapping[str, Any]], Any]:
        items, last = await listing.read(work, asked, after, PAGE)
        return [row for item in items for row in file.rows(item)], last

    return exported(request, file.layout, listing.name, form, page)
