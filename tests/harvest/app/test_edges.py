"""What the command does at the edges: steps that are broken off, readers that leave, terminals, files in the way."""

import io
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from db.store.ledger.ledger import Ledger
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.store import Store, open_store
from db.store.tags import save_concepts
from db.tagged import Concept, TaggedArticle, TagInput
from harvest.app import common, lock, progress
from harvest.app.common import OneLineErrors
from harvest.app.health import health
from harvest.app.lock import LockedError, holder, locked
from harvest.app.settings import Settings, SettingsError, load_settings
from harvest.app.steps import publish as publish_module
from harvest.app.steps import tag as tag_module
from harvest.app.steps.lake import writing_lake
from harvest.app.steps.tag import tag_step
from harvest.app.topics.overview_check import picture_problems
from nlp.pipeline import tagger_version
from tests.harvest.app.test_lock import another_process
from tests.support.stores import AT, CONCEPTS, FACTS, fill, save
from tests.support.stores import article as an_article


def quick(articles: Iterable[TagInput]) -> Iterator[TaggedArticle]:
    """Reads articles without the tagger."""
    for article in articles:
        yield TaggedArticle(article.pmid, article.text_hash, tagger_version(), FACTS, (), ())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("oops")])
def test_a_tagging_that_is_broken_off_is_closed_and_keeps_what_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    settings = Settings(fill(tmp_path / "ho.db", 1, 2, 3, 4))
    monkeypatch.setattr(tag_module, "_ARTICLES_A_COMMIT", 2)
    with open_store(settings.db) as store, store.atomic():
        save_concepts(store, [*CONCEPTS, Concept("once", "intervention", "once", None, None, ())])

    def broken(articles: Iterable[TagInput]) -> Iterator[TaggedArticle]:
        yield from islice(quick(articles), 3)
        raise error

    def tagged() -> tuple[int, str, int]:
        with open_store(settings.db) as store:
            (run, *_) = Ledger(store).runs("tag", 1)
            held = store.db["articles"].count_where("tagger IS NOT NULL")
            return held, run["status"], store.db["concepts"].count_where("id = 'once'")

    with pytest.raises(type(error)):
        tag_step(settings, reading=broken)
    held, status, concepts = tagged()
    assert (held, status in ("stopped", "failed"), concepts) == (2, True, 1)
    assert tag_step(settings, reading=quick).articles == 2
    assert tagged() == (4, "done", 0)  # what no vocabulary has and nothing is tagged with is dropped
    assert tag_step(settings, reading=quick).articles == 0
    assert tag_step(settings, everything=True, reading=quick).articles == 4


def test_decisions_on_texts_that_changed_are_named_the_first_of_them(store: Store) -> None:
    save(store, *(an_article(pmid) for pmid in range(1, 8)))
    with store.atomic():
        save_concepts(store, CONCEPTS)
        record_decisions(store, [Decision(pmid, "accept", "ada", AT, "ho") for pmid in range(1, 8)])
    assert "decide again" not in health(store, None).as_text()
    xml = b"<PubmedArticle>2</PubmedArticle>"
    save(store, *(an_article(pmid, title="Another", version=2, xml=xml) for pmid in range(1, 8)))
    told = health(store, None).as_text()
    assert "7 decisions on texts that have changed since; decide again, the first ones:" in told
    assert told.count("accept ho, ada") == 5


def test_who_may_not_lock_is_told_of_no_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = tmp_path / "ho.db"
    with locked(db, "harvest"):
        pass

    class Refusing:
        is_locked = False

        def acquire(self, timeout: float) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lock, "_lock", lambda _path: Refusing())
    assert holder(db) is None


def test_a_lock_is_the_files_however_it_is_named_and_ends_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    db = tmp_path / "real" / "ho.db"
    db.touch()
    (tmp_path / "link.db").symlink_to(db)
    with locked(tmp_path / "link.db", "harvest"):
        assert (holder(db) or {})["command"] == "harvest"
        assert [path.name for path in (tmp_path / "real").glob("*.lock")] == ["ho.db.lock"]
        with locked(db, "tag"):  # a step of the same process goes on
            assert (holder(db) or {})["command"] == "harvest"
        assert holder(db) is not None
    assert holder(db) is None
    assert not list(tmp_path.rglob("*.holder"))


def test_a_bar_on_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with progress.progress_shown("Reading") as show:
        show(1, 4)
        show(4, 4)
        show(0, 0)  # nothing to do is no division by nothing
    assert "Reading" in shown.getvalue()
    assert "100%" in shown.getvalue()


def test_a_reader_that_leaves_is_no_error_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.group(cls=OneLineErrors)
    def group() -> None:
        pass

    @group.command("do")
    def do() -> None:
        raise BrokenPipeError

    result = CliRunner().invoke(group, ["do"])
    assert (result.exit_code, result.stdout) == (common.EXIT_WRONG, "")
    assert "Error" not in result.output


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HO_TRACKER_SITE_URL", "https://me:pw123456@host/"), ("HO_TRACKER_TRIALS_URL", "http://host/a b"),
        ("HO_TRACKER_EUTILS_URL", "https://me:pw123456@host/entrez/eutils"), ("NCBI_API_KEY", "pw123456 x"),
        ("HO_TRACKER_REVIEW_SECRET", "pw123456"), ("HO_TRACKER_REPORT_URL", "javascript:pw123456"),
        ("HO_TRACKER_SHOW_REVIEWERS", "true"), ("NCBI_EMAIL", "pw123456"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_names_itself_and_no_secret(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings(environment={variable: value}, folder=tmp_path)
    assert "pw123456" not in str(caught.value)


def test_each_setting_comes_from_its_own_variable_without_blanks_around_it(tmp_path: Path) -> None:
    given = {
        "HO_TRACKER_DB": "a.db", "HO_TRACKER_SITE": "b.db", "NCBI_EMAIL": "me@x.org", "NCBI_API_KEY": "k" * 9,
        "HO_TRACKER_SITE_URL": "https://c/", "HO_TRACKER_REPORT_URL": "mailto:d@x", "HO_TRACKER_SEARCHES": "e.toml",
        "HO_TRACKER_DIGESTS": "f", "HO_TRACKER_SMTP_URL": "smtp://g", "HO_TRACKER_MAIL_FROM": "h@x.org",
        "HO_TRACKER_UNSUBSCRIBE": "mailto:i@x", "HO_TRACKER_REVIEW_SECRET": "j" * 32, "HO_TRACKER_REVIEWERS": "k.txt",
        "HO_TRACKER_SHOW_REVIEWERS": "yes", "HO_TRACKER_CROSSREF_URL": "https://l/",
    }  # fmt: skip
    found = load_settings(environment={name: f" {value}\n" for name, value in given.items()}, folder=tmp_path)
    assert found == Settings(
        db=Path("a.db"), site=Path("b.db"), email="me@x.org", api_key="k" * 9, services={"crossref": "https://l/"},
        site_url="https://c/", report_url="mailto:d@x", searches_file=Path("e.toml"), digests_folder=Path("f"),
        smtp_url="smtp://g", mail_from="h@x.org", unsubscribe="mailto:i@x", review_secret="j" * 32,
        reviewers=Path("k.txt"), show_reviewers=True,
    )  # fmt: skip
    usual = load_settings(environment={}, folder=tmp_path)
    assert (usual.searches, usual.digests) == (Path("searches.toml"), Path("digests"))
    beside = load_settings({"db": "x/ho.db", "site": None}, {"HO_TRACKER_DB": "y.db"}, tmp_path)
    assert (beside.searches, beside.digests) == (Path("x/searches.toml"), Path("x/digests"))


def test_a_picture_names_what_leads_nowhere() -> None:
    def panel(name: str, **values: Any) -> dict[str, Any]:
        return {"id": name, "title": "T", "chapter": "c", "row": 1, "column": 1, "items": [], **values}

    class Made:
        def data(self, file: str) -> dict[str, Any]:
            if file == "overview.toml":
                return {"section": [{"id": "c"}]}
            panels = [
                panel("a", leads_to=["b"]),
                panel("a", acts_on=["none"]),
                panel("b", items=["x", {"concept": "y"}]),
            ]
            return {"title": "T", "text": "T", "columns": 2, "panel": panels}

    found = [str(one) for one in picture_problems(Made(), {"x": object()})]  # type: ignore[arg-type, dict-item]
    assert found == [
        "picture.toml, panel 'a': the id is used twice",
        "picture.toml, panel 'a': the id is used twice",
        "picture.toml, panel 'a' acts_on: 'none' is no panel",
        "picture.toml, panel 'b': 'y' is no concept of the vocabulary",
    ]


def test_a_store_of_this_version_is_not_updated(tmp_path: Path) -> None:
    path = fill(tmp_path / "ho.db", 2)
    with open_store(path, update=False) as store:
        assert store.db["articles"].count == 1
    assert not list(tmp_path.glob("*.before-*"))


def test_one_tags_and_one_writes_a_lake_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(tag_module, "_WAIT_SECONDS", 0.02)
    settings = Settings(fill(tmp_path / "ho.db", 1, 2))
    with another_process(tmp_path / "ho.db.tag"), pytest.raises(LockedError):
        tag_step(settings, reading=quick)
    assert tag_step(settings, reading=quick).articles == 2
    (tmp_path / "lake").mkdir()
    with (
        another_process(tmp_path / "lake" / "lake"),
        pytest.raises(LockedError),
        writing_lake(tmp_path / "lake", "tag"),
    ):
        pass


def test_what_was_measured_on_one_disease_is_told_of_that_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for own_models in (False, True):
        topic = SimpleNamespace(home=tmp_path, own_models=own_models)
        monkeypatch.setattr(publish_module, "current", lambda topic=topic: topic)
        assert bool(publish_module._quality()) == own_models
    (tmp_path / "quality.json").write_text("{}", encoding="utf-8")
    assert publish_module._quality() == {"tagger_quality": "{}"}
