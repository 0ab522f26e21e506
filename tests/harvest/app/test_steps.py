"""What settings and options make of a step: names, refusals, threads, which services are asked, whose turn it is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.publish.publish import PublishError
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.store import open_store
from harvest.app.lock import LockedError, locked
from harvest.app.settings import EUTILS_URL, Settings
from harvest.app.steps import harvest as harvest_module
from harvest.app.steps import publish as publish_module
from harvest.app.steps import reparse as reparse_module
from harvest.app.steps.harvest import harvest_step, query_of_topic
from harvest.app.steps.publish import publish_step
from harvest.app.steps.reparse import parser_for_check, reparse_after_update, reparse_is_due
from harvest.app.verbs.nights import nightly
from harvest.enrich.step import STEPS
from harvest.pubmed.version import parser_version
from harvest.sync.plan import Options
from tests.support.stores import AT, fill


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "ho.db", tmp_path / "evidence.db")


@pytest.mark.parametrize("named", [False, True])
def test_who_decided_is_published_where_the_settings_say_so_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    looked_at: list[Path] = []
    monkeypatch.setattr(publish_module, "smoke_test", looked_at.append)
    with open_store(fill(settings.db, 1)) as store, store.atomic():
        record_decisions(store, [Decision(1, "accept", "ada lovelace", AT, "ho")])
    publish_step(replace(settings, show_reviewers=named))
    assert [path.name for path in looked_at] == ["evidence.db.building"]
    assert (b"ada lovelace" in settings.site.read_bytes()) == named


def test_a_site_shrinks_only_where_that_is_allowed_and_one_publishes_at_a_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[tuple[Path, float]] = []

    def noted(path: Path, command: str, wait: float = 0.0) -> Any:
        held.append((path, wait))
        return locked(path, command, wait)

    monkeypatch.setattr(publish_module, "locked", noted)
    monkeypatch.setattr(publish_module, "smoke_test", lambda _path: None)
    fill(settings.db, 2, 3)
    publish_step(settings)
    smaller = replace(settings, db=fill(settings.db.with_name("smaller.db"), 2))
    with pytest.raises(PublishError, match="--allow-shrinking"):
        publish_step(smaller)
    assert publish_step(smaller, allow_shrinking=True).articles == 1
    assert held == [(settings.site, 600)] * 3


@pytest.mark.parametrize(("key", "threads"), [(None, 8), ("0123secret", 16)])
def test_a_harvest_is_of_the_topic_or_of_the_query_that_is_given(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, key: str | None, threads: int
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(harvest_module, "harvest", lambda _store, client, *more: asked.append((client, *more)))
    known = replace(settings, api_key=key, email="me@example.org")
    harvest_step(known, Options(yes=True))
    harvest_step(known, Options(), "  bone \n AND  hip ")
    (client, topic, options), (_, own, _) = asked
    assert topic == query_of_topic()
    assert (own.text, own.name) == ("bone AND hip", "own query")
    assert own.hash != topic.hash
    assert (options.workers, options.yes) == (threads, True)
    assert (client.identity.api_key, client.identity.email) == (key, "me@example.org")
    assert settings.db.exists()


def test_a_dry_run_makes_no_store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    monkeypatch.setattr(harvest_module, "harvest", lambda store, *_: held.append(store.db["articles"].count))
    harvest_step(settings, Options(dry_run=True))
    assert list(settings.db.parent.iterdir()) == []
    fill(settings.db, 2, 3)
    harvest_step(settings, Options(dry_run=True))
    assert held == [0, 2]


@pytest.mark.parametrize(
    ("eutils", "services", "steps"),
    [
        (EUTILS_URL, {}, STEPS),
        (EUTILS_URL, {"trials": "http://127.0.0.1:9"}, STEPS),
        ("http://127.0.0.1:9/entrez/eutils/", {}, ()),
        ("http://127.0.0.1:9/entrez/eutils/", {"trials": "http://127.0.0.1:9"}, ("trials",)),
        ("http://127.0.0.1:9/entrez/eutils/", {"europe_pmc": "http://127.0.0.1:9"}, ("preprints",)),
    ],
)
def test_whoever_works_on_a_closed_network_asks_no_public_service(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, eutils: str, services: dict[str, str], steps: tuple[str, ...]
) -> None:
    asked: list[tuple[str, ...]] = []

    def note(_settings: Settings, steps: tuple[str, ...]) -> None:
        asked.append(tuple(steps))
        raise LockedError("busy")

    monkeypatch.setattr(nightly, "enrich_step", note)
    night = nightly.night_steps(replace(settings, eutils_url=eutils, services=services), Options())
    enrich = next(step for step in night if step.name == "enrich")
    if steps:
        with pytest.raises(LockedError):
            enrich.run()
    else:
        assert enrich.run().status == "done"
    assert asked == ([steps] if steps else [])


def test_the_steps_of_a_night_come_in_their_order_and_only_where_there_is_something_to_do(settings: Settings) -> None:
    night = nightly.night_steps(settings, Options())
    assert [step.name for step in night] == ["searches", "reparse", "harvest", "enrich", "tag", "publish", "digest"]
    always = [step.name for step in night if step.is_due()]
    assert always == ["harvest", "enrich", "tag", "publish", "digest"]
    settings.searches.touch()
    fill(settings.db, 2)  # its records were read by no parser
    assert all(step.is_due() for step in night)


def test_records_that_wait_are_read_first_unless_a_night_is_at_work(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def busy(_settings: Settings) -> None:
        calls.append("reparse")
        raise LockedError("a night is at work")

    monkeypatch.setattr(reparse_module, "reparse_step", busy)
    reparse_after_update(settings)  # no store, nothing to read
    fill(settings.db, 2)
    reparse_after_update(settings)
    assert calls == ["reparse"]
    with open_store(settings.db) as store:
        assert parser_for_check(store) is None
        with store.atomic():
            store.db.execute("UPDATE records SET parser = ?", [parser_version()])
        assert parser_for_check(store) is not None
    assert not reparse_is_due(settings.db)
    reparse_after_update(settings)
    assert calls == ["reparse"]
