"""The tracker as a read-only server of the Model Context Protocol: one published file, no network.

Needs the extra `programs` (the protocol's own SDK, `mcp`).
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from db.citations.manifest import software_version
from db.errors import TrackerError
from db.evidence.articles import standing
from db.programs import claims
from db.publish.publish import check_published
from db.select.address import PARAMETERS
from db.topics import current, take_topic

Tool = Callable[..., dict[str, Any]]

_SECONDS = 20
_OPCODES_A_LOOK = 100_000

_INSTRUCTIONS = (
    "Literature on {} from PubMed, read by machine. Every claim comes with PMID, sentence "
    "and its place in title or abstract: cite the PMID and quote the sentence. Claims are what abstracts state, "
    "one study each; counts are articles by outcome and class of comparator and must not be added up. A claim with "
    "`conflict` contradicts itself and proves nothing; a retracted article is no evidence. Nothing found is not "
    "evidence of no effect. This is no medical advice."
)


def instructions() -> str:
    """Returns what a program is told of the topic, and the rules for whoever repeats what it reads."""
    return _INSTRUCTIONS.format(current().named)


class ProgramsError(TrackerError):
    """The server cannot be started."""


@contextmanager
def reading(site: Path) -> Iterator[sqlite3.Connection]:
    """Opens the published file for reading one moment of it; a question that takes longer than 20 seconds is ended."""
    connection = sqlite3.connect(f"{site.absolute().as_uri()}?mode=ro", uri=True)
    deadline = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _OPCODES_A_LOOK)
    try:
        connection.execute("BEGIN")
        yield connection
    except sqlite3.OperationalError as error:
        raise ProgramsError(f"the question could not be answered ({error}); ask for less") from error
    finally:
        connection.close()


def build_server(site: Path) -> Any:
    """Returns the server over a published file. Raises ProgramsError without the SDK, StoreError for another file."""
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError as error:
        raise ProgramsError(
            "the Model Context Protocol's SDK is not installed; run: pip install 'ho-tracker[programs]'"
        ) from error
    if not site.exists():
        raise ProgramsError(f"{site}: there is no published file; run ho-tracker publish first")
    check_published(site)
    with reading(site) as conn:
        take_topic(conn)
    server = MCPServer(name="ho-tracker", instructions=instructions(), version=software_version(), log_level="WARNING")
    for tool in _tools(site):
        server.tool()(_telling(tool, ToolError))
    return server


def _telling(tool: Tool, tool_error: type[Exception]) -> Tool:
    """Returns a tool whose foreseen errors are told to the program in their own words."""

    @wraps(tool)
    def told(*args: Any, **options: Any) -> dict[str, Any]:
        try:
            return tool(*args, **options)
        except TrackerError as error:
            raise tool_error(str(error)) from error

    return told


def _tools(site: Path) -> list[Tool]:
    """The tools; their docstrings and types are what a program is told of them."""

    def search(
        query: str = "", filters: dict[str, str] | None = None, limit: int = 10, offset: int = 0
    ) -> dict[str, Any]:
        """Search the articles. Returns how many match and one page of them, each with its strongest claim.

        `query`: words, "phrases", -excluded, title:word. `filters`: intervention, risk_factor, outcome, site,
        aetiology, study_design, year (2015-2020), finding_of, finding_on, effect (better, worse, no difference,
        unclear, conflict), retracted (yes, no), as_of (2026-01-31) and others as in the site's addresses. `limit` is
        50 at most.
        """
        with reading(site) as conn:
            return claims.search(conn, _pairs(query, filters), max(1, limit), max(0, offset))

    def article(pmid: int) -> dict[str, Any]:
        """One article by PMID: facts, abstract, notices (retraction!), tags, every claim with its sentence, similar."""
        with reading(site) as conn:
            return claims.article(conn, pmid)

    def concept_card(concept: str, filters: dict[str, str] | None = None) -> dict[str, Any]:
        """What is found of an intervention or risk factor, outcome by outcome and by class of comparator, with claims.

        `concept` is an id, name or synonym; of other kinds (outcome, site ...) only counts are told. `filters` as in
        search narrow the articles.
        """
        with reading(site) as conn:
            return claims.concept_card(conn, concept, _pairs("", filters))

    def answer(subject: str, outcome: str, filters: dict[str, str] | None = None) -> dict[str, Any]:
        """What is found of one intervention or risk factor on one outcome, such as aspirin on pain."""
        with reading(site) as conn:
            return claims.answer(conn, subject, outcome, _pairs("", filters))

    def trials(concept: str) -> dict[str, Any]:
        """Registered trials under way on an intervention or other concept (id, name or synonym)."""
        with reading(site) as conn:
            return claims.trials(conn, concept)

    def about() -> dict[str, Any]:
        """What the tracker holds, from when it is, and which filters a search takes."""
        with reading(site) as conn:
            known = standing(conn)
            return {
                "articles": known.articles,
                "records_held": known.held,
                "pubmed_checked_at": known.checked_at,
                "published_at": known.published_at,
                "made_up_sample": known.sample,
                "filters": list(PARAMETERS),
                "rules": instructions(),
            }

    return [search, article, concept_card, answer, trials, about]


def _pairs(query: str, filters: dict[str, str] | None) -> list[tuple[str, str]]:
    return [("q", query), *((name, str(value)) for name, value in (filters or {}).items())]
