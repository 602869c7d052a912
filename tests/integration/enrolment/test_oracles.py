"""No refusal of the directory tells what lies outside the caller's scope."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.making.rosters import agency, citizen, official, plant_tree, post, row
from tests.oracles import OF_ADMINISTRATORS, Question, compare, operations
from tests.running import RunningService

NOTHING_HIDDEN = {
    *("health_live", "health_ready", "metrics", "read_events"),
    *("agency_import_template", "agency_import_template_file"),
    *("official_import_template", "official_import_template_file"),
    *("list_institutions", "export_institutions", "get_institution", "put_institution"),
    *("list_job_positions", "export_job_positions", "get_job_position"),
    *("list_identity_mismatches", "list_evidence_waiting", "list_joinings"),
}
"""Operations that name nothing, or things that every caller may read."""

NEW = citizen(77)
IF_MATCH = ({}, {"If-Match": "*"}, {"If-Match": '"1"'}, {"If-None-Match": "*"})
IN_FULL = ("agency", "authority")
"""Roles that are sent every body; to others, who may write nothing, each is sent once."""
CALLERS: dict[str, dict[str, Any]] = {
    "a clerk elsewhere": {"role": "agency", "agency": "Y.A"},
    "an authority elsewhere": {"role": "authority", "agency": "Y"},
    "an authority of the other bloc": {"role": "authority", "agency": "X", "bloc": "party"},
    "an official": {"role": "official", "official_code": "O-OWN"},
    "an institution": {"role": "institution", "institution": "VINH"},
    "an auditor elsewhere": {"role": "auditor", "agency": "Y"},
}


def own_body(caller: dict[str, Any]) -> str:
    return "X.P" if caller.get("bloc") == "party" else "Y.A"


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def questions(caller: dict[str, Any], move_id: str, joining_id: str) -> list[Question]:
    own = own_body(caller)
    stays = post(own, valid_from="2026-01-01")
    officials = "/v1/officials"
    moves = "/v1/officials/{}/moves"
    moving = {
        "kind": "transfer",
        "effective_on": "2026-10-01",
        "decision_number": "1/QĐ",
        "to_agency": own,
        "citizen_id": NEW,
        "birth_date": "1985-03-02",
    }
    seconded = moving | {"kind": "secondment"}
    gone = without(moving, "to_agency") | {"kind": "death", "effective_on": "2999-01-01"}
    ended = without(moving, "to_agency", "citizen_id") | {"kind": "retirement"}
    fresh = iter(range(10_000, 100_000))
    of_code: list[Question] = []

    def unknown_code(_: int) -> str:
        return f"U-{next(fresh)}"

    def renumbered(body: dict[str, Any]) -> dict[str, Any]:
        """A number that nobody has, where the body gives one."""
        return (
            body | {"citizen_id": citizen(next(fresh))} if body.get("citizen_id") == NEW else body
        )

    def ask(operation: str, method: str, path: str, *bodies: Any, **more: Any) -> None:
        for body in bodies or (None,):
            of_code.append(
                Question(
                    operation,
                    "official_code",
                    method,
                    "O-1",
                    unknown_code,
                    path=path.format,
                    body=None if body is None else lambda _, body=body: renumbered(body),
                    **more,
                )
            )

    ask(
        "put_official",
        "PUT",
        officials + "/{}",
        official(citizen_id=NEW, assignments=[stays]),
        headers=IF_MATCH,
    )
    ask(
        "put_official",
        "PUT",
        officials + "/{}",
        official(citizen_id=NEW),
        vary=False,
        headers=IF_MATCH,
    )
    ask("put_official", "PUT", officials + "/{}", official(1), vary=False)  # a right guess
    ask(
        "put_official",
        "PUT",
        officials + "/{}",
        without(official(citizen_id=NEW, assignments=[stays]), "citizen_id"),
    )
    ask("get_official", "GET", officials + "/{}")
    ask("get_official", "GET", officials + "/{}?as_of=2020-01-01")
    ask("list_certificates_of_official", "GET", officials + "/{}/certificates")
    ask("list_moves", "GET", moves)
    ask("record_move", "POST", moves, moving, seconded, gone, ended)
    ask("record_move", "POST", moves, moving | {"citizen_id": citizen(1), "birth_date": "1985"})
    undo = moves + "/" + move_id + "/reversal"
    ask("reverse_move", "POST", undo, {"decision_number": "2"})
    ask("reverse_move", "POST", moves + f"/{uuid4()}/reversal", {"decision_number": "2"})

    # A taking over between two bodies elsewhere.
    for operation, method, act, body in (
        ("get_joining", "GET", "", None),
        ("confirm_joining", "POST", "/confirmation", {}),
        ("contest_joining", "POST", "/contest", {"reason": "Không"}),
        ("decide_joining", "POST", "/decision",
         {"outcome": "upheld", "decision_number": "7", "decided_on": "2026-11-23"}),
    ):  # fmt: skip
        of_code.append(
            Question(
                operation, "joining", method, joining_id, lambda _: str(uuid4()),
                lambda v, act=act: f"/v1/joinings/{v}{act}",
                body=None if body is None else lambda _, body=body: body,
            )
        )  # fmt: skip

    def also(operation: str, about: str, outside: Any, unknown: Any, **more: Any) -> None:
        more.setdefault("method", "POST")
        path = more.pop("path")
        of_code.append(
            Question(
                operation,
                about,
                outside=outside,
                unknown=unknown,
                path=path if callable(path) else lambda _: path,
                **more,
            )
        )

    def named(code: str) -> dict[str, Any]:
        return {"official_code": code, **official(next(fresh), stays)}

    batch = officials + "/import"
    also("import_officials", "official_code", "O-1", unknown_code, path=batch,
         body=lambda v: [named(v)])  # fmt: skip
    also("lookup_officials", "official_code", "O-1", unknown_code, path=officials + "/lookup",
         body=lambda v: {"official_codes": [v]})  # fmt: skip
    for name in ("citizen_id", "former_identities"):

        def numbered(v: str, name: str = name) -> dict[str, Any]:
            number = {"type": "citizen_id", "country": "VN", "number": v}
            given = v if name == "citizen_id" else [number]
            return official(next(fresh), stays, **{name: given})

        def new_number(n: int) -> str:
            return citizen(200_000 + n)

        also("put_official", "identity number", citizen(1), new_number, method="PUT",
             path=lambda v: f"{officials}/N-{next(fresh)}", body=numbered, vary=False)  # fmt: skip
        also("import_officials", "identity number", citizen(1), new_number, path=batch, vary=False,
             body=lambda v: [{"official_code": f"N-{next(fresh)}", **numbered(v)}])  # fmt: skip
        also("put_official", "number of another", citizen(1), new_number, method="PUT",
             path=f"{officials}/O-2", body=numbered)  # fmt: skip
    also("lookup_officials", "identity number", citizen(1), lambda n: citizen(300_000 + n),
         path=officials + "/lookup",
         body=lambda v: {"citizen_id": v, "birth_date": "1985-03-03"})  # fmt: skip
    also("record_move", "identity number", citizen(1), lambda n: citizen(300_000 + n),
         path=officials + "/O-1/moves",
         body=lambda v: moving | {"citizen_id": v, "birth_date": "1985-03-03"})  # fmt: skip

    # An assignment elsewhere, guessed right and guessed wrong.
    for code in ("O-1", "U-9", "O-OWN"):
        also("put_official", "assignment elsewhere", post("X.A"),
             lambda n: post("X.A", position_title="Khác"), method="PUT",
             path=f"{officials}/{code}", vary=False, headers=IF_MATCH,
             body=lambda v: official(1, v))  # fmt: skip
        also("import_officials", "assignment elsewhere", post("X.A"),
             lambda n: post("X.A", position_title="Khác"), path=batch, vary=False,
             body=lambda v, code=code: [{"official_code": code, **official(1, v)}])  # fmt: skip

    # A body in every place that names one.
    def body_named(operation: str, **more: Any) -> None:
        elsewhere = "Y.A" if own == "X.P" else "X.A"
        also(operation, "agency_code elsewhere", elsewhere, lambda n: f"Q.{n}", **more)

    day = "?as_of=2020-01-01"
    body_named("get_agency", method="GET", path=lambda v: f"/v1/agencies/{v}")
    body_named("get_agency", method="GET", path=lambda v: f"/v1/agencies/{v}{day}")
    for operation, path in (("list_agencies", ""), ("export_agencies", ".csv")):
        body_named(operation, method="GET", path=lambda v, p=path: f"/v1/agencies{p}?under={v}")
    for operation, path in (("list_officials", ""), ("export_officials", ".csv")):
        body_named(operation, method="GET", path=lambda v, p=path: f"{officials}{p}?agency={v}")
    body_named("search_officials", path=officials + "/search",
               body=lambda v: {"name": "Văn", "agency": v})  # fmt: skip
    body_named("import_officials", path=lambda v: f"{batch}?complete_for={v}", body=lambda v: [])
    body_named("import_officials", path=batch, body=lambda v: [row(900_001, post(v))])
    body_named("put_official", method="PUT", path=officials + "/O-OWN", headers=IF_MATCH,
               body=lambda v: official(50, post(v)))  # fmt: skip
    body_named("put_official", method="PUT", path=officials + "/U-1",
               body=lambda v: official(900_001, post(v)))  # fmt: skip
    body_named("record_move", path=officials + "/O-OWN/moves",
               body=lambda v: moving | {"to_agency": v})  # fmt: skip
    body_named("put_job_position", method="PUT",
               path=lambda v: f"/v1/job-positions/P-{next(fresh)}",
               body=lambda v: {"agency_code": v, "name": "Vị trí", "valid_from": "2020-01-01"})  # fmt: skip
    if caller.get("bloc") is None:  # bodies of the other bloc are in scope, their people are not
        version = without(agency("-", own), "code")
        also("put_agency", "agency_code", "X.A", lambda n: f"T.{n}", method="PUT",
             path=lambda v: f"/v1/agencies/{v}", body=lambda v: version, headers=IF_MATCH)  # fmt: skip
        also("put_agency", "agency_code", "X.A", lambda n: f"R.{n}", method="PUT",
             path=lambda v: f"/v1/agencies/{v}", headers=IF_MATCH,
             body=lambda v: version | {"valid_from": "1950-01-01"})  # fmt: skip
        also("import_agencies", "agency_code", "X.A", lambda n: f"S.{n}",
             path="/v1/agencies/import", body=lambda v: [agency(v, own, name="Cơ quan")])  # fmt: skip
        body_named("put_agency", method="PUT", path=lambda v: f"/v1/agencies/Y.N{next(fresh)}",
                   body=lambda v: version | {"parent_code": v})  # fmt: skip
        body_named("import_agencies", path="/v1/agencies/import",
                   body=lambda v: [agency(f"Y.N{next(fresh)}", v, name="Cơ quan")])  # fmt: skip
    return of_code


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


async def populate(service: RunningService, own: str) -> tuple[str, str]:
    """O-1 outside the caller's scope; O-2 there too, moved from X.A to X.B, which X.B had taken over; O-OWN in
    the caller's scope. Returns the ids of the move and of the taking over."""
    admin = service.client()
    for code, body in (
        ("O-1", official(1, post("X.A"))),
        ("O-2", official(2, post("X.A"))),
        ("O-OWN", official(50, post(own))),
    ):
        made = await admin.put(f"/v1/officials/{code}", json=body)
        assert made.status_code == 201, made.text
    moved = await service.client("agency", agency="X.B").post(
        "/v1/officials/O-2/moves",
        json={
            "kind": "transfer",
            "effective_on": "2026-10-01",
            "decision_number": "1",
            "to_agency": "X.B",
            "citizen_id": citizen(2),
            "birth_date": "1985-03-02",
        },
    )
    assert moved.status_code == 201, moved.text
    (joining,) = (await admin.get("/v1/joinings")).json()["items"]
    return moved.json()["move_id"], joining["joining_id"]


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS.keys())
async def test_no_refusal_tells_what_lies_outside_the_scope(
    service: RunningService, caller: dict[str, Any]
) -> None:
    move_id, joining_id = await populate(service, own_body(caller))
    client = service.client(**caller)
    for question in questions(caller, move_id, joining_id):
        in_full = caller["role"] in IN_FULL and "bloc" not in caller
        assert await compare(service, client, question, vary=in_full)


async def test_every_operation_is_asked_or_has_nothing_to_hide(service: RunningService) -> None:
    asked = {
        each.operation for each in questions(CALLERS["an authority elsewhere"], str(uuid4()), "")
    }
    assert operations(service) == asked | NOTHING_HIDDEN | OF_ADMINISTRATORS
    assert not asked & NOTHING_HIDDEN
