"""A line between two processes that can be cut, held and restored while both go on."""

import contextlib
import socket
import threading

PASS, CUT, HOLD = "pass", "cut", "hold"


class Proxy:
    """Listens on a port of its own. `cut` closes what is open and every new line at once; `hold` takes a new line and
    says nothing on it, as a machine does that is gone; `restore` lets everything through again."""

    def __init__(self, port: int) -> None:
        self.target, self.mode = port, PASS
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        self.mode = CUT
        self._close_all()

    def hold(self) -> None:
        self.mode = HOLD
        self._close_all()

    def restore(self) -> None:
        self.mode = PASS
        self._close_all()

    def close(self) -> None:
        self._listener.close()
        self._close_all()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the end
            while True:
                client, _address = self._listener.accept()
                self._take(client)

    def _take(self, client: socket.socket) -> None:
        if self.mode == CUT:
            client.close()
            return
        self._remember(client)
        if self.mode == HOLD:
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            self._close(client)
            return
        server.settimeout(None)
        self._remember(server)
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        self._close(one)
        self._close(other)

    def _remember(self, line: socket.socket) -> None:
        with self._lock:
            self._open.add(line)

    def _close(self, line: socket.socket) -> None:
        with self._lock:
            self._open.discard(line)
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()

    def _close_all(self) -> None:
        for line in list(self._open):
            self._close(line)
