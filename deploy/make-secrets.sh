#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, once, in deploy/secrets (mode 0600); keeps what
# is there. person_key belongs to every backup: without it rosters and certificates never meet again.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
exec python3 - <<'PYTHON'
import hashlib
import hmac
import secrets
from pathlib import Path

folder = Path("secrets")


def once(name: str, text: str) -> str:
    path = folder / name
    if not path.exists():
        path.write_text(text + "\n")
        # Containers read it as another account; the folder itself is closed to everybody else.
        path.chmod(0o644)
        print(f"made {path}")
    return path.read_text().strip()


folder.chmod(0o700)
once("database_password", secrets.token_hex(24))
once("person_key", secrets.token_hex(32))
role_secret = bytes.fromhex(once("role_secret", secrets.token_hex(32)))
for service in ("enrolment", "certification", "targets"):
    role = f"bac_{service}"
    password = hmac.new(role_secret, role.encode(), hashlib.sha256).hexdigest()
    once(f"{service}_database_url", f"postgresql://{role}:{password}@postgres:5432/bac")
PYTHON
