"""The product keeps the house rules, and each rule is seen to catch a planted violation."""

from __future__ import annotations

import pytest

from tests.house.source_rules import REPOSITORY, product_files, violations


def test_the_product_breaks_no_house_rule() -> None:
    files = product_files()
    assert len(files) > 20
    found = [
        str(violation)
        for path in files
        for violation in violations(path.relative_to(REPOSITORY).as_posix(), path.read_text())
    ]
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "rule"),
    [
        ("services/enrolment/needs/use_cases.py", 'q = "SELECT 1 FROM t"', "sql only"),
        ("services/enrolment/needs/endpoints.py", 'q = f"UPDATE {t} SET a = 1"', "sql only"),
        (
            "services/targets/progress/use_cases.py",
            'async def f(c):\n    await c.execute("""\n        INSERT INTO t VALUES ($1)""", 1)',
            "sql only",
        ),
        (
            "services/enrolment/needs/repository.py",
            "async def f(c, rows):\n    await c.copy_records_to_table('t', records=rows)",
            "name their columns",
        ),
        (
            "services/enrolment/needs/repository.py",
            'q = "INSERT INTO t AS kept VALUES ($1, $2)"',
            "name their columns",
        ),
        (
            "services/enrolment/needs/repository.py",
            'q = f"""\n    INSERT INTO t\n    SELECT * FROM unnest({arrays})"""',
            "name their columns",
        ),
        ("services/enrolment/needs/use_cases.py", "name = f'agency:{code}|party'", "audiences.py"),
        (
            "services/enrolment/needs/repository.py",
            "q = \"SELECT ARRAY['institution:' || code] FROM given\"",
            "audiences.py",
        ),
        ("services/enrolment/needs/repository.py", "async def f(s):\n    await s.commit()", "edge"),
        (
            "services/enrolment/needs/use_cases.py",
            "async def f(c):\n    async with c.transaction():\n        pass",
            "edge",
        ),
        ("services/enrolment/needs/models.py", "engine = create_async_engine(URL)", "module state"),
        ("services/enrolment/settings.py", "settings = Settings()", "module state"),
        ("services/enrolment/settings.py", "import os\nURL = os.environ['X']", "module state"),
        ("shared/web/edge.py", "known: dict[str, int] = {}", "module state"),
        ("shared/web/edge.py", "import collections\nseen = collections.deque()", "module state"),
        ("shared/web/edge.py", "n = 0\ndef f():\n    global n\n    n += 1", "module state"),
        ("shared/web/edge.py", "@functools.cache\ndef settings():\n    return 1", "module state"),
        ("shared/web/utils.py", "", "names"),
        ("services/enrolment/directory/agency_helpers.py", "", "names"),
        ("services/enrolment/directory/service.py", "", "names"),
        ("shared/common/__init__.py", "", "names"),
        ("services/targets/plans/errors.py", "vi = f'từ ngày {valid_from}'", "a day is written"),
        (
            "services/targets/plans/errors.py",
            "vi = f'đến {day.isoformat()} thôi'",
            "a day is written",
        ),
        (
            "services/targets/plans/errors.py",
            "en = f'until {day:%d/%m/%Y} only'",
            "a day is written",
        ),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str, rule: str) -> None:
    assert any(rule in str(violation) for violation in violations(path, source))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("services/enrolment/needs/repository.py", 'q = "SELECT 1 FROM t"'),
        ("services/enrolment/migrations/versions/0001_first.py", 'q = "CREATE TABLE t ()"'),
        ("services/enrolment/needs/repository.py", 'q = "INSERT INTO t (a) SELECT a FROM given"'),
        ("services/enrolment/needs/repository.py", 'q = f"INSERT INTO t ({columns}) VALUES ($1)"'),
        (
            "services/enrolment/needs/repository.py",
            "async def f(c, r):\n    await c.copy_records_to_table('t', records=r, columns=['a'])",
        ),
        ("services/enrolment/needs/use_cases.py", '"""SELECT is a word here."""'),
        ("services/enrolment/needs/use_cases.py", 'title = "Select a class"'),
        (
            "services/enrolment/needs/use_cases.py",
            "async def f(c):\n    async with c.transaction(readonly=True):\n        pass",
        ),
        ("services/enrolment/needs/models.py", "LEVELS = frozenset({'a'})\nNAMES = {'a': 1}"),
        ("services/enrolment/needs/endpoints.py", "router = APIRouter()"),
        (
            "services/enrolment/needs/errors.py",
            "vi, en = f'từ ngày {row.valid_from:%d/%m/%Y}', f'from {row.valid_from} on'",
        ),
        ("services/enrolment/needs/use_cases.py", "file = f'{day:%d/%m/%Y}'"),
    ],
)
def test_what_the_rules_allow_is_not_reported(path: str, source: str) -> None:
    assert violations(path, source) == []
