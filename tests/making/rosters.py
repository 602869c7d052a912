"""Bodies and people that these tests speak of; all invented."""

from __future__ import annotations

from typing import Any

import httpx


def agency(code: str, parent: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"Cơ quan {code}",
        "parent_code": parent,
        "level": "province",
        "system": "state",
        "province_code": "38",
        "valid_from": "2010-01-01",
        "valid_to": None,
        **changes,
    }


def citizen(number: int) -> str:
    """Twelve digits of a man born in 1985 in Thanh Hóa."""
    return f"038085{number:06d}"


def post(body: str = "X.A", **changes: Any) -> dict[str, Any]:
    return {
        "agency_code": body,
        "status": "civil_servant",
        "position_title": "Chuyên viên",
        "leadership": None,
        "requires_language": False,
        "posting": "regular",
        "primary": True,
        "valid_from": "2018-09-01",
        "valid_to": None,
        **changes,
    }


def official(number: int = 1, *posts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of a PUT."""
    return {
        "citizen_id": citizen(number),
        "full_name": "Nguyễn Văn Ví Dụ",
        "birth_date": "1985-03-02",
        "sex": "male",
        "assignments": list(posts) or [post()],
        **changes,
    }


def row(number: int = 1, *posts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A row of an import."""
    return {"official_code": f"O-{number:06d}", **official(number, *posts, **changes)}


async def send(client: httpx.AsyncClient, path: str, rows: list[Any], **params: str) -> Any:
    answer = await client.post(path, json=rows, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def plant_tree(client: httpx.AsyncClient) -> None:
    """Two provinces X and Y, with the bodies X.A, X.B and Y.A; X.P is the Party's."""
    report = await send(
        client,
        "/v1/agencies/import",
        [
            agency("X"),
            agency("X.A", "X"),
            agency("X.A.1", "X.A"),
            agency("X.B", "X"),
            agency("X.P", "X", system="party", bloc="party"),
            agency("Y"),
            agency("Y.A", "Y"),
        ],
    )
    assert report["rejected"] == 0, report
