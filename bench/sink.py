"""A mail server that takes everything and keeps the Message-IDs, or misbehaves as it is told: in a process of its own.

    python -m bench.sink FOLDER [PORT]

FOLDER/taken gets one line a mail (Message-ID, recipient) before the server says that it has it; FOLDER/behaviour holds
the word it goes by: `take`, `421` and `550` (said after RCPT), `hang` (silent after DATA was sent whole), `drop` (hangs
up after it took the mail). Prints its port.
"""

import asyncio
import re
import sys
from pathlib import Path


class Sink:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = (folder / "taken").open("a", encoding="utf-8", buffering=1)

    @property
    def behaviour(self) -> str:
        path = self.folder / "behaviour"
        return path.read_text(encoding="ascii").strip() if path.exists() else "take"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        say = writer.write
        recipient = ""
        say(b"220 sink\r\n")
        try:
            while line := await reader.readline():
                word = line[:4].upper()
                if word in (b"EHLO", b"HELO"):
                    say(b"250-sink\r\n250 SIZE 99999999\r\n")
                elif word == b"RCPT":
                    recipient, refusal = line.decode("latin-1").strip(), self.behaviour
                    if refusal in ("421", "550"):
                        say(f"{refusal} not now\r\n".encode())
                        if refusal == "421":
                            break
                        continue
                    say(b"250 ok\r\n")
                elif word == b"DATA":
                    say(b"354 go on\r\n")
                    if not await self._keep(reader, recipient):
                        break
                    say(b"250 taken\r\n")
                elif word == b"QUIT":
                    say(b"221 bye\r\n")
                    break
                else:
                    say(b"250 ok\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _keep(self, reader: asyncio.StreamReader, recipient: str) -> bool:
        """False where the line is to end without an answer."""
        whole = await reader.readuntil(b"\r\n.\r\n")
        how = self.behaviour
        if how == "hang":
            await asyncio.sleep(3600)
        found = re.search(rb"(?mi)^message-id:\s*(<[^>]*>)", whole)
        self.taken.write(f"{found[1].decode() if found else '-'} {recipient}\n")
        return how != "drop"


async def _serve(folder: Path, port: int) -> None:
    server = await asyncio.start_server(Sink(folder).talk, "127.0.0.1", port, limit=2**26)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
