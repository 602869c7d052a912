"""House rules that no linter knows, as functions from a source file to its violations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PRODUCT = ("services", "shared", "deploy")

SLICE_FILES = frozenset(
    {
        *("__init__", "endpoints", "use_cases", "repository", "models", "schemas", "errors"),
        *("event_handlers", "reports"),
    }
)
"""The files a slice may have by fixed names; every other module in a slice holds a pure rule."""

VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|common|misc|managers?|services?|stuff|tools)$")

SQL_HOMES = frozenset({"repository.py", "reports.py"})
SQL_ALSO = frozenset(
    {
        "deploy/local/embedded_postgres/server.py",  # CREATE DATABASE through `postgres --single`
    }
)
SQL = re.compile(
    r"\s*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+(?:\(.*\)\s+)?AS\s"
    r"|CREATE\s+(?:TABLE|INDEX|UNIQUE|SCHEMA|ROLE|DATABASE|TYPE|FUNCTION)\s|ALTER\s+\w+\s|DROP\s+\w+\s"
    r"|TRUNCATE\s|COPY\s+\S+\s|LOCK\s+TABLE|NOTIFY\s|LISTEN\s|GRANT\s|REVOKE\s|SET\s+LOCAL\s"
    r"|SAVEPOINT\s|BEGIN\b|COMMIT\b|ROLLBACK\b)"
)

INSERT_WITHOUT_COLUMNS = re.compile(
    r"\bINSERT\s+INTO\s+[\w.]+(?:\s+AS\s+\w+)?\s+(?:VALUES|SELECT|TABLE|WITH)\b"
)

READER_NAME = re.compile(
    r"^(?:agency|authority|bloc|institution):\S*$|'(?:agency|authority|bloc|institution):"
)

VIETNAMESE = re.compile(
    "[àáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđ]", re.IGNORECASE
)
DAY_NAME = re.compile(
    r"(?:^|_)(?:day|date|earliest|latest|today|until)$|_on$|^valid_(?:from|to)$", re.I
)
DAY_IN_WORDS = "%d/%m/%Y"

COMMITTERS = frozenset(
    {
        "shared/persistence/unit_of_work.py",
        "shared/persistence/rows.py",  # a savepoint, for COPY cannot pass over a row that is there
        "shared/persistence/savepoints.py",
        "shared/persistence/migrations.py",
        "shared/feed/sequencer.py",
        "shared/feed/follower.py",
        "shared/web/edge.py",
        # A savepoint of a rehearsal, and a setting that ends with its statement:
        "shared/web/bulk.py",
        "services/targets/population/repository.py",
        "services/certification/recording/use_cases/batch_writer.py",
    }
)
"""The edge, the mechanisms below it and the batch writer; a read-only transaction commits nothing."""

ENGINES = frozenset(
    {
        *("create_engine", "create_async_engine", "create_pool", "sessionmaker"),
        *("async_sessionmaker", "Database", "UnitOfWork", "FastAPI", "AsyncClient", "Client"),
        *("PersonKeys", "TokenVerifier", "Settings", "EmbeddedPostgres", "ServiceToken"),
        *("CollectorRegistry", "SystemClock", "Lock", "Event", "Queue", "ContextVar"),
    }
)
CONTAINERS = frozenset({"dict", "list", "set", "defaultdict", "OrderedDict", "deque", "Counter"})


@dataclass(frozen=True)
class Violation:
    rule: str
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


def product_files(root: Path = REPOSITORY) -> list[Path]:
    return sorted(
        path
        for top in PRODUCT
        for path in (root / top).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def violations(path: str, source: str) -> list[Violation]:
    """All violations of one file; `path` is relative to the repository, with slashes."""
    tree = ast.parse(source)
    return [
        *sql_outside_repositories(path, tree),
        *columns_without_names(path, tree),
        *readers_in_string_pieces(path, tree),
        *commits_outside_the_edge(path, tree),
        *module_state(path, tree),
        *vague_names(path),
        *days_in_texts(path, tree),
    ]


def sql_outside_repositories(path: str, tree: ast.Module) -> Iterator[Violation]:
    name = path.rpartition("/")[2]
    in_persistence = path.startswith("shared/persistence/")  # mechanisms of one table or role each
    if name in SQL_HOMES or in_persistence or "/migrations/" in path or path in SQL_ALSO:
        return
    documentation = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    formatted = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    passed_over = documentation | formatted
    for node, text in _texts(tree):
        if id(node) not in passed_over and SQL.match(text):
            rule = "sql only in repository.py and reports.py"
            yield Violation(rule, path, getattr(node, "lineno", 1), text[:50])


def columns_without_names(path: str, tree: ast.Module) -> Iterator[Violation]:
    """A statement that names no columns breaks while a migration has added one and the process is old."""
    rule = "COPY and INSERT name their columns"
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _name(node) == "copy_records_to_table"):
            continue
        if "columns" not in {word.arg for word in node.keywords}:
            yield Violation(rule, path, node.lineno, ast.unparse(node)[:50])
    for node, text in _texts(tree):
        for match in INSERT_WITHOUT_COLUMNS.finditer(text):
            yield Violation(rule, path, getattr(node, "lineno", 1), match[0][:50])


def readers_in_string_pieces(path: str, tree: ast.Module) -> Iterator[Violation]:
    """A typing error in a reader's name sends a person's data to the wrong reader."""
    if path == "shared/contracts/audiences.py":
        return
    for node, text in _texts(tree):
        if READER_NAME.search(text):
            rule = "readers of events get their names in shared/contracts/audiences.py"
            yield Violation(rule, path, getattr(node, "lineno", 1), text[:50])


@lru_cache(maxsize=1)
def _texts(tree: ast.Module) -> list[tuple[ast.AST, str]]:
    """All string literals of a file that say something, with `x` for what a format fills in."""
    found = ((node, _text(node)) for node in ast.walk(tree))
    return [(node, text) for node, text in found if text]


def _text(node: ast.AST) -> str | None:
    """A string's text, with `x` for what a format fills in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def commits_outside_the_edge(path: str, tree: ast.Module) -> Iterator[Violation]:
    if path in COMMITTERS:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        read_only = any(
            word.arg == "readonly"
            and isinstance(word.value, ast.Constant)
            and word.value.value is True
            for word in node.keywords
        )
        if node.func.attr == "commit" or (node.func.attr == "transaction" and not read_only):
            yield Violation("only the edge commits", path, node.lineno, ast.unparse(node)[:50])


def module_state(path: str, tree: ast.Module) -> Iterator[Violation]:
    rule = "no module state"
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield Violation(rule, path, node.lineno, f"global {', '.join(node.names)}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            bare = not (arguments.args or arguments.posonlyargs or arguments.kwonlyargs)
            for decorator in node.decorator_list:
                if bare and _name(decorator) in {"cache", "lru_cache"}:
                    yield Violation(rule, path, node.lineno, f"{node.name} is a cached singleton")
    for statement in tree.body:
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or value is None:
            continue
        if isinstance(value, ast.Call) and _name(value) in ENGINES:
            yield Violation(rule, path, statement.lineno, f"{_name(value)} made at import")
        empty_call = isinstance(value, ast.Call) and _name(value) in CONTAINERS and not value.args
        empty_literal = (isinstance(value, ast.Dict) and not value.keys) or (
            isinstance(value, ast.List | ast.Set) and not value.elts
        )
        annotation = ast.unparse(getattr(statement, "annotation", ast.Constant("")))
        read_only = "Mapping[" in annotation or "Sequence[" in annotation
        if (empty_call or empty_literal) and ("Mutable" in annotation or not read_only):
            yield Violation(rule, path, statement.lineno, "an empty container waits to be filled")
        if any(
            isinstance(part, ast.Attribute) and part.attr in {"environ", "getenv"}
            for part in ast.walk(value)
        ):
            yield Violation(rule, path, statement.lineno, "the environment is read at import")


def vague_names(path: str) -> Iterator[Violation]:
    """`services/` itself is the layout's own word; below it a name must say what is inside."""
    for part in path.split("/")[1:]:
        if VAGUE.search(part.removesuffix(".py")):
            yield Violation("names say what is inside", path, 1, part)


def days_in_texts(path: str, tree: ast.Module) -> Iterator[Violation]:
    """A Vietnamese text says a day as dd/mm/yyyy, an English one as data does: yyyy-mm-dd."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr) or " " not in (_text(node) or ""):
            continue
        vietnamese = VIETNAMESE.search(_text(node) or "") is not None
        for part in node.values:
            if not isinstance(part, ast.FormattedValue):
                continue
            in_words = part.format_spec is not None and DAY_IN_WORDS in ast.unparse(
                part.format_spec
            )
            is_day = DAY_NAME.search(_name(part.value)) or "isoformat" in ast.unparse(part.value)
            if in_words != vietnamese and (in_words or is_day):
                what = ast.unparse(part)
                yield Violation("a day is written by its text's language", path, node.lineno, what)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
