#!/bin/sh
# Makes .venv and installs one lock into it; does nothing, and asks no network, when that is done.
# Usage: deploy/install.sh requirements.lock | requirements-dev.lock | requirements-clients.lock
set -eu
cd "$(dirname "$0")/.."
lock=$1
venv=.venv
stamp=$venv/.installed

fail() {
    printf 'bac: %s\nbac: %s\n' "$1" "$2" >&2
    exit 1
}

wanted="$(sha256sum < "$lock" | cut -c1-64) $lock"
if ! "$venv/bin/python" -c '' 2>/dev/null; then rm -f "$stamp"; fi
if ! grep -qxF "$wanted" "$stamp" 2>/dev/null; then
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        chosen=
        for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
            if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
                chosen=$name
                break
            fi
        done
        [ -n "$chosen" ] || fail \
            "Python 3.11 or newer is needed; install it (Debian: apt-get install python3 python3-venv) or set PYTHON." \
            "Cần Python 3.11 trở lên; hãy cài (Debian: apt-get install python3 python3-venv) hoặc đặt biến PYTHON."
        echo "bac: making $venv with $($chosen --version) …"
        "$chosen" -c 'import ensurepip, venv' 2>/dev/null || fail \
            "This Python cannot make virtual environments; install python3-venv (Debian: apt-get install python3-venv) and try again." \
            "Python này không tạo được môi trường ảo; hãy cài python3-venv (Debian: apt-get install python3-venv) rồi chạy lại."
        rm -rf "$venv"
        "$chosen" -m venv "$venv" || fail \
            "The virtual environment $venv could not be made; the reason stands above." \
            "Không tạo được môi trường ảo $venv; nguyên nhân ở các dòng trên."
    fi
    echo "bac: installing $lock (only when it changed) …"
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes --no-deps \
        --progress-bar on -r "$lock" || fail \
        "The packages of $lock could not be installed; the reason stands above (disk, or network)." \
        "Không cài được các gói trong $lock; nguyên nhân ở các dòng trên (đĩa hoặc mạng)."
    # The development lock contains every package of the product's, in the same version.
    [ "$lock" != requirements-dev.lock ] || echo "$(sha256sum < requirements.lock | cut -c1-64) requirements.lock" > "$stamp"
    echo "$wanted" >> "$stamp"
fi

# The project itself: the checkout on Python's path and a `bac` command that may be moved with it.
packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
[ "$(cat "$packages/bac.pth" 2>/dev/null)" = "$PWD" ] || echo "$PWD" > "$packages/bac.pth"
if ! grep -q -- '-P -m services.command' "$venv/bin/bac" 2>/dev/null; then
    printf '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -P -m services.command "$@"\n' > "$venv/bin/bac"
    chmod +x "$venv/bin/bac"
fi
