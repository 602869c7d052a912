"""Two rules stand in Python and in SQL, because a list of a million officials is cut by the database: who holds
an official today, and where a body belongs today. Here both say the same of whatever they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.agencies.tree import OPEN, Segment, segment_on
from services.enrolment.directory.officials import reports
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.filters import Filters
from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, Post, scope_giving
from services.enrolment.directory.officials.visibility import in_scope
from shared.contracts.events import OfficialAttributes
from shared.security.person_key import PersonIdentity
from shared.security.principal import Principal
from tests.running import RunningService

BASE = dt.date(2026, 11, 1)
BODIES = "ABCD"
DAYS = [BASE + dt.timedelta(days=n) for n in range(-1, 13)]
OFTEN = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def day(offset: int) -> dt.date:
    return BASE + dt.timedelta(days=offset)


def post(body: str, first: int, length: int | None) -> Post:
    last = None if length is None else day(first + length)
    given = GivenPost(
        agency_code=body,
        valid_from=day(first),
        given_to=last,
        status="civil_servant",
        position_title="x",
        leadership=None,
        requires_language=False,
        requires_language_basis=None,
        job_position_code=None,
        posting="regular",
        primary=False,
        language_teacher=None,
        foreign_affairs=None,
        language_qualified_post=None,
    )
    return Post(uuid4(), given, last)


def official(code: str, posts: list[Post]) -> Official:
    identity = PersonIdentity.citizen(f"{int(code[2:]):012d}")
    return Official(
        official_code=code,
        version=1,
        identity=KeyedIdentity(identity, code.encode().rjust(32, b"0"), None),
        former=(),
        record_code=None,
        full_name="Lê Thị Bé",
        birth_date="1980-01-01",
        sex=None,
        attributes=OfficialAttributes(),
        absences=(),
        posts=posts,
    )


POSTS = st.lists(
    st.builds(post, st.sampled_from(BODIES), st.integers(0, 9), st.none() | st.integers(0, 6)),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.given.key,
)
CROWDS = st.lists(POSTS, min_size=1, max_size=5)


@st.composite
def paths(draw: st.DrawFn, body: str) -> list[Segment]:
    """Days that do not overlap, with gaps or without."""
    found: list[Segment] = []
    first = draw(st.integers(0, 4))
    for _ in range(draw(st.integers(1, 3))):
        last = first + draw(st.integers(0, 3))
        above = draw(st.sampled_from([(), ("T",), ("U", "T")]))
        bloc = draw(st.sampled_from(["party", "state"]))
        found.append(Segment(day(first), day(last), (body, *above), bloc))
        first = last + draw(st.integers(1, 3))
    if draw(st.booleans()):
        last_one = found[-1]
        found[-1] = Segment(last_one.first, OPEN, last_one.path, last_one.bloc)
    return found


TREES = st.fixed_dictionaries({body: paths(body) for body in BODIES})


@asynccontextmanager
async def planted(
    service: RunningService,
    crowd: Sequence[list[Post]] = (),
    tree: dict[str, list[Segment]] | None = None,
) -> AsyncIterator[tuple[asyncpg.Connection, list[Official]]]:
    """Taken back at the end."""
    people = [official(f"Z-{n}", posts) for n, posts in enumerate(crowd)]
    async with service.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            if tree:
                await agencies.raise_versions(connection, sorted(tree))
                await agencies.replace_paths(connection, tree)
            if people:
                await officials.add_officials(connection, people)
                await officials.add_posts(
                    connection, [(each.official_code, one) for each in people for one in each.posts]
                )
            yield connection, people
        finally:
            await transaction.rollback()


@OFTEN
@given(crowd=CROWDS)
async def test_sql_and_rule_agree_who_holds_an_official(
    enrolment: RunningService, crowd: list[list[Post]]
) -> None:
    query = (
        "SELECT o.official_code, h.agency_code FROM official o"
        f" CROSS JOIN LATERAL ({reports.HOLDING_BODIES}) h WHERE o.official_code >= :code"
    )
    async with planted(enrolment, crowd) as (connection, people):
        for today in DAYS:
            rows = await connection.fetch(
                *reports.numbered(query, {"today": today, "code": people[0].official_code})
            )
            assert {tuple(row) for row in rows} == {
                (each.official_code, held.given.agency_code)
                for each in people
                for held in scope_giving(each.posts, today)
            }


@OFTEN
@given(tree=TREES)
async def test_sql_and_rule_agree_where_a_body_belongs(
    enrolment: RunningService, tree: dict[str, list[Segment]]
) -> None:
    lateral = agencies.belonging_of("b.code", "$2::date")
    query = f"SELECT b.code, p.path, p.bloc FROM unnest($1::text[]) b (code), LATERAL ({lateral}) p"
    async with planted(enrolment, tree=tree) as (connection, _):
        for today in DAYS:
            expected = {code: segment_on(segments, today) for code, segments in tree.items()}
            found = await agencies.belongings(connection, tree, today)
            rows = await connection.fetch(query, list(tree), today)
            for code, segment in expected.items():
                assert segment is not None
                assert (tuple(found[code].path), found[code].bloc) == (segment.path, segment.bloc)
            assert {(code, tuple(path), bloc) for code, path, bloc in rows} == {
                (code, each.path, each.bloc) for code, each in expected.items() if each is not None
            }


CALLERS = st.builds(
    Principal,
    subject=st.just("clerk"),
    role=st.sampled_from(["authority", "agency"]),
    agency=st.sampled_from([None, "A", "T", "U"]),
    bloc=st.sampled_from([None, "party", "state"]),
).filter(lambda caller: caller.role == "authority" or caller.agency is not None)


@OFTEN
@given(crowd=CROWDS, tree=TREES, caller=CALLERS, offset=st.integers(-1, 12))
async def test_the_list_shows_exactly_those_in_scope(
    enrolment: RunningService,
    crowd: list[list[Post]],
    tree: dict[str, list[Segment]],
    caller: Principal,
    offset: int,
) -> None:
    today = day(offset)
    async with planted(enrolment, crowd, tree) as (connection, people):
        found = await agencies.belongings(connection, tree, today)
        belongings: dict[str, Belonging] = dict(found)
        listed = await reports.page(
            connection, caller, Filters(), today=today, after=None, limit=100
        )
        assert listed == [
            each.official_code for each in people if in_scope(caller, each, belongings, today)
        ]
