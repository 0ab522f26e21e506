"""A store with made-up articles, its published file, and the site with the review page on, asked as a reviewer does."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.publish.publish import publish
from db.site.server import build_datasette
from db.site.serving.accounts import add_account
from db.site.serving.desk import ReviewDesk, desk_of
from db.store.records.save import save_articles
from db.store.store import Store, open_store
from db.store.tags import save_concepts, save_tags, untagged
from db.tagged import Estimate, Finding, Mention, StudyFacts, TaggedArticle
from tests.support.stores import AT, CONCEPTS, FACTS, article, run

SECRET = "a secret that only the tests know, long enough"  # noqa: S105
PASSWORD = "correct horse battery"  # noqa: S105
PEOPLE = ("ada", "bea")
TITLE = "Indomethacin and heterotopic ossification"
#: A sentence a finding; the second one contradicts its own figures.
ABSTRACT = (
    "Hips were given indomethacin or placebo. Indomethacin led to less ossification than placebo (RR 0.50, 0.30 to "
    "0.90). Pain was said to rise (RR 1.10, 0.80 to 1.40). NSAIDs did not differ."
)
FIRST_PMID = 7_000_001
VOCABULARY = [replace(c, polarity="less is better") if c.id == "ho" else c for c in CONCEPTS]


def place(words: str) -> tuple[int, int]:
    """Where words stand in the abstract."""
    start = ABSTRACT.index(words)
    return start, start + len(words)


_LESS = place("Indomethacin led to less ossification than placebo (RR 0.50, 0.30 to 0.90).")
_RISE = place("Pain was said to rise (RR 1.10, 0.80 to 1.40).")
_SAME = place("NSAIDs did not differ.")


def findings() -> tuple[Finding, ...]:
    """What the tagger reads of each article."""
    first = Finding(
        "effect", "indomethacin", "Indomethacin", "placebo", "ho", "ossification", "increases",
        Estimate("RR", 0.5, 0.3, 0.9), "abstract", *_LESS, None, "less", None, "none or placebo", "worse",
    )  # fmt: skip
    second = replace(
        first, direction="increases", estimate=Estimate("RR", 1.1, 0.8, 1.4), sentence_start=_RISE[0],
        sentence_end=_RISE[1], conflict="words: increases; interval: no difference", effect="unclear",
    )  # fmt: skip
    return first, second


def mentions() -> tuple[Mention, ...]:
    """The words that the tagger marks in each article, the last one unsure."""
    rows = ((_LESS, "Indomethacin", "indomethacin", "intervention", 1.0), (_LESS, "ossification", "ho", "outcome", 1.0),
            (_SAME, "NSAIDs", "nsaids", "intervention", 0.5))  # fmt: skip
    return tuple(
        Mention(
            "abstract", at[0] + ABSTRACT[slice(*at)].index(text),
            at[0] + ABSTRACT[slice(*at)].index(text) + len(text), text, kind, concept,  # type: ignore[arg-type]
            *at, None, "affirmed", None, "model", confidence,
        )
        for at, text, concept, kind, confidence in rows
    )  # fmt: skip


def tag_all(store: Store, version: str, read: tuple[Finding, ...] | None = None) -> None:
    """Tags every article anew as another version of the tagger would, in a transaction of its own."""
    facts: StudyFacts = replace(FACTS, study_design="cohort")
    with store.atomic():
        made = [
            TaggedArticle(given.pmid, given.text_hash, version, facts, mentions(), findings() if read is None else read)
            for given in untagged(store, "none", everything=True)
        ]
        save_tags(store, run(store), made, AT)


def make_desk(folder: Path, articles: int = 3) -> ReviewDesk:
    """A folder with `ho.db`, `evidence.db` and `reviewers.txt`."""
    path = folder / "ho.db"
    with open_store(path) as store:
        with store.atomic():
            save_concepts(store, VOCABULARY)
            pmids = range(FIRST_PMID, FIRST_PMID + articles)
            given = [article(pmid, title=TITLE, abstract=ABSTRACT, sections=()) for pmid in pmids]
            save_articles(store, run(store), given, AT)
        tag_all(store, "v1")
    publish(path, folder / "evidence.db")
    for name in PEOPLE:
        add_account(folder / "reviewers.txt", name, PASSWORD)
    return ReviewDesk(path, SECRET, folder / "reviewers.txt")


def copied_desk(made: Path, folder: Path) -> ReviewDesk:
    """A desk over a copy of another one's folder."""
    for file in made.iterdir():
        shutil.copy(file, folder / file.name)
    return ReviewDesk(folder / "ho.db", SECRET, folder / "reviewers.txt")


class Visitor:
    """Somebody with a browser's cookies, without a browser."""

    def __init__(self, runner: asyncio.Runner, datasette: Any) -> None:
        self.runner, self.datasette, self.cookies = runner, datasette, dict[str, str]()

    def get(self, address: str, **options: Any) -> Any:
        """Asks for a page and keeps its cookies."""
        return self._ask("GET", address, **options)

    def post(self, address: str, fields: dict[str, Any], token: bool = True, **options: Any) -> Any:
        """Sends a form, with the token of this visitor unless told otherwise."""
        if token and "ds_csrftoken" not in self.cookies:
            self.get("/curate/login")
        sent = {**({"csrftoken": self.cookies.get("ds_csrftoken", "")} if token else {}), **fields}
        return self._ask("POST", address, data=sent, **options)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        """Signs in; returns the answer."""
        return self.post("/curate/login", {"name": name, "password": password})

    def take_session(self, name: str) -> None:
        """Takes the cookie that signing in would give, and this visitor's token."""
        actor = {"id": name, "reviewer": desk_of(self.datasette).accounts().stamp(name)}
        self.get("/curate/login")
        self.cookies["ds_actor"] = self.datasette.sign({"a": actor}, "actor")

    def form(self, address: str, action: str = "/curate/decide") -> dict[str, str]:
        """The hidden fields of the first form of a page that is sent to an address."""
        return form_fields(self.get(address).text, action)

    def decide(self, queue: str, verdict: str, **fields: Any) -> Any:
        """Decides on what a queue shows."""
        return self.post("/curate/decide", {**self.form(f"/curate/{queue}"), "verdict": verdict, **fields})

    def _ask(self, method: str, address: str, **options: Any) -> Any:
        answer = self.runner.run(
            self.datasette.client.request(method, address, cookies=self.cookies, follow_redirects=False, **options)
        )
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            if value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer


def form_fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form of a page that is sent to an address."""
    form = page.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return dict(hidden)


@contextmanager
def visiting(desk: ReviewDesk | None, site: Path) -> Iterator[Any]:
    """Gives a function that makes visitors of a site with the review page on (or off, without a desk)."""
    with asyncio.Runner() as runner:
        datasette = build_datasette(site, desk=desk)
        runner.run(datasette.invoke_startup())
        yield lambda: Visitor(runner, datasette)
