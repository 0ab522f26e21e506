"""The HTTP side of the world: all services on one port, told apart by the first part of the path; a log; faults."""

import contextlib
import random
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from tests.support.eutils_server.faults import Fault
from tests.support.eutils_server.server import Handler as EutilsHandler
from tests.support.eutils_server.server import _Http
from tests.support.services_world import answers
from tests.support.services_world.world import World

#: The first part of the path of each service, by the name that the program has for it.
PATHS = {
    "trials": "/ctgov",
    "icite": "/icite",
    "europe_pmc": "/epmc",
    "converter": "/idconv/",
    "unpaywall": "/unpaywall",
    "crossref": "/crossref",
    "retraction_watch": "/rw.csv",
}
VARIABLES = {
    "trials": "HO_TRACKER_TRIALS_URL",
    "icite": "HO_TRACKER_ICITE_URL",
    "europe_pmc": "HO_TRACKER_EUROPEPMC_URL",
    "converter": "HO_TRACKER_IDCONV_URL",
    "unpaywall": "HO_TRACKER_UNPAYWALL_URL",
    "crossref": "HO_TRACKER_CROSSREF_URL",
    "retraction_watch": "HO_TRACKER_RETRACTION_WATCH_URL",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it."""

    endpoint: str
    path: str
    form: dict[str, str]
    method: str
    headers: dict[str, str]


class ServicesServer:
    """Serves a world while the `with` block runs; `old_icite` gives iCite's form of before July 2025."""

    date_header = True
    pause = 0.0

    def __init__(self, world: World, old_icite: bool = False, trial_page: int | None = None) -> None:
        self.world = world
        self.old_icite = old_icite
        self.trial_page = trial_page
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self._order = random.Random(1)
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), Handler)
        self._http.owner = self  # type: ignore[assignment]

    @property
    def corpus(self) -> World:
        """What tells the day, under the name that the handler knows."""
        return self.world

    @property
    def root(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def addresses(self) -> dict[str, str]:
        """The base address of each service."""
        return {name: f"{self.root}{path}" for name, path in PATHS.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which the program asks this server."""
        return {VARIABLES[name]: address for name, address in self.addresses.items()}

    def __enter__(self) -> "ServicesServer":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.stopping = True
        self._http.shutdown()
        self._http.server_close()

    def fail(self, fault: Fault) -> None:
        """Makes the next requests fail; an endpoint is a service's name."""
        self.faults.append(fault)

    def count(self, endpoint: str | None = None) -> int:
        """Returns how many requests came, to one service or to all."""
        return sum(endpoint in (None, asked.endpoint) for asked in self.asked)

    def forget(self) -> None:
        """Empties the log of requests, and the faults."""
        self.asked.clear()
        self.faults.clear()

    def budget(self) -> tuple[int, int]:
        """Says nothing of rates, under the name that the handler knows."""
        return 0, 0

    def fault_for(self, asked: Asked) -> Fault | None:
        """Takes the fault that meets a request, if any."""
        with self._lock:
            for fault in self.faults:
                if fault.times <= 0 or fault.endpoint not in (None, asked.endpoint):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def answer(self, asked: Asked) -> answers.Answer:
        """Returns what the service says."""
        world = self.world
        with self._lock:
            match asked.endpoint:
                case "trials":
                    return answers.trials(world, asked.path.removeprefix("/ctgov/"), asked.form, self.trial_page)
                case "icite":
                    return answers.icite(world, asked.form, self.old_icite, self._order)
                case "europe_pmc":
                    return answers.europe_pmc(world, asked.form)
                case "converter":
                    return answers.id_converter(world, asked.form)
                case "unpaywall":
                    return answers.unpaywall(world, asked.path.removeprefix("/unpaywall/"))
                case "crossref":
                    return answers.crossref(world, asked.form)
                case "retraction_watch":
                    return answers.retraction_watch(world, asked.headers.get("If-None-Match"))
        return answers.as_text("not found", 404)


class Handler(EutilsHandler):
    """Answers one request, rightly or as a fault has it."""

    def _answer(self, form: str) -> None:
        owner: ServicesServer = self.server.owner  # type: ignore[assignment]
        parts = urlsplit(self.path)
        endpoint = next((name for name, path in PATHS.items() if parts.path.startswith(path.rstrip("/"))), "")
        query = f"{parts.query}&{form}" if form and form != parts.query else parts.query
        fields = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        asked = Asked(endpoint, parts.path, fields, self.command, dict(self.headers))
        owner.asked.append(asked)
        if len(self.path) > 4096:
            self.reply(414, b"URI Too Long", "text/plain")
            return
        if owner.pause:
            time.sleep(owner.pause)
        fault = owner.fault_for(asked)
        code, body, content_type, headers = owner.answer(asked)
        with contextlib.suppress(OSError):
            if fault:
                fault.answer(self, body)
            elif code == 304:  # which has no body, not even an empty one in chunks
                self.send_response_only(code)
                self.send_header("ETag", headers["ETag"])
                self.end_headers()
            else:
                self.reply(code, body, content_type, headers)
