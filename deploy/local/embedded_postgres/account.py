"""The account that the embedded PostgreSQL runs under: ours, or another one when we are root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.embedded_postgres.errors import NoAccessError, NoSystemUserError

SYSTEM_USERS = ("bac-postgres", "postgres")


@dataclass(frozen=True)
class Account:
    """`drop` means that we are root and must become this account to run the server.

    `capability` is the one right of root's that the server keeps, if it needs one.
    """

    uid: int
    gid: int
    drop: bool
    capability: str | None = None

    def prefix(self) -> list[str]:
        """Words before a command: become the account, and stop the command (SIGINT, which is
        PostgreSQL's fast shutdown) when the thread that started it ends."""
        if shutil.which("setpriv") is None:
            return []
        words = ["setpriv", "--pdeathsig=INT"]
        if self.drop:
            words += [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        if self.capability:
            words += [f"--inh-caps=+{self.capability}", f"--ambient-caps=+{self.capability}"]
            # access(2), by which PostgreSQL looks for its own files, knows the capability only so.
            words += ["--securebits=+no_setuid_fixup"]
        return [*words, "--"]

    def able_to_reach(self, folder: Path, program: Path) -> Account:
        """This account with the least capability that lets it use its folder and the program.

        A checkout below /root is closed to every other account; then the server keeps the right
        to pass through closed folders, and nothing else of root's. Raises NoAccessError.
        """
        if not self.drop:
            return self
        probe = 'test -x "$0" && test -w "$1" && test -x "$1"'
        for capability in (None, "dac_read_search", "dac_override"):
            able = replace(self, capability=capability)
            command = [*able.prefix(), "/bin/sh", "-c", probe, str(program), str(folder)]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return able
        raise NoAccessError(folder, "closed to every account but root")


def account_for(data: Path) -> Account:
    """Our own account; for root the owner of `data`, else a system user found or made.

    Raises NoSystemUserError.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), drop=False)
    if shutil.which("setpriv") is None:
        raise NoSystemUserError("`setpriv` of the package util-linux is missing")
    owner = data.stat().st_uid if data.exists() else 0
    entry = _system_user()
    if owner != 0:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwuid(owner)
    return Account(entry.pw_uid, entry.pw_gid, drop=True)


def _system_user() -> pwd.struct_passwd:
    for name in SYSTEM_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    useradd: Sequence[str] = (
        *("useradd", "--system", "--user-group", "--no-create-home"),
        *("--shell", "/usr/sbin/nologin", SYSTEM_USERS[0]),
    )
    if shutil.which("useradd") is None:
        raise NoSystemUserError("`useradd` is missing")
    made = subprocess.run(useradd, capture_output=True, text=True, check=False)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USERS[0])
    raise NoSystemUserError(made.stderr.strip() or "useradd failed")
