"""What a service says of its readiness."""

from __future__ import annotations

import http.client
import json

DEGRADED = "degraded"


def what_is_missing(port: int) -> str | None:
    """What the service says it waits for, empty when it is ready, None when it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Accept-Language": "en"})
        answer = connection.getresponse()
        health = json.loads(answer.read())
        if answer.status == 200:
            return DEGRADED if health.get("status") == DEGRADED else ""
        return str(health.get("detail", f"not ready ({answer.status})"))
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return None
    finally:
        connection.close()
