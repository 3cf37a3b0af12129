"""Say where an engine listens, and ask whether it answers there."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from madmall_models.errors import EngineError

REGION = "us-east-1"
ACCESS_KEY = "local"

# The domains of the service in every partition. No test and no demonstration has any business there.
_SERVICE_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LIST_TABLES = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    # DynamoDB Local wants the shape of a signature; no engine checks it.
    "Authorization": (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/dynamodb/aws4_request, "
        "SignedHeaders=host;x-amz-target, Signature=0"
    ),
}


@dataclass(frozen=True)
class EngineEndpoint:
    """Be the address of an engine; never one of the service itself."""

    scheme: str
    host: str
    port: int

    @classmethod
    def on_this_machine(cls, port: int) -> EngineEndpoint:
        """Return the endpoint at ``port`` of the loopback address."""
        return cls("http", "127.0.0.1", port)

    @classmethod
    def from_url(cls, url: str) -> EngineEndpoint:
        """Return the endpoint that ``url`` names.

        Raises:
            EngineError: the URL has no host, carries a user, a path or a query, or leads to AWS.
        """
        parts = _split(url)
        host = parts.hostname or ""
        domain = host.rstrip(".")
        if any(domain == service or domain.endswith(f".{service}") for service in _SERVICE_DOMAINS):
            raise EngineError(f"{host} belongs to AWS: engines are for people without it; name one that runs nearby")
        return cls(parts.scheme, host, parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def url(self) -> str:
        """Return the URL, always with its port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_on_this_machine(self) -> bool:
        """Tell whether the host is a loopback address, or the name ``localhost``."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def refusal(self, *, timeout: float) -> str | None:
        """Return why ListTables was not answered, or None when it was.

        Neither a proxy nor a redirect is followed, so that the question goes to this host and no other.
        """
        connection = self._connection(timeout)
        try:
            connection.request("POST", "/", b"{}", _LIST_TABLES)
            answer = connection.getresponse()
            return _fault(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            return f"no answer ({type(error).__name__})"
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError as error:
        raise EngineError("the URL of the engine cannot be read; write http://host:port") from error
    # The URL itself is left out of the message, since it may hold a password.
    if not complete or "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        raise EngineError("the URL of an engine is http://host:port, without a user, path or query")
    return parts


def _fault(status: int, body: bytes) -> str | None:
    if status != http.client.OK:
        return f"it answers with status {status}"
    try:
        answer = json.loads(body)
    except ValueError:
        return "it answers, but not in JSON"
    if isinstance(answer, dict) and isinstance(answer.get("TableNames"), list):
        return None
    return "it answers, but is not DynamoDB"
