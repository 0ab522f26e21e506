"""The HTTP side of the world: all services on one port, told apart by the first part of the path; a log; faults."""

import contextlib
import random
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, urlsplit

from tests.support.services_world import answers
from tests.support.services_world.world import World
from tests.support.stand_in import StandIn, StandInHandler

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

    @property
    def pmids(self) -> list[int]:
        """None: no fault of theirs is chosen by PMID."""
        return []


class ServicesServer(StandIn[Asked]):
    """Serves a world while the `with` block runs; `old_icite` gives iCite's form of before July 2025."""

    def __init__(self, world: World, old_icite: bool = False, trial_page: int | None = None) -> None:
        super().__init__(_Handler)
        self.world = world
        self.old_icite = old_icite
        self.trial_page = trial_page
        self._order = random.Random(1)

    @property
    def today(self) -> date:
        """The world's day."""
        return self.world.today

    @property
    def addresses(self) -> dict[str, str]:
        """The base address of each service."""
        return {name: f"{self.root}{path}" for name, path in PATHS.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which the program asks this server."""
        return {VARIABLES[name]: address for name, address in self.addresses.items()}

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


class _Handler(StandInHandler):
    def _answer(self, form: str) -> None:
        owner: ServicesServer = self.server.owner  # type: ignore[assignment]
        parts = urlsplit(self.path)
        endpoint = next((name for name, path in PATHS.items() if parts.path.startswith(path.rstrip("/"))), "")
        query = f"{parts.query}&{form}" if form and form != parts.query else parts.query
        fields = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        asked = Asked(endpoint, parts.path, fields, self.command, dict(self.headers))
        if not self.meets(asked):
            return
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
