"""Stand between a database and its engine on the wire, pass everything on as it is, and count what was asked."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_OF_ONE_HOP = frozenset(["connection", "keep-alive", "transfer-encoding", "content-length"])


class CountingProxy:
    """Be an endpoint that forwards to another one, for the time of a ``with`` block.

    Args:
        endpoint: where to forward to.
    """

    def __init__(self, endpoint: str) -> None:
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        place = urlsplit(endpoint)
        assert place.hostname is not None, "an endpoint names its host"
        self._place = (place.hostname, place.port or 80)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                # One connection to the engine for each that a client keeps open.
                self.engine = http.client.HTTPConnection(*proxy._place, timeout=60)

            def finish(self) -> None:
                self.engine.close()
                super().finish()

            def do_POST(self) -> None:
                proxy._forward(self, self.engine)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> CountingProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        """Return the address under which the proxy is reached."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def _forward(self, request: BaseHTTPRequestHandler, engine: http.client.HTTPConnection) -> None:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        with self._lock:
            self.asked[operation] += 1
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_HOP}
        engine.request("POST", request.path, body, headers)
        answer = engine.getresponse()
        data = answer.read()
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_ONE_HOP:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
