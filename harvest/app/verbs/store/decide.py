"""The verb decide."""

import click

from db.store.people.decisions import next_time, record_decisions
from db.store.people.verdicts import Decision, DecisionError, Verdict
from db.store.store import open_store
from db.store.tags import save_concepts
from harvest.app.common import PMID, say
from harvest.app.settings import Settings
from harvest.app.steps.tag import concepts_of
from harvest.app.steps.update import pass_settings_of_store
from harvest.version import SOFTWARE
from nlp.vocabulary.loader import Vocabulary, load_vocabulary


@click.command("decide")
@click.argument("pmid", type=PMID)
@click.option("--accept", multiple=True, metavar="CONCEPT", help="The tag is right.")
@click.option("--reject", multiple=True, metavar="CONCEPT", help="The tag is wrong: remove it for good.")
@click.option("--add", multiple=True, metavar="CONCEPT", help="The tag is missing: add it for good.")
@click.option("--undo", multiple=True, metavar="CONCEPT", help="Take your last decision on the tag back.")
@click.option("--who", required=True, help="Who decides, as the site shows it.")
@click.option("--reason", help="Why.")
@pass_settings_of_store
def command(
    settings: Settings,
    pmid: int,
    accept: tuple[str, ...],
    reject: tuple[str, ...],
    add: tuple[str, ...],
    undo: tuple[str, ...],
    who: str,
    reason: str | None,
) -> None:
    """Keep a person's correction of an article's tags; no tagging overwrites it."""
    vocabulary = load_vocabulary()
    verdicts: list[tuple[Verdict, tuple[str, ...]]] = [
        ("accept", accept), ("reject", reject), ("add", add), ("withdraw", undo),
    ]  # fmt: skip
    named = [(verdict, _concept(vocabulary, text)) for verdict, texts in verdicts for text in texts]
    if not named:
        raise click.UsageError("name at least one --accept, --reject, --add or --undo")
    concepts = [concept for _, concept in named]
    if twice := next((concept for concept in concepts if concepts.count(concept) > 1), None):
        raise click.UsageError(f"{twice} is named more than once; decide it one way")
    with open_store(settings.db, create=False) as store, store.atomic():
        save_concepts(store, concepts_of(vocabulary))
        made = [
            Decision(pmid, verdict, who, next_time(store, pmid, concept, None), concept, reason=reason, source="decide")
            for verdict, concept in named
        ]
        added = record_decisions(store, made, SOFTWARE).added
    say(f"Kept {added} decision{'s' * (added != 1)} on PMID {pmid}; ho-tracker publish brings it to the site.")


def _concept(vocabulary: Vocabulary, text: str) -> str:
    """Returns the concept of any kind that has this id, name or synonym."""
    for kind in vocabulary.by_kind:
        found = vocabulary.find(kind, text)
        if found:
            return found.id
    near = [concept.id for kind in vocabulary.by_kind for concept in vocabulary.nearest(kind, text)][:3]
    raise DecisionError(f"concept {text!r} is not in the vocabulary; near it: {', '.join(near) or 'nothing'}")
