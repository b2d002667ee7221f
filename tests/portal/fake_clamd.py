"""A clamd of its own: a real server on a real socket that speaks the real protocol, and misbehaves on request."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd:
    """`with FakeClamd() as clamd:` listens on TCP, or on a Unix socket where a path is given.

    `manner`: "well", "killed" (hangs up in the middle of the file), "mute" (reads all and says nothing), "slow" (one byte a
    second), "half" (hangs up within its word), "no_database" (an error), "small" (a stream is too long for it), "odd".
    """

    def __init__(self, path: Path | None = None, manner: str = "well") -> None:
        self.manner = manner
        self.seen: list[bytes] = []
        self.chunks: list[int] = []
        self.path = path
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        if self.path is not None:
            self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._server.bind(str(self.path))
            self.url = f"unix://{self.path}"
        else:
            self._server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._server.bind(("127.0.0.1", 0))
            self.url = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._server.listen(8)
        self._server.settimeout(0.1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(5)
        self._server.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                wire, _ = self._server.accept()
            except TimeoutError:
                continue
            wire.settimeout(5)
            try:
                with wire:
                    self._answer(wire)
            except OSError:
                continue

    def _answer(self, wire: socket.socket) -> None:
        assert self._exactly(wire, 10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", self._exactly(wire, 4))[0]:
            self.chunks.append(length)
            content += self._exactly(wire, length)
            if self.manner == "killed":
                return
            if self.manner == "small":
                wire.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(content)
        self._say(wire, b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")

    def _say(self, wire: socket.socket, word: bytes) -> None:
        if self.manner == "mute":
            self._stop.wait(5)
        elif self.manner == "slow":
            for place in range(len(word)):
                if self._stop.is_set():
                    return
                time.sleep(0.2)
                wire.sendall(word[place : place + 1])
        elif self.manner == "half":
            wire.sendall(word[:8])
        elif self.manner == "no_database":
            wire.sendall(b"stream: Can't access database ERROR\0")
        elif self.manner == "odd":
            wire.sendall(b"PONG\0")
        else:
            wire.sendall(word)

    @staticmethod
    def _exactly(wire: socket.socket, count: int) -> bytes:
        got = b""
        while len(got) < count:
            piece = wire.recv(count - len(got))
            if not piece:
                raise OSError("the client hung up")
            got += piece
        return got
