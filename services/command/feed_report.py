"""What `bac feed` shows of a feed that a service follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fault_lines(service: str, feed: Mapping[str, Any]) -> list[str]:
    """One line for each event that is not applied; none when all is well."""
    name = f"{service} follows {feed['feed']}"
    lines = []
    stuck = feed["stuck"]
    if stuck is not None and stuck["position"] is None:
        lines.append(f"{name}: refused as a whole since {stuck['since']} ({stuck['error']})")
    elif stuck is not None:
        lines.append(
            f"{name}: STUCK at position {stuck['position']} since {stuck['since']}: {stuck['type']} of "
            f"{stuck['subject']} ({stuck['error']})"
        )
    for each in feed["set_aside"]:
        state = "set aside" if each["passed"] else "to be set aside"
        again = ", to be applied again" if each["asked_again"] else ""
        error = f" ({each['error']})" if each["error"] else ""
        lines.append(
            f"{name}: position {each['position']} {state}{again}: {each['type']} of {each['subject']}"
            f"{error}; {each['reason']} (by {each['decided_by']})"
        )
    return lines
