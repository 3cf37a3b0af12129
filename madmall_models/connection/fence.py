"""Keep requests on this machine where the environment asks for it, as tests do.

``MADMALL_ALLOWED_HOSTS`` names, between commas, the hosts that may be reached beside this machine; empty it names none.
Unset, every host may be reached. It is looked at before each request, and stands below what answers instead of a host:
moto is asked first. A proxy changes nothing: what counts is the host that is asked, not the way to it.
"""

from __future__ import annotations

import ipaddress
import os
from typing import Any
from urllib.parse import urlsplit

from madmall_models.errors import ConfigurationError, EndpointRefused

VARIABLE = "MADMALL_ALLOWED_HOSTS"


def keep_inside(client: Any) -> None:
    """Let ``client`` refuse requests to hosts that are not permitted; call it before the first request.

    Raises:
        ConfigurationError: hosts are named, and this version of botocore sends in a way that cannot be watched.
    """
    try:
        session = client._endpoint.http_session
        send = session.send
    except AttributeError:
        if VARIABLE in os.environ:
            raise ConfigurationError(f"{VARIABLE} is set, and this version of botocore cannot be held to it") from None
        return

    def send_inside(request: Any) -> Any:
        check_host(urlsplit(request.url).hostname or "")
        return send(request)

    session.send = send_inside


def check_host(host: str) -> None:
    """Refuse a host that the environment does not permit.

    Raises:
        EndpointRefused: it is neither this machine nor among the named ones.
    """
    if not is_permitted(host):
        raise EndpointRefused(
            f"{host} was not asked: {VARIABLE} keeps requests on this machine; nothing was sent. "
            f"To permit it, add it there; in tests, say pytest --madmall-allow-host {host}"
        )


def is_permitted(host: str) -> bool:
    """Tell whether the environment lets a host be reached."""
    permitted = _permitted()
    return permitted is None or is_this_machine(host) or host.lower() in permitted


def is_service_permitted(region: str) -> bool:
    """Tell whether the environment lets DynamoDB's own host in a region be reached, in whatever partition that is."""
    permitted = _permitted()
    return permitted is None or any(name.startswith(f"dynamodb.{region}.") for name in permitted)


def _permitted() -> frozenset[str] | None:
    named = os.environ.get(VARIABLE)
    return None if named is None else frozenset(name.strip().lower() for name in named.split(","))


def is_this_machine(host: str) -> bool:
    """Tell whether a host is a loopback address, or the name ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
