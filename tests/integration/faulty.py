"""A proxy on loopback that makes an S3 server as bad as a test wants it."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["none", "500", "503", "slow", "cut"]
SLOW_S = 2.0


class FaultyS3:
    """Passes requests on to a server, but for the fault that is set: every answer 500 or 503, late, or cut off in the upload."""

    def __init__(self, target: str) -> None:
        self.fault: Fault = "none"
        self.refused = 0  # requests that met a fault
        self._target = urlsplit(target).netloc
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy.handle(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @contextmanager
    def failing(self, fault: Fault, seconds: float) -> Iterator[None]:
        """The fault lasts at least so long, and until the end of the block."""
        ends = time.monotonic() + seconds
        self.fault = fault
        try:
            yield
            time.sleep(max(0.0, ends - time.monotonic()))
        finally:
            self.fault = "none"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length", 0))
        if self.fault != "none":
            self.refused += 1
        if self.fault == "cut":
            request.rfile.read(length // 2)
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
            return
        body = request.rfile.read(length)
        if self.fault == "slow":
            time.sleep(SLOW_S)
        if self.fault in ("500", "503"):
            request.send_response(int(self.fault))
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        self._pass_on(request, body)

    def _pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        server = http.client.HTTPConnection(self._target, timeout=60)
        server.request(request.command, request.path, body, dict(request.headers))
        answer = server.getresponse()
        data = answer.read()
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "date", "server", "content-length"):
                request.send_header(name, value)
        length = answer.getheader("Content-Length") if request.command == "HEAD" else str(len(data))
        request.send_header("Content-Length", length or "0")
        request.end_headers()
        request.wfile.write(data)
        server.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
