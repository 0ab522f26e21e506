"""The verb vocabulary: what another one changes in concepts and articles, and which concepts are missing."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from db.store.store import open_store
from db.store.tags import untagged
from harvest.app.settings import Settings
from harvest.app.steps.update import pass_settings_of_store
from nlp.scoring.vocabulary_diff import compare, render
from nlp.scoring.vocabulary_reach import reach_changes
from nlp.scoring.vocabulary_suggest import render as render_suggestions
from nlp.scoring.vocabulary_suggest import suggestions, take
from nlp.vocabulary.loader import load_vocabulary

_SHOWN = 5
_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("vocabulary")
def command() -> None:
    """Compare vocabularies; find words that articles use and it does not know."""


@command.command("diff")
@click.argument("old", type=_folder)
@click.argument("new", type=_folder)
@pass_settings_of_store
def diff_command(settings: Settings, old: Path, new: Path) -> None:
    """Say what the vocabulary in folder NEW has otherwise than OLD, and what the store's articles gain and lose."""
    before, after = load_vocabulary(old), load_vocabulary(new)
    click.echo(render(compare(before, after)), nl=False)
    if not settings.db.exists():
        click.echo(f"{settings.db}: no store there, so no articles to compare; name one with --db")
        return
    with open_store(settings.db, create=False) as store:
        gained, lost = reach_changes(before, after, untagged(store, "", everything=True))
    for line in _lines(gained, lost):
        click.echo(line)


@command.command("suggest")
@click.option("--least", type=click.IntRange(1), default=3, show_default=True, help="Articles that have the phrase.")
@click.option("--take", "folder", type=_folder, help="Write them as concepts into the vocabulary in this folder.")
@pass_settings_of_store
def suggest_command(settings: Settings, least: int, folder: Path | None) -> None:
    """List phrases that the store's articles use often and the vocabulary does not know."""
    vocabulary = load_vocabulary(folder)
    with open_store(settings.db, create=False) as store:
        rows = store.db.execute(
            "SELECT kind, text, pmid FROM mentions WHERE concept_id IS NULL ORDER BY pmid, kind, text"
        ).fetchall()
    found = suggestions(rows, vocabulary, least)
    for line in render_suggestions(found):
        click.echo(line)
    click.echo(f"{len(found)} phrases without a concept in at least {least} articles")
    if folder:
        click.echo(f"{take(found, folder, vocabulary)} concepts written to {folder}; give each its parent")


def _lines(gained: Mapping[str, Sequence[int]], lost: Mapping[str, Sequence[int]]) -> Iterator[str]:
    articles = {pmid for changed in (gained, lost) for pmids in changed.values() for pmid in pmids}
    yield f"{len(articles)} articles gain or lose a concept's words"
    for sign, changed in (("+", gained), ("-", lost)):
        for concept in sorted(changed):
            pmids = changed[concept]
            more = " ..." if len(pmids) > _SHOWN else ""
            yield f"{sign} {concept}: {len(pmids)} ({', '.join(map(str, pmids[:_SHOWN]))}{more})"
