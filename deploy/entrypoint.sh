#!/bin/sh
# Turns secret files into settings (NAME_FILE=/run/secrets/name gives NAME), then runs:
#   bac WORDS…             the bac command
#   serve SERVICE          one service on port 8000 (BAC_LISTEN_HOST, BAC_LISTEN_PORT)
set -eu

for name in DATABASE_URL BAC_ROLE_SECRET BAC_PERSON_KEY \
    BAC_ENROLMENT_DATABASE_URL BAC_CERTIFICATION_DATABASE_URL BAC_TARGETS_DATABASE_URL; do
    eval "file=\${${name}_FILE:-}"
    if [ -n "$file" ]; then
        value=$(cat "$file")
        export "$name=$value"
        unset "${name}_FILE"
    fi
done

# DATABASE_HOST, with the administrator's password in a file, spares writing a whole URL.
if [ -z "${DATABASE_URL:-}" ] && [ -n "${DATABASE_HOST:-}" ]; then
    password=$(cat "${DATABASE_PASSWORD_FILE:?set DATABASE_PASSWORD_FILE}")
    DATABASE_URL="postgresql://${DATABASE_USER:-postgres}:$password@$DATABASE_HOST:5432/${DATABASE_NAME:-bac}"
    export DATABASE_URL
fi

case "$1" in
bac)
    shift
    exec python -m services.command "$@"
    ;;
serve)
    exec python -m uvicorn "services.$2.app:create_app" --factory \
        --host "${BAC_LISTEN_HOST:-0.0.0.0}" --port "${BAC_LISTEN_PORT:-8000}" \
        --loop uvloop --http shared.web.http_protocol:BoundedHttp --ws none --no-access-log --no-server-header --no-proxy-headers --log-level warning \
        --timeout-graceful-shutdown 5
    ;;
*)
    exec "$@"
    ;;
esac
