"""Small random worlds as raw events, and questions to ask of them: material for property tests.

A world holds one plan's province, one that is merged into it on 2025-07-01, their bodies through the end of
the district level, and a handful of officials with what they hold. Dates crowd around the days on which
something turns, because that is where counting goes wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import strategies as st

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import CATALOGUE, available_options, choose
from services.targets.plans.schemas import Plan, Validity
from tests.worlds import events as made
from tests.worlds.events import Event

Draw = Callable[[st.SearchStrategy[Any]], Any]


def _plans() -> dict[str, Plan]:
    """The five, and a sixth that states how long tests count (no real one does)."""
    plans = load_plans()
    months = (
        Validity(test="VSTEP.3-5", months=24, certainty="invented", source="test"),
        Validity(test="IELTS", months=18, certainty="invented", source="test"),
    )
    sixth = msgspec.structs.replace(plans["quangtri-2022"], id="sixth-2023", validity=months)
    return {**plans, sixth.id: sixth}


PLANS: Mapping[str, Plan] = _plans()

BEGIN = dt.date(2015, 1, 1)
TURN = dt.date(2025, 7, 1)
LAST = dt.date(2025, 6, 30)

PROVINCES = (
    # plan's body, old code, new code, body merged into it (or one that stays apart), its old code
    ("H15", "66", "66", "H61", "54"),
    ("H29", "79", "79", "H09", "74"),
    ("H13", "92", "92", "H30", "93"),
    ("H50", "45", "44", "H46", "44"),
    ("H56", "38", "38", "H40", "40"),
)

TURNING_DAYS = tuple(
    dt.date.fromisoformat(each)
    for each in (
        "2019-12-31",
        "2023-02-28",
        "2023-03-01",
        "2024-02-28",
        "2024-02-29",
        "2024-12-31",
        "2025-01-01",
        "2025-06-29",
        "2025-06-30",
        "2025-07-01",
        "2025-07-02",
        "2025-12-30",
        "2025-12-31",
        "2026-01-01",
        "2026-11-22",
        "2030-12-31",
        "2031-01-01",
    )
)

BIRTHS = (
    "1984-02-29",
    "1986-02-28",
    "1985-06-30",
    "1985-07-01",
    "1985-12-31",
    "1986-01-01",
    "1984-12-31",
    "1990-12-31",
    "1991-01-01",
    "1988-02-29",
    "1970-05-05",
    "1985",
    "1986",
    "1990",
)

days = st.one_of(
    st.sampled_from(TURNING_DAYS),
    st.dates(min_value=dt.date(2019, 1, 1), max_value=dt.date(2032, 1, 1)),
)
past_days = st.one_of(
    st.sampled_from([day for day in TURNING_DAYS if day < dt.date(2027, 1, 1)]),
    st.dates(min_value=dt.date(2019, 1, 1), max_value=dt.date(2026, 11, 22)),
)
_booleans = st.booleans()
_BLOCS = (None, None, None, "state", "party")
_mostly = st.sampled_from([False, True, True, True])
_rarely = st.sampled_from([False, False, False, True])
_seldom = st.sampled_from([False] * 11 + [True])


@dataclass(frozen=True)
class World:
    """``enrolment`` and ``certification`` are the feeds, in order; ``events`` is one interleaving of both."""

    enrolment: tuple[Event, ...]
    certification: tuple[Event, ...]
    events: tuple[Event, ...]
    agency_codes: tuple[str, ...]
    body: str
    """The province body that goes on, and mostly the one asked."""


@dataclass(frozen=True)
class Question:
    plan: Plan
    agency: str | None
    as_of: dt.date
    readings: Mapping[str, str]
    """Every switch named."""


@dataclass
class _Tree:
    draw: Draw
    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, code: str, *versions: dict[str, Any]) -> None:
        self.histories[code] = list(versions)


def _body(draw: Draw, parent: str | None, province: str, level: str, **said: Any) -> dict[str, Any]:
    """One version from BEGIN on, open-ended."""
    return made.agency_version(BEGIN, parent=parent, province=province, level=level, **said)


def _until(version: dict[str, Any], last: dt.date) -> dict[str, Any]:
    return {**version, "valid_to": last.isoformat()}


def _then(version: dict[str, Any], first: dt.date, **changed: Any) -> dict[str, Any]:
    return {**version, "valid_from": first.isoformat(), "valid_to": None, **changed}


_SYSTEMS = st.sampled_from(["state", "state", "party", "socio_political", "public_service"])
_KINDS = st.sampled_from(["xa", "xa", "phuong", "thi_tran", "dac_khu"])


def _survivor(tree: _Tree, body: str, old: str, new: str, root: str | None) -> None:
    """The province whose body goes on: offices, a district that ends, communes that move or end."""
    draw = tree.draw
    whole = _body(draw, root, old, "province")
    tree.add(body, _until(whole, LAST), _then(whole, TURN, province_code=new))
    for number in range(draw(st.integers(1, 3))):
        office = _body(
            draw,
            body,
            old,
            "province",
            system=draw(_SYSTEMS),
            central_vertical=draw(_seldom),
        )
        tree.add(f"{body}.0{number}", *_office_history(tree, office, body, new, number))
    district = f"{body}.D"
    tree.add(district, _until(_body(draw, body, old, "district"), LAST))
    _below_district(tree, district, body, old, new)
    if body == "H56":
        health = _body(draw, "H56", old, "province")
        tree.add("H56.09", health)
        centre = _body(draw, "H56.09", old, "district", system="public_service")
        tree.add("H56.09.TTYTHH", _until(centre, LAST), _then(centre, TURN, level="province"))
        tree.add(
            "H56.09.TTYTHH.T1",
            _body(draw, "H56.09.TTYTHH", old, "commune", system="public_service"),
        )


def _office_history(
    tree: _Tree, office: dict[str, Any], body: str, new: str, number: int
) -> list[dict[str, Any]]:
    """Goes on unchanged, re-read in the new code list, moved under another office, or ended."""
    draw = tree.draw
    fate = draw(st.sampled_from(["stay", "stay", "renew", "move", "end"]))
    if fate == "renew":
        return [_until(office, LAST), _then(office, TURN, province_code=new)]
    if fate == "move" and number > 0:
        day = draw(st.sampled_from([dt.date(2024, 3, 1), TURN, dt.date(2026, 3, 1)]))
        host = tree.histories[f"{body}.00"]
        if host[-1]["valid_to"] is None:
            code = new if day >= TURN else office["province_code"]
            return [
                _until(office, day - dt.timedelta(days=1)),
                _then(office, day, parent_code=f"{body}.00", province_code=code),
            ]
    if fate == "end" and number > 0:
        return [_until(office, draw(st.sampled_from([dt.date(2024, 12, 31), LAST])))]
    return [office]


def _below_district(tree: _Tree, district: str, heir: str, old: str, new: str) -> None:
    """A school and two communes below a district; each ends with it or goes on below ``heir``."""
    draw = tree.draw
    for suffix, level, system in (
        ("S", "district", "public_service"),
        ("C1", "commune", "state"),
        ("C2", "commune", draw(_SYSTEMS)),
    ):
        kind = draw(_KINDS) if level == "commune" else None
        unit = _body(draw, district, old, level, system=system, commune_kind=kind)
        versions = [_until(unit, LAST)]
        if draw(_booleans):
            changed: dict[str, Any] = {"parent_code": heir, "province_code": new}
            if level == "district":
                changed["level"] = draw(st.sampled_from(["province", "commune"]))
            elif draw(_booleans):
                changed["commune_kind"] = draw(_KINDS)
            versions.append(_then(unit, TURN, **changed))
        tree.add(f"{district}.{suffix}", *versions)


def _absorbed(tree: _Tree, body: str, old: str, heir: str, new: str, root: str | None) -> None:
    """The province that ends; one office and what was below its district may go on below the heir."""
    draw = tree.draw
    tree.add(body, _until(_body(draw, root, old, "province"), LAST))
    office = _body(draw, body, old, "province", system=draw(_SYSTEMS))
    versions = [_until(office, LAST)]
    if draw(_booleans):
        versions.append(_then(office, TURN, parent_code=heir, province_code=new))
    tree.add(f"{body}.00", *versions)
    tree.add(f"{body}.D", _until(_body(draw, body, old, "district"), LAST))
    _below_district(tree, f"{body}.D", heir, old, new)


def _successors(tree: _Tree, body: str, new: str) -> None:
    """Bodies founded with the turn or later: of one origin, of two, of an unknown one, of successors."""
    draw = tree.draw
    for number in range(draw(st.integers(0, 3))):
        first = draw(st.sampled_from([TURN, TURN, dt.date(2026, 4, 30)]))
        level = draw(st.sampled_from(["commune", "commune", "province"]))
        unit = made.agency_version(
            first,
            parent=body,
            province=new,
            level=level,
            system=draw(_SYSTEMS),
            commune_kind=draw(_KINDS) if level == "commune" else None,
            predecessors=draw(
                st.lists(st.sampled_from([*tree.histories, "Z99.UNKNOWN"]), max_size=2, unique=True)
            ),
        )
        tree.add(f"{body}.N{number}", unit)


def _interval_days(draw: Draw) -> list[dt.date]:
    """Days on which a career turns, in order; mostly it begins well before anything is asked."""
    begins = draw(
        st.one_of(st.just(dt.date(2018, 9, 1)), st.just(dt.date(2019, 12, 31)), past_days)
    )
    return sorted({begins, *draw(st.sets(past_days, max_size=2))})


_LEADERSHIP = st.sampled_from(
    [None, None, "below_division", "division", "division", "above_division"]
)


def _status(draw: Draw, system: str) -> str:
    """Mostly what such a body employs; any status may stand anywhere."""
    if draw(_seldom):
        statuses = ["contract_staff", "part_time_commune"]
    elif draw(_seldom):
        statuses = ["cadre", "civil_servant", "public_employee"]
    elif system == "public_service":
        statuses = ["public_employee", "public_employee", "civil_servant"]
    else:
        statuses = ["cadre", "civil_servant"]
    status: str = draw(st.sampled_from(statuses))
    return status


def _assignments(draw: Draw, tree: _Tree) -> list[dict[str, Any]]:
    """Primary assignments one after the other, gaps allowed, the last one open or not; perhaps a secondment."""
    cuts = _interval_days(draw)
    founded = [code for code in tree.histories if ".N" in code]
    codes = [*tree.histories, *founded, *founded]
    career = []
    for index, first in enumerate(cuts):
        last = cuts[index + 1] - dt.timedelta(days=1) if index + 1 < len(cuts) else None
        if last is None and draw(_seldom):
            last = first + dt.timedelta(days=draw(st.integers(0, 800)))
        elif last is not None and last > first and draw(_rarely):
            last -= dt.timedelta(days=1)
        attributes: dict[str, Any] = {
            name: draw(st.sampled_from([True, False])) if draw(_seldom) else None
            for name in ("language_teacher", "foreign_affairs", "language_qualified_post")
        }
        code = draw(st.sampled_from(codes))
        career.append(
            made.assignment(
                code,
                _status(draw, tree.histories[code][0]["system"]),
                first,
                last,
                leadership=draw(_LEADERSHIP),
                requires_language=draw(_booleans),
                **attributes,
            )
        )
    if draw(_seldom):
        career.append(
            made.assignment(
                draw(st.sampled_from(codes)),
                "public_employee",
                draw(past_days),
                leadership="division",
                requires_language=True,
                primary=False,
                posting="secondment",
                language_teacher=True,
            )
        )
    return career


def _attributes(draw: Draw) -> dict[str, Any]:
    said: dict[str, Any] = {
        name: draw(_seldom)
        for name in (
            "language_teacher",
            "foreign_affairs",
            "language_qualified_post",
            "central_vertical",
        )
    }
    for degree in ("language_degree", "foreign_taught_degree"):
        said[degree] = draw(_seldom)
        if draw(_rarely):
            said[f"{degree}_awarded_on"] = draw(past_days).isoformat()
    return said


_LANGUAGES = st.sampled_from(["en"] * 8 + ["fr", "fr", "zh", "km", "km", "lo", "tyz", "vi", "qqq"])
_LEVELS = st.sampled_from([0, 2, 3, 3, 4, 4, 4, 4, 5, 6])


def _papers(
    draw: Draw, name: str, keys: list[tuple[str, str | None]], authorities: list[str | None]
) -> list[Event]:
    """What one person holds: certificates and evidence with all that can befall them, in feed order."""
    feed: list[Event] = []
    for number in range(draw(st.integers(0, 4))):
        key, check = draw(st.sampled_from(keys))
        said_check = "check-other" if draw(_seldom) else draw(st.sampled_from([check, check, None]))
        title = f"{name}-{number}"
        first = draw(st.one_of(past_days, st.just(dt.date(2022, 5, 5))))
        end = draw(
            st.one_of(st.none(), st.none(), st.sampled_from(TURNING_DAYS), st.just("two years"))
        )
        if end == "two years":
            end = first + dt.timedelta(days=730)
        language = draw(_LANGUAGES)
        if draw(_booleans):
            feed += _certificate_history(draw, title, key, said_check, first, end, language)
        else:
            filed = _evidence_history(draw, title, key, said_check, first, end, language)
            feed += _by_authorities(draw, filed, authorities) if draw(_mostly) else filed
    return feed


def _certificate_history(
    draw: Draw,
    serial: str,
    key: str,
    check: str | None,
    first: dt.date,
    end: dt.date | None,
    language: str,
) -> list[Event]:
    form = draw(st.sampled_from(["VSTEP.3-5", "VSTEP.2", None]))

    def issue(name: str, issued_on: dt.date, **said: Any) -> Event:
        return made.certificate(
            name,
            key,
            draw(_LEVELS),
            issued_on,
            language=language,
            birth_check=check,
            valid_until=end,
            format=form,
            **said,
        )

    feed = [issue(serial, first)]
    standing = serial
    fate = draw(st.sampled_from(["stands", "re-marked", "fell", "reissued", "reissued"]))
    if fate in ("re-marked", "reissued"):
        decided_on = draw(past_days.filter(lambda day: day >= first))
        standing = f"{serial}-b"
        original = first if fate == "reissued" else None
        feed.append(made.superseded(serial, key, decided_on, by=standing))
        printed_on = decided_on + dt.timedelta(days=draw(st.sampled_from([0, 0, 1, 20, 200])))
        feed.append(issue(standing, printed_on, supersedes=serial, counts_from=original))
    elif fate == "fell":
        decided_on = draw(past_days.filter(lambda day: day >= first))
        feed.append(made.superseded(serial, key, decided_on))
    if draw(_rarely):
        effect = draw(st.sampled_from(["from_decision", "from_issue"]))
        feed.append(made.revoked(standing, key, draw(past_days), effect))
    if draw(_rarely):
        effect = draw(st.sampled_from(["from_decision", "from_issue"]))
        feed.append(made.revoked(serial, key, draw(past_days), effect))
    return feed


def _evidence_history(
    draw: Draw,
    title: str,
    key: str,
    check: str | None,
    dated: dt.date,
    end: dt.date | None,
    language: str,
) -> list[Event]:
    feed = [made.evidence_recorded(title, key)]
    if draw(_rarely):
        return feed
    said: dict[str, Any] = {"birth_check": check, "expires_on": end, "language": language}
    if draw(_booleans):
        feed.append(made.specialised_evidence(title, key, dated, **said))
    else:
        kind = draw(st.sampled_from(["foreign_certificate", "language_degree", "manual_decision"]))
        test = draw(st.sampled_from(["IELTS", None]))
        specialised = kind == "manual_decision" and draw(_booleans)
        feed.append(
            made.evidence(
                title,
                key,
                draw(_LEVELS),
                dated,
                kind=kind,
                test=test,
                specialised=specialised,
                **said,
            )
        )
    if draw(_rarely):
        feed.append(made.withdrawn(title, key, draw(past_days)))
    return feed


def _by_authorities(draw: Draw, filed: list[Event], authorities: list[str | None]) -> list[Event]:
    """The paper's acceptance as that of one authority or several, each of which may withdraw its own."""
    feed = [event for event in filed if "recorded" in event["type"]]
    for event in filed:
        if "accepted" not in event["type"]:
            continue
        chosen = st.tuples(st.sampled_from(authorities), st.sampled_from(_BLOCS))
        for authority, bloc in draw(st.lists(chosen, min_size=1, max_size=3, unique=True)):
            said = {**event["data"], "decided_on": draw(past_days).isoformat()}
            if said["level"] is not None:
                said["level"] = draw(_LEVELS)
            accepted = made.accepted_by(authority, {**event, "data": said}, bloc)
            feed.append(accepted)
            if draw(_rarely):
                feed.append(made.withdrawal_of(accepted, draw(past_days)))
    return feed


def _official(draw: Draw, name: str, tree: _Tree) -> tuple[list[Event], list[Event]]:
    """Enrolment's and certification's events of one person."""
    born = draw(st.sampled_from(BIRTHS))
    key = f"key-{name}"
    keys: list[tuple[str, str | None]] = [(key, made.check_of(key, born))]
    attributes = _attributes(draw)
    career = _assignments(draw, tree)
    feed = []
    version = 1
    if draw(_booleans):
        earlier = draw(st.sampled_from(BIRTHS))
        feed.append(made.official(name, career[0], born=earlier, version=version))
        version += 1
    feed.append(made.official(name, *career, born=born, version=version, **attributes))
    if draw(_rarely):
        former = f"former-{name}"
        keys.append((former, made.check_of(former, born)))
        feed.append(made.linked(name, *keys, version=version + 1))
    if draw(_seldom):
        keys.append((f"nobody-{name}", None))
    tops = [code for code in tree.histories if "." not in code]
    authorities = [None, *tree.histories, *tops, *tops, *tops]
    return feed, _papers(draw, name, keys, authorities)


@st.composite
def worlds(
    draw: Draw,
    min_officials: int = 3,
    max_officials: int = 8,
    provinces: st.SearchStrategy[Any] = st.sampled_from(PROVINCES),
) -> World:
    """One province with a plan, one beside it, and a handful of people."""
    body, old, new, other, other_old = draw(provinces)
    tree = _Tree(draw)
    root = None
    if draw(_booleans):
        root = "A01"
        tree.add(root, made.agency_version(BEGIN, level="central", province="01"))
    _survivor(tree, body, old, new, root)
    if body == "H56":
        beside = _body(draw, root, other_old, "province")
        tree.add(other, beside)
        tree.add(f"{other}.00", {**beside, "parent_code": other})
    else:
        _absorbed(tree, other, other_old, body, new, root)
    _successors(tree, body, new)

    codes = list(tree.histories)
    enrolment: list[Event] = []
    for code, versions in tree.histories.items():
        version = 1
        if len(versions) > 1 and draw(_rarely):
            opened = {**versions[0], "valid_to": None}
            enrolment.append(made.agency(code, opened, version=version))
            version += 1
        enrolment.append(made.agency(code, *versions, version=version))
    certification: list[Event] = []
    for number in range(draw(st.integers(min_officials, max_officials))):
        theirs, held = _official(draw, f"CB{number}", tree)
        enrolment += theirs
        certification += held
    return World(
        enrolment=tuple(enrolment),
        certification=tuple(certification),
        events=tuple(_interleaved(draw, enrolment, certification)),
        agency_codes=tuple(codes),
        body=body,
    )


def _interleaved(draw: Draw, one: list[Event], other: list[Event]) -> list[Event]:
    """Keeps each feed's order: roster first, certificates first, or in turns."""
    order = draw(st.sampled_from(["roster first", "certificates first", "in turns"]))
    if order == "roster first":
        return one + other
    if order == "certificates first":
        return other + one
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    mixed: list[Event] = []
    for index, event in enumerate(longer):
        mixed.append(event)
        if index < len(shorter):
            mixed.append(shorter[index])
    return mixed


@st.composite
def readings_of(draw: Draw, plan: Plan) -> dict[str, str]:
    """The defaults with up to six departures."""
    departing = draw(st.lists(st.sampled_from(list(CATALOGUE)), max_size=6, unique=True))
    return choose(
        plan, {key: draw(st.sampled_from(available_options(plan, key))) for key in departing}
    )


_asked_days = st.one_of(
    st.sampled_from([day for day in TURNING_DAYS if day >= dt.date(2024, 12, 31)]), days
)


@st.composite
def questions(draw: Draw, world: World) -> Question:
    """Mostly the plan of the world's province, of its body or a body above; any plan of any body besides."""
    own = [each for each in PLANS.values() if each.body.agency_code.startswith(world.body)]
    plan = draw(st.sampled_from([*own, *own, *own, *PLANS.values()]))
    whole = [None] * 2 + [world.body] * 4 + [world.agency_codes[0]] * 3
    return Question(
        plan=plan,
        agency=draw(st.one_of(st.sampled_from(whole), st.sampled_from(world.agency_codes))),
        as_of=draw(_asked_days),
        readings=draw(readings_of(plan)),
    )
