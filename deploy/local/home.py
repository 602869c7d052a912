"""What a run keeps in its folder (`BAC_HOME`): its secrets and its signing key."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from deploy.local.errors import CannotRunError

_SECRET: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){32,}")


def home_folder(environment: Mapping[str, str]) -> Path:
    """`BAC_HOME`, else `.bac` of the checkout, else (installed elsewhere) of the working folder."""
    given = environment.get("BAC_HOME")
    if given:
        return Path(given).absolute()
    checkout = Path(__file__).parents[2]
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
