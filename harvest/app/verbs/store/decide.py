"""The verb decide."""

import click

from db.store.decisions import Decision, DecisionError, Verdict, record_decisions
from db.store.ledger.ledger import Ledger
from db.store.store import open_store, utc_now
from db.store.tags import save_concepts, save_tags
from harvest.app.common import PMID, pass_settings, say
from harvest.app.settings import Settings
from harvest.app.steps.tag import article_to_tag, concepts_of
from harvest.version import SOFTWARE
from nlp.pipeline import tag_one
from nlp.vocabulary.loader import Vocabulary, load_vocabulary


@click.command("decide")
@click.argument("pmid", type=PMID)
@click.option("--accept", multiple=True, metavar="CONCEPT", help="The tag is right.")
@click.option("--reject", multiple=True, metavar="CONCEPT", help="The tag is wrong: remove it for good.")
@click.option("--add", multiple=True, metavar="CONCEPT", help="The tag is missing: add it for good.")
@click.option("--who", required=True, help="Who decides, as the site shows it.")
@click.option("--reason", help="Why.")
@pass_settings
def command(
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
    named = [decision.concept_id for decision in made]
    if twice := next((concept for concept in named if named.count(concept) > 1), None):
        raise click.UsageError(f"{twice} is named more than once; decide it one way")
    with open_store(settings.db, create=False) as store:
        tagged = tag_one(article_to_tag(store, pmid))
        ledger = Ledger(store)
        with store.atomic():
            save_concepts(store, concepts_of(vocabulary))
            added = record_decisions(store, made).added
            run_id = ledger.open("decide", SOFTWARE)
            save_tags(store, run_id, [tagged], utc_now())
            ledger.finish(run_id, "done", f"decisions of {who} on PMID {pmid}", 0, 0.0)
    say(f"Kept {added} decision{'s' * (added != 1)} on PMID {pmid}; ho-tracker publish brings it to the site.")


def _concept(vocabulary: Vocabulary, text: str) -> str:
    """Returns the concept of any kind that has this id, name or synonym."""
    for kind in vocabulary.by_kind:
        found = vocabulary.find(kind, text)
        if found:
            return found.id
    near = [concept.id for kind in vocabulary.by_kind for concept in vocabulary.nearest(kind, text)][:3]
    raise DecisionError(f"concept {text!r} is not in the vocabulary; near it: {', '.join(near) or 'nothing'}")
