"""A server on a free port of this machine: started, asked, and watched."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(command: list[str], **environment: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Starts a server with a free port as its last argument, and yields the port once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, str(port)], stdout=quiet, stderr=quiet, env=os.environ | environment)
    try:
        for _ in range(1200):  # five minutes: a large site counts before it answers
            try:
                get(http.client.HTTPConnection("127.0.0.1", port, timeout=60), "/-/versions.json")
                break
            except OSError:
                time.sleep(0.25)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def get(connection: http.client.HTTPConnection, target: str) -> tuple[int, str]:
    """Returns status and text of an answer."""
    connection.request("GET", target)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def cpu_seconds(pid: int) -> float:
    """Returns the processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Returns the memory of a process in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1000


def load_average() -> str:
    """Returns how many processes wanted a processor during the last minute."""
    return Path("/proc/loadavg").read_text().split()[0]
