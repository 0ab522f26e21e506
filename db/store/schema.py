"""All tables of the store and of the published file: with `ddl/`, the only place with DDL.

Each step is a migration that runs once, in its own transaction, and is never renamed after a release: its name is its
identity in `_sqlite_migrations`. The store has every table; `evidence.db` has `PUBLIC_TABLES` and the full-text search.
"""

from importlib.resources import files

from sqlite_utils import Database, Migrations

from db.errors import TrackerError

#: Marks a file as ours ("HOtr"), so that somebody else's SQLite file is never written to.
APPLICATION_ID = 0x484F7472

#: Tables whose rows belong to one article and are replaced together with it, all keyed by `pmid`.
ARTICLE_PARTS = (
    "sections",
    "authors",
    "contributors",
    "mesh_headings",
    "publication_types",
    "keywords",
    "notices",
    "supplementary_concepts",
    "chemicals",
    "registry_numbers",
    "grants",
    "article_ids",
    "history_dates",
    "other_abstracts",
)
#: Tables whose rows the tagger makes.
TAG_TABLES = ("mentions", "article_tags", "findings", "results")
#: Columns of `articles` that the tagger fills in.
TAGGER_COLUMNS = (
    "topic",
    "study_design",
    "design_from_types",
    "design_from_text",
    "sample_size",
    "sample_size_text",
    "species",
    "evidence_level",
    "follow_up",
    "abstained",
    "tagger",
)
#: What `publish` copies into `evidence.db`; records, batches and decisions stay private.
PUBLIC_TABLES = (
    *("articles", *ARTICLE_PARTS, "concepts", *TAG_TABLES, "runs", "changes", "digests", "properties"),
    *("trials", "trial_articles", "trial_tags", "trial_changes", "citations", "citation_edges", "links", "preprints"),
    "recall_candidates",
    *("searches", "search_articles", "search_trials", "digest_entries"),
)

migrations = Migrations("ho-tracker")


class SchemaError(TrackerError):
    """The database is not one of ours, or was written by a newer version."""


def migrate(db: Database, path: str) -> list[str]:
    """Brings a database to the newest schema; returns the names of the steps that ran.

    `path` names the file in errors. Raises SchemaError where the file belongs to something else or to a newer version.
    """
    refuse_foreign(db, path)
    pending = pending_steps(db)
    if pending:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(db)
    return pending


def refuse_foreign(db: Database, path: str) -> None:
    """Raises SchemaError where a database belongs to something else or to a newer version."""
    tables = set(db.table_names())
    application_id = db.execute("PRAGMA application_id").fetchone()[0]
    if application_id not in (0, APPLICATION_ID) or (application_id == 0 and tables):
        raise SchemaError(f"{path}: this SQLite file is not a ho-tracker database; name another file with --db")
    unknown = sorted(_applied(db) - _all_steps())
    if unknown:
        raise SchemaError(
            f"{path}: written by a newer ho-tracker (unknown schema step {unknown[0]}); update ho-tracker and try again"
        )


def pending_steps(db: Database) -> list[str]:
    """Returns the names of the schema steps that a database still lacks."""
    return [step.name for step in migrations.pending(db)]


def _applied(db: Database) -> set[str]:
    return {step.name for step in migrations.applied(db)}


def _all_steps() -> set[str]:
    return set(pending_steps(Database(memory=True)))


@migrations()
def m001_articles(db: Database) -> None:
    """The bibliographic record, its parts, and what PubMed sent."""
    _run(db, "m001_articles")


@migrations()
def m002_ledger(db: Database) -> None:
    """What was fetched, when, for which query, and what it changed."""
    _run(db, "m002_ledger")


@migrations()
def m003_tags(db: Database) -> None:
    """Concepts, what the tagger found, and what people decided."""
    _run(db, "m003_tags")


@migrations()
def m004_evidence(db: Database) -> None:
    """Comparators, effects, conflicts, polarity, results of arms; which parser read a record; further kinds of runs."""
    _run(db, "m004_evidence")
    _widen(db, "changes", "'retagged')", "'retagged', 'reparsed')")
    _widen(
        db, "runs", "'publish', 'nightly')", "'publish', 'nightly', 'reparse', 'enrich', 'decide', 'digest', 'restore')"
    )


@migrations()
def m005_enrichment(db: Database) -> None:
    """Notices by who said them; trials, citations, full text, preprints; where each service stands."""
    _run(db, "m005_enrichment")
    _widen(db, "changes", "'reparsed')", "'reparsed', 'cites retracted', 'reinstated')")


@migrations()
def m006_seals(db: Database) -> None:
    """Hashes over what nothing else can be checked against; `open_store` seals what an older store holds."""
    _run(db, "m006_seals")


@migrations()
def m007_order(db: Database) -> None:
    """In which order files and nights had their say: the file of a record, deletions, what each digest told."""
    _run(db, "m007_order")


@migrations()
def m008_searches(db: Database) -> None:
    """Saved searches, the articles that each has told, the lines of digests, and who got them."""
    _run(db, "m008_searches")
    _widen(db, "changes", "'reinstated')", "'reinstated', 'notice', 'cited')")


@migrations()
def m009_review(db: Database) -> None:
    """Decisions on findings and marked words, undone ones, the tagger's own reading, places in queues."""
    _run(db, "m009_review")
    _widen(db, "decisions", "'maybe')", "'maybe', 'correct', 'withdraw')")
    _widen(db, "article_tags", "('accept', 'add')", "('accept', 'add', 'correct')")


@migrations()
def m010_left_out(db: Database) -> None:
    """What a file held and the store left out; which records were read from MEDLINE text."""
    _run(db, "m010_left_out")


@migrations()
def m011_topic(db: Database) -> None:
    """Which topic the store is on."""
    _run(db, "m011_topic")


@migrations()
def m012_trial_searches(db: Database) -> None:
    """Saved searches of trials, moved dates and publications of trials."""
    _run(db, "m012_trial_searches")
    _widen(db, "trial_changes", "'returned')", "'returned', 'dates', 'published')")


@migrations()
def m013_retracted_reports(db: Database) -> None:
    """Retractions of the articles that are a trial's own."""
    _run(db, "m013_retracted_reports")
    _widen(db, "trial_changes", "'published')", "'published', 'paper retracted', 'paper reinstated')")


def _widen(db: Database, table: str, old: str, new: str) -> None:
    """Lets a closed list of a table take further words, without writing the table anew.

    A CHECK says nothing about what is stored already, so SQLite lets one be changed in the schema's text alone
    (https://sqlite.org/lang_altertable.html, "Making other kinds of table schema changes").
    """
    version = db.execute("PRAGMA schema_version").fetchone()[0]
    db.execute("PRAGMA writable_schema = ON")
    sql = "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)"
    changed = db.execute(sql, [old, new, table, old]).rowcount
    db.execute(f"PRAGMA schema_version = {version + 1}")
    db.execute("PRAGMA writable_schema = OFF")
    if changed != 1:
        raise SchemaError(f"table {table} is not as ho-tracker made it; restore the store from a backup")


def _run(db: Database, name: str) -> None:
    """Runs `ddl/NAME.sql` statement by statement, so that it stays inside the migration's transaction."""
    script = files("db.store").joinpath("ddl", f"{name}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
