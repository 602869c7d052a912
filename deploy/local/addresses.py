"""Where the services of a run answer, by the environment."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.errors import CannotRunError

DEFAULT_PORTS = {"enrolment": 8001, "certification": 8002, "targets": 8003}


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
