"""A virus scanner for tests: it speaks INSTREAM on a free port of the loopback, and finds EICAR."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cases.tests import files


class Scanner(socketserver.ThreadingTCPServer):
    """`says` is what it answers instead of looking; `after` how long it thinks; `limit` what it takes at most."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.says: bytes | None = None
        self.after, self.limit = threading.Event(), 10_000_000
        self.after.set()
        self.scanned: list[int] = []

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"tcp://{host!s}:{port}"


class _Talk(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        assert self.rfile.readline() == b"nINSTREAM\n"
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
            if len(content) > self.server.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\n")
                return  # and hangs up on what is still to come, as clamd does
        self.server.scanned.append(len(content))
        self.server.after.wait(30)
        self.wfile.write(self._answer(content))

    def _answer(self, content: bytes) -> bytes:
        if self.server.says is not None:
            return self.server.says
        return b"stream: Win.Test.EICAR_HDB-1 FOUND\n" if files.EICAR in content else b"stream: OK\n"


@contextmanager
def running_scanner() -> Iterator[Scanner]:
    with Scanner() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.after.set()
            server.shutdown()
            thread.join()
