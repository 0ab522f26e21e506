"""The verbs about stored tags: tag, explain, decide."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import click

from db.model import Concept, TaggedArticle, TagInput
from db.store.decisions import Decision, DecisionError, Verdict, record_decisions
from db.store.ledger import Ledger
from db.store.store import Store, open_store, utc_now
from db.store.tags import count_untagged, drop_unused_concepts, save_concepts, save_tags, untagged
from harvest.app.common import json_option, pass_settings, print_json, progress
from harvest.app.settings import Settings
from harvest.version import SOFTWARE
from nlp.pipeline import tag, tag_one, tagger_version
from nlp.scoring.explain import explain
from nlp.vocabulary.loader import Vocabulary, load_vocabulary

_ARTICLES_A_COMMIT = 200
#: Fewer articles than this are tagged sooner than a second process is started.
_WORTH_A_PROCESS = 500


@dataclass(frozen=True, slots=True)
class TagReport:
    """How many articles were tagged by which version, and how many of them have other tags than before."""

    tagger: str
    articles: int
    retagged: int
    seconds: float


def concepts_of(vocabulary: Vocabulary) -> list[Concept]:
    """Returns the vocabulary as rows of the store."""
    return [
        Concept(c.id, c.kind, c.name, c.parent, c.mesh, (*c.synonyms, *c.abbreviations, *c.needs_definition), c.note)
        for c in vocabulary.concepts.values()
    ]


def tag_step(settings: Settings, everything: bool = False, processes: int = 1) -> TagReport:
    """Tags what this tagger version has not seen, or everything; commits every few hundred articles."""
    started = time.monotonic()
    tagger = tagger_version()
    concepts = concepts_of(load_vocabulary())
    with open_store(settings.db, create=False) as store:
        ledger = Ledger(store)
        with store.atomic():
            save_concepts(store, concepts)
        total = store.db["articles"].count if everything else count_untagged(store, tagger)
        if not total:
            return TagReport(tagger, 0, 0, round(time.monotonic() - started, 2))
        with store.atomic():
            run_id = ledger.begin("tag", SOFTWARE)
        retagged = 0
        if total < _WORTH_A_PROCESS:
            processes = 1
        inputs = untagged(store, tagger, everything)
        for group in _groups(progress(tag(inputs, processes), total, "Tagging")):
            with store.atomic():
                retagged += len(save_tags(store, run_id, group, utc_now()))
        seconds = round(time.monotonic() - started, 2)
        with store.atomic():
            drop_unused_concepts(store, concepts)
            ledger.finish(run_id, "done", f"tagged {total} articles with {tagger}", 0, seconds)
    return TagReport(tagger, total, retagged, seconds)


def _groups(articles: Iterable[TaggedArticle]) -> Iterator[list[TaggedArticle]]:
    iterator = iter(articles)
    while group := list(islice(iterator, _ARTICLES_A_COMMIT)):
        yield group


@click.command("tag")
@click.option("--all", "everything", is_flag=True, help="Tag every article anew, not only what changed.")
@click.option(
    "--processes", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1, 64), help="Cores to use."
)
@json_option
@pass_settings
def tag_command(settings: Settings, everything: bool, processes: int, as_json: bool) -> None:
    """Tag the articles that are new, changed, or known only to an older tagger."""
    report = tag_step(settings, everything, processes)
    if as_json:
        print_json(asdict(report))
    elif report.articles:
        click.echo(f"Tagged {report.articles} articles in {report.seconds} s; {report.retagged} have other tags now.")
    else:
        click.echo("Every article is tagged by this version already; --all tags them anew.")


@click.command("explain")
@click.argument("pmid", type=click.IntRange(1))
@pass_settings
def explain_command(settings: Settings, pmid: int) -> None:
    """Show every tag of one article with its sentence, its cue and the rule that made it."""
    with open_store(settings.db, create=False) as store:
        article = _one(store, pmid)
    click.echo(explain(article, tag_one(article)))


def _one(store: Store, pmid: int) -> TagInput:
    if not store.db.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone():
        raise DecisionError(f"PMID {pmid}: the store does not hold this article; harvest or import it first")
    return next(article for article in untagged(store, "", everything=True, first=pmid))


@click.command("decide")
@click.argument("pmid", type=click.IntRange(1))
@click.option("--accept", multiple=True, metavar="CONCEPT", help="The tag is right.")
@click.option("--reject", multiple=True, metavar="CONCEPT", help="The tag is wrong: remove it for good.")
@click.option("--add", multiple=True, metavar="CONCEPT", help="The tag is missing: add it for good.")
@click.option("--who", required=True, help="Who decides, as the site shows it.")
@click.option("--reason", help="Why.")
@pass_settings
def decide_command(
    settings: Settings,
    pmid: int,
    accept: tuple[str, ...],
    reject: tuple[str, ...],
    add: tuple[str, ...],
    who: str,
    reason: str | None,
) -> None:
    """Keep a person's correction of an article's tags; no tagging overwrites it."""
    vocabulary = load_vocabulary()
    verdicts: list[tuple[Verdict, tuple[str, ...]]] = [("accept", accept), ("reject", reject), ("add", add)]
    made = [
        Decision(pmid, verdict, who, utc_now(), _concept(vocabulary, text), reason=reason, source="decide")
        for verdict, texts in verdicts
        for text in texts
    ]
    if not made:
        raise click.UsageError("name at least one --accept, --reject or --add")
    with open_store(settings.db, create=False) as store, store.atomic():
        save_concepts(store, concepts_of(vocabulary))
        added = record_decisions(store, made)
        save_tags(store, Ledger(store).begin("tag", SOFTWARE), [tag_one(_one(store, pmid))], utc_now())
    click.echo(f"Kept {added} decisions on PMID {pmid}.")


def _concept(vocabulary: Vocabulary, text: str) -> str:
    """Returns the concept of any kind that has this id, name or synonym."""
    for kind in vocabulary.by_kind:
        found = vocabulary.find(kind, text)
        if found:
            return found.id
    near = [concept.id for kind in vocabulary.by_kind for concept in vocabulary.nearest(kind, text)][:3]
    raise DecisionError(f"concept {text!r} is not in the vocabulary; near it: {', '.join(near) or 'nothing'}")
