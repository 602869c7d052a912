"""What a development run keeps in its folder (`BAC_HOME`) and where its services answer."""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from shared.persistence.schema import SERVICES, ServiceSchema

DEFAULT_PORTS = {"enrolment": 8001, "certification": 8002, "targets": 8003}

_SECRET: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){32,}")

Say = Callable[[str], None]


class CannotRunError(Exception):
    """Why the system cannot run: one sentence in each language, for the console."""

    def __init__(self, english: str, vietnamese: str) -> None:
        super().__init__(f"{english}\n{vietnamese}")


def home_folder(environment: Mapping[str, str]) -> Path:
    """`BAC_HOME`, else `.bac` of the checkout, else (installed elsewhere) of the working folder."""
    given = environment.get("BAC_HOME")
    if given:
        return Path(given).absolute()
    checkout = Path(__file__).parents[1]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".bac"


def usable_folder(home: Path) -> Path:
    """`home`, made where there is none; what others may do there is taken away, in an older one too. Root
    leaves the group as it is: the server's account passes through by it. Raises CannotRunError."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = home.stat().st_mode
        if home.stat().st_uid == os.geteuid() and mode & 0o067:
            home.chmod(mode & 0o710)
    except OSError as error:
        raise unusable(home, error) from error
    return home


def unusable(home: Path, error: OSError) -> CannotRunError:
    return CannotRunError(
        f"The folder {home} cannot be used ({error.strerror}); set BAC_HOME to a "
        "folder of your own.",
        f"Không dùng được thư mục {home} ({error.strerror}); hãy đặt BAC_HOME sang "
        "thư mục của mình.",
    )


def development_token(home: Path, **claims: Any) -> str:
    """A token signed by the development key of `home`. Raises CannotRunError where that is damaged."""
    from joserfc.errors import JoseError

    from shared.security.tokens import DEVELOPMENT_KEY_FILE, mint

    key = home / DEVELOPMENT_KEY_FILE
    try:
        return mint(key, **claims)
    except OSError as error:
        raise unusable(home, error) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise CannotRunError(
            f"{key} is damaged; delete it and start `make run` again, which makes another.",
            f"Tệp {key} bị hỏng; hãy xóa và chạy lại `make run` để tạo khóa khác.",
        ) from error


def service_ports(environment: Mapping[str, str]) -> dict[str, int]:
    """Ports by `BAC_<SERVICE>_PORT`. Raises CannotRunError for what is no port."""
    ports = {name: port_of(environment, name, default) for name, default in DEFAULT_PORTS.items()}
    if len(set(ports.values())) < len(ports):
        raise CannotRunError(
            "Two services were given the same port; check BAC_ENROLMENT_PORT, "
            "BAC_CERTIFICATION_PORT and BAC_TARGETS_PORT.",
            "Hai dịch vụ được đặt cùng một cổng; hãy xem lại BAC_ENROLMENT_PORT, "
            "BAC_CERTIFICATION_PORT và BAC_TARGETS_PORT.",
        )
    return ports


def port_of(environment: Mapping[str, str], name: str, default: int) -> int:
    variable = f"BAC_{name.upper()}_PORT"
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or int(text) > 65535 or (text == "0" and default):
        raise CannotRunError(
            f"{variable} must be a port between 1 and 65535, not {text!r}.",
            f"{variable} phải là một cổng từ 1 đến 65535, không phải {text!r}.",
        )
    return int(text)


def service_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Base URL of each service: `BAC_<SERVICE>_URL`, else loopback and its port."""
    return {
        name: environment.get(f"BAC_{name.upper()}_URL") or f"http://127.0.0.1:{port}"
        for name, port in service_ports(environment).items()
    }


def schema_of(service: str) -> ServiceSchema:
    found = importlib.import_module(f"services.{service}.persistence").SCHEMA
    assert isinstance(found, ServiceSchema)
    return found


def ensure_secrets(home: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The secrets of a development run, made once in `home` (mode 0600); the environment's win.

    Raises CannotRunError when a secret is damaged, and when data exist whose person key is gone: a
    new key would silently part every certificate from its holder.
    """
    from shared.security.tokens import DEVELOPMENT_KEY_FILE, make_development_key

    usable_folder(home)
    made = {}
    for variable, name in (("BAC_PERSON_KEY", "person-key"), ("BAC_ROLE_SECRET", "role-secret")):
        path = home / name
        if environment.get(variable):
            made[variable] = _checked(variable, environment[variable])
            continue
        if not path.exists():
            if variable == "BAC_PERSON_KEY" and (home / "migrated").exists():
                raise CannotRunError(
                    f"{path} is missing although {home} holds data; put it back from the backup, "
                    "for without it officials and certificates no longer meet.",
                    f"Thiếu {path} trong khi {home} đã có dữ liệu; hãy lấy lại từ bản sao lưu, vì "
                    "không có nó thì cán bộ và chứng chỉ không còn khớp nhau.",
                )
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        made[variable] = _checked(str(path), path.read_text(errors="replace").strip())
    make_development_key(home / DEVELOPMENT_KEY_FILE)
    return made


def _checked(where: str, secret: str) -> str:
    """Raises CannotRunError for what is no key of 32 bytes in hexadecimal."""
    if not _SECRET.fullmatch(secret):
        raise CannotRunError(
            f"{where} is damaged: it must hold at least 64 hexadecimal digits, two for each byte; put "
            "it back from the backup.",
            f"{where} bị hỏng: phải gồm ít nhất 64 chữ số thập lục phân, hai chữ số một byte; hãy lấy "
            "lại từ bản sao lưu.",
        )
    return secret


def migrations_digest(cluster: str) -> str:
    """Changes when a migration, the code that runs them, or the database cluster changes."""
    digest = hashlib.sha256(cluster.encode())
    root = Path(__file__).parent
    files = [
        *sorted(root.glob("*/migrations/**/*.py")),
        *sorted(root.glob("*/persistence.py")),
        *sorted((root.parent / "shared" / "persistence").glob("*.py")),
    ]
    for path in files:
        digest.update(str(path.relative_to(root.parent)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


async def migrate_all(admin_dsn: str, role_secret: str, connections: int, say: Say) -> None:
    """Bring the three schemas to their newest revision; each role may hold `connections`.
    Raises CannotRunError."""
    import asyncpg
    from sqlalchemy.exc import SQLAlchemyError

    from shared.persistence.migrations import migrate

    for service in SERVICES:
        say(f"migrating {service}")
        try:
            await migrate(
                admin_dsn,
                schema_of(service),
                bytes.fromhex(role_secret),
                connections=connections,
            )
        except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise CannotRunError(
                f"The schema {service} could not be migrated: {reason}",
                f"Không nâng cấp được lược đồ {service}: {reason}",
            ) from error
