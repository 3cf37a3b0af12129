"""Make the botocore client of a database: endpoint, credentials, time-outs and pool."""

from __future__ import annotations

import ipaddress
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import botocore
import botocore.config
import botocore.exceptions
import botocore.loaders
import botocore.session

from madmall_models.connection import bodies, fence
from madmall_models.errors import ConfigurationError

DEFAULT_REGION = "us-east-1"
_ANY_CREDENTIAL = "local"
_LOADERS_KEPT = 4
# What is counted: its name, the least it may be, and what it is.
_COUNTS = (
    ("max_attempts", 1, "counts the first attempt too; give a whole number of 1 or more"),
    ("max_connections", 1, "must be 1 or more, and whole"),
    ("breaker_failures", 0, "counts failed calls in a row; give a whole number, 0 for never"),
)


@dataclass(frozen=True)
class ConnectionSettings:
    """How a database is reached.

    Attributes:
        region: region of the table.
        endpoint: URL of the service; None for the region's own.
        access_key: access key id; None for botocore's usual places.
        secret_key: secret access key.
        session_token: token of temporary credentials.
        max_attempts: how often a request is sent at most, the first time included; at least 1.
        timeout: seconds to wait for one answer.
        max_connections: size of the pool; at least as many as threads that share the database.
        deadline: seconds for a whole call, its attempts and waits included; None for timeout times max_attempts.
        breaker_failures: so many failed calls in a row hold further ones back; 0 for never.
        breaker_pause: seconds for which they are held back before one is tried.
    """

    region: str = DEFAULT_REGION
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None
    max_attempts: int = 3
    timeout: float = 3.0
    max_connections: int = 50
    deadline: float | None = None
    breaker_failures: int = 5
    breaker_pause: float = 5.0

    def __post_init__(self) -> None:
        for name, least, fact in _COUNTS:
            count = getattr(self, name)
            if type(count) is not int or count < least:
                raise ConfigurationError(f"{name} {fact}")
        for name in ("timeout", "deadline", "breaker_pause"):
            seconds = getattr(self, name)
            if not (name == "deadline" and seconds is None) and not _is_time(seconds):
                raise ConfigurationError(f"{name} is in seconds and must be above 0")
        if (self.access_key is None) != (self.secret_key is None):
            raise ConfigurationError("access_key and secret_key belong together; give both or none")
        if self.endpoint is not None:
            _check_endpoint(self.endpoint)

    @property
    def call_seconds(self) -> float:
        """Return how many seconds a whole call may take."""
        return self.timeout * self.max_attempts if self.deadline is None else self.deadline

    @property
    def is_loopback(self) -> bool:
        """Tell whether the endpoint is on this machine."""
        host = urlsplit(self.endpoint).hostname if self.endpoint else None
        if host is None:
            return False
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def __repr__(self) -> str:
        return f"<ConnectionSettings {self.endpoint or self.region}>"


def _check_endpoint(endpoint: Any) -> None:
    # The URL itself is left out of the messages, since it may hold a password.
    try:
        parts = urlsplit(endpoint)
        is_url = isinstance(endpoint, str) and parts.scheme in ("http", "https") and bool(parts.hostname)
    except (AttributeError, ValueError):
        is_url = False
    if not is_url:
        raise ConfigurationError("endpoint must be a URL such as http://localhost:8000")
    if "@" in parts.netloc:
        raise ConfigurationError("endpoint must have no user and no password in it: the URL is shown in logs")


def _is_time(seconds: Any) -> bool:
    return type(seconds) in (int, float) and 0 < seconds < math.inf


def make_client(settings: ConnectionSettings) -> Any:
    """Return a new botocore client that sends each request once; this package retries itself.

    Raises:
        ConfigurationError: botocore refuses a setting.
    """
    access_key, secret_key = settings.access_key, settings.secret_key
    if access_key is None and _takes_any_credential(settings):
        access_key = secret_key = _ANY_CREDENTIAL
    try:
        session = botocore.session.get_session()
        session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
        client = session.create_client(
            "dynamodb",
            region_name=settings.region,
            endpoint_url=settings.endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=settings.session_token,
            config=botocore.config.Config(
                connect_timeout=settings.timeout,
                read_timeout=settings.timeout,
                max_pool_connections=settings.max_connections,
                parameter_validation=False,
                retries={"total_max_attempts": 1, "mode": "standard"},
                tcp_keepalive=True,
                # botocore puts its own together anew for each request, twice.
                user_agent=f"botocore/{botocore.__version__} madmall_models",
            ),
        )
    except (ValueError, botocore.exceptions.BotoCoreError) as error:
        raise ConfigurationError(f"botocore refused the settings of the connection ({type(error).__name__})") from error
    bodies.write_and_read_whole(client)
    return client


@lru_cache(maxsize=_LOADERS_KEPT)
def _loader(data_path: str | None) -> Any:
    """Return what reads botocore's descriptions of services, and keeps them: reading them takes most of a client."""
    return botocore.loaders.create_loader(data_path)


def _takes_any_credential(settings: ConnectionSettings) -> bool:
    """Tell whether nobody's credentials are needed, so that none are looked for: that may ask other machines."""
    if settings.is_loopback:
        # An engine on this machine takes any.
        return not os.environ.get("AWS_ACCESS_KEY_ID")
    if settings.endpoint is None:
        return not fence.is_service_permitted(settings.region)
    return not fence.is_permitted(urlsplit(settings.endpoint).hostname or "")
