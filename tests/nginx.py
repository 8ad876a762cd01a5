"""A real nginx for the tests, started by the script that starts it in a container."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATH = f"{os.environ['PATH']}:/usr/sbin"
"""Where nginx is found; Debian keeps it where only root looks."""


@dataclass(frozen=True)
class Running:
    """An nginx that has been started; requests wait until it is ready."""

    url: str
    process: subprocess.Popen[bytes]
    state: Path
    """The folder it writes in."""

    log: Path

    def stop(self) -> str:
        """End it, and return all that it has logged."""
        self.process.terminate()
        self.process.wait(timeout=10)
        return self.log.read_text()


@contextlib.contextmanager
def running(
    configuration: Path, site: Path, server: str = "", before: Sequence[str] = (), **environment: str
) -> Iterator[Running]:
    """Give an nginx over a built site, in front of the server at the address ``server`` if there is one.

    Args:
        configuration: folder that ``web_server.prepare`` has made.
        site: the built site.
        server: address of the server.
        before: command line that starts the script, for another user than ours.
        environment: further variables of the script.

    """
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listening:
        Path(folder).chmod(0o777)
        state, log = Path(folder) / "4xl", Path(folder) / "log"
        listening.bind(("0.0.0.0", 0))  # noqa: S104 - as nginx will listen
        listening.listen(64)
        port = listening.getsockname()[1]
        # A socket that is inherited listens before nginx does, so nobody has to ask whether it is ready.
        inherited = {"NGINX": f"{listening.fileno()};", "PATH": PATH}
        settings = {"PORT": str(port), "SITE": str(site), "STATE": str(state), "SERVER_URL": server}
        # Only root can say who reads files for it; ours are in folders of the tests.
        user = ["-g", "user root;"] if os.geteuid() == 0 and not before else []
        with log.open("wb") as writing:
            process = subprocess.Popen(
                [*before, "sh", str(configuration / "start"), *user],
                env={**inherited, **settings, **environment},
                pass_fds=[listening.fileno()],
                stdout=writing,
                stderr=writing,
            )
        listening.close()
        nginx = Running(f"http://localhost:{port}/", process, state, log)
        try:
            yield nginx
        finally:
            nginx.stop()
