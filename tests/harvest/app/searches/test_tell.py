"""Telling and delivering: what a mail holds, who gets it, what waits, what one fault costs; no secret anywhere."""

import email
import json
import logging
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import fast_mail_parser
import pytest

from db.publish.publish import publish
from db.store.ledger.ledger import Ledger
from db.store.store import open_store
from harvest.app.night import run_night
from harvest.app.steps.digest import digest_step
from harvest.app.verbs.nights.nightly import night_steps
from harvest.sync.plan import Options
from tests.support.mail_server import MailWorld, mail_server
from tests.support.tracker import NOW, SEARCH, TITLE, Tracker


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A tracker without a mail server that knows one article already."""
    made = Tracker(tmp_path)
    made.save(1)
    made.tag(1, "celecoxib")
    digest_step(made.settings, NOW)  # all that is there counts as told
    made.file(SEARCH)
    return made


def mailing(tracker: Tracker, world: MailWorld, *people: str) -> None:
    tracker.settings = replace(tracker.settings, smtp_url=world.url)
    tracker.file(f"{SEARCH}who = {json.dumps(people)}")


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(content: bytes) -> str:
    body = parsed(content).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_tells_the_retraction_first_then_all_there_is_to_say(tracker: Tracker) -> None:
    tracker.settings = replace(tracker.settings, site_url="https://ho.example.org/x")
    with mail_server() as world:
        mailing(tracker, world, "ada@example.org")
        tracker.night()
        world.taken.clear()
        for pmid in (2, 3, 4, 5):
            tracker.save(pmid)
            tracker.tag(pmid, "celecoxib")
        tracker.night()
        tracker.save(2, 2, "RetractionIn")
        tracker.tag(2, "celecoxib")
        tracker.save(3, 2, "ExpressionOfConcernIn")
        tracker.tag(4, "celecoxib", effect="no difference")
        tracker.change(5, "cited", {"by": [1]})
        tracker.save(6)
        tracker.tag(6, "celecoxib", design="randomized controlled trial")
        tracker.night()
    first, second = (taken.content for taken in world.taken)
    text = text_of(second)
    headings = [line for line in text.splitlines() if line.endswith(" (1)")]
    assert headings == [
        "Retracted (1)", "Corrected or questioned (1)", "New (1)", "Tagged differently (1)",
        "Newly cited by a trial's report or a guideline (1)",
    ]  # fmt: skip
    retracted = text.partition("Retracted (1)")[2].partition("Corrected")[0]
    assert "RETRACTED. " in retracted
    assert "better" not in retracted  # no finding of it is shown as evidence
    assert "EXPRESSION OF CONCERN. " in text
    assert "no longer read: celecoxib against another treatment: better on ho" in text
    assert "now read: celecoxib against another treatment: no difference on ho" in text
    assert "cited by van der Meulen JP Jr, 2020, cohort" in text
    new = text.partition("New (1)")[2].partition("Tagged differently")[0]
    assert "randomized controlled trial · n 120" in new
    assert "celecoxib v ibuprofen: better on ho (decreases); OR 0.46 (0.29–0.72), p 0.008." in new
    assert f"“{TITLE}.”" in new
    assert "https://ho.example.org/x/articles/6" in new
    assert "To get no more of it: mailto:ho@example.org?subject=unsubscribe%20cox" in text
    mail = parsed(second)
    assert str(mail["Subject"]).startswith("HO tracker, cox: 1 retracted, 1 corrected or questioned, 1 new")
    page = mail.get_body(("html",))
    assert page is not None
    told = str(page.get_content())
    assert told.index("Retracted (1)") < told.index("New (1)")
    assert all(told.count(f"PubMed {pmid}</a>") == 1 for pmid in (2, 3, 4, 5, 6))
    theirs = fast_mail_parser.parse_email(second)
    assert theirs.text_html[0].replace("\r\n", "\n") == told.replace("\r\n", "\n")
    assert parsed(first)["Message-ID"] != mail["Message-ID"]


def test_one_refused_recipient_gets_it_later_and_the_others_no_second_time(tracker: Tracker) -> None:
    with mail_server() as world:
        mailing(tracker, world, "ada@example.org", "grace@example.org", "mary@example.org")
        tracker.save(2)
        tracker.tag(2, "celecoxib")
        world.always = {"grace@example.org": "rcpt 550"}
        report = tracker.night()
        assert [taken.recipient for taken in world.taken] == ["ada@example.org", "mary@example.org"]
        assert report.faults == ("cox: 1 not sent, 550 5.1.1 no such user here; sent again next time",)
        assert "grace@example.org was not delivered (1 attempts, 550" in tracker.reasons()
        tracker.night()
        world.always = {}
        tracker.night()
        tracker.night()
    assert [taken.recipient for taken in world.taken][2:] == ["grace@example.org"]
    assert len({parsed(taken.content)["Message-ID"] for taken in world.taken}) == 1
    assert len({taken.content.partition(b"\n")[2] for taken in world.taken}) == 1  # the same but for To
    assert [parsed(taken.content)["To"] for taken in world.taken] == [taken.recipient for taken in world.taken]
    assert "grace" not in tracker.reasons()


def test_a_mail_that_was_taken_unsaid_comes_again_under_its_own_id(tracker: Tracker) -> None:
    with mail_server() as world:
        mailing(tracker, world, "ada@example.org")
        tracker.save(2)
        tracker.tag(2, "celecoxib")
        world.faults = ["drop after data"]
        tracker.night()
        tracker.night()
    assert len(world.taken) == 2
    assert world.taken[0] == world.taken[1]


def test_who_leaves_while_a_mail_waits_gets_nothing_more(tracker: Tracker) -> None:
    with mail_server() as world:
        mailing(tracker, world, "ada@example.org", "grace@example.org")
        tracker.save(2)
        tracker.tag(2, "celecoxib")
        world.always = dict.fromkeys(("ada@example.org", "grace@example.org"), "data 451")
        tracker.night()
        world.always = {}
        mailing(tracker, world, "grace@example.org")
        tracker.night()
        assert [taken.recipient for taken in world.taken] == ["grace@example.org"]
        tracker.save(3)
        tracker.tag(3, "celecoxib")
        world.always = {"grace@example.org": "data 451"}
        tracker.night()
        tracker.file("")
        world.always = {}
        tracker.night()
    assert len(world.taken) == 1


def test_no_secret_stands_in_database_log_report_or_error(
    tracker: Tracker, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    with mail_server() as world:
        mailing(tracker, world, "ada@example.org")
        address = world.url.replace("smtp://", "smtp://someuser:hunter2secret@")
        tracker.settings = replace(tracker.settings, smtp_url=address)
        tracker.save(2)
        tracker.tag(2, "celecoxib")
        said = str(tracker.night()) + tracker.reasons() + repr(tracker.settings)
        tracker.settings = replace(tracker.settings, smtp_url="smtp://someuser:hunter2secret@[::1")
        said += str(tracker.night()) + tracker.reasons()
    assert "offers no login" in said
    assert "the address of the mail server is not usable" in said
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for secret in ("hunter2secret", "someuser"):
        assert secret not in said
        assert secret not in caplog.text
        assert secret.encode() not in held


def test_without_a_server_digests_are_files_of_their_format(tracker: Tracker) -> None:
    formats = {"markdown": "# cox", "json": '{\n  "search"', "atom": "<?xml", "mail": "To: ada@example.org"}
    blocks = [
        SEARCH.replace('"cox"', f'"cox {form}"') + f'format = "{form}"\nwho = ["ada@example.org"]\n' for form in formats
    ]
    tracker.file(*blocks)
    tracker.save(2)
    tracker.tag(2, "celecoxib")
    report = tracker.night()
    assert report.delivered.files == 4
    found = {path.name.rpartition("-2026")[0]: path.read_text() for path in tracker.settings.digests.iterdir()}
    assert found.keys() == {f"cox-{form}" for form in formats}
    assert all(found[f"cox-{form}"].startswith(start) for form, start in formats.items())
    assert json.loads(found["cox-json"])["articles"][0]["finding"]["comparator_text"] == "ibuprofen"
    tracker.night()
    assert len(tracker.files()) == 4


def test_quiet_times_are_said_once_in_a_row_or_never(tracker: Tracker) -> None:
    tracker.file(SEARCH + 'quiet = "once"\n', SEARCH.replace('"cox"', '"silent one"'))
    told = []
    for pmid in (None, None, 2, None, None):
        if pmid:
            tracker.save(pmid)
            tracker.tag(pmid, "celecoxib")
        told.append({outcome.name: outcome.sent for outcome in tracker.night().searches})
    assert [one["cox"] for one in told] == [True, False, True, True, False]
    assert [one["silent one"] for one in told] == [False, False, True, False, False]


def test_an_article_that_enters_by_its_tags_is_told_once_one_that_leaves_is_not(tracker: Tracker) -> None:
    tracker.save(2)
    tracker.tag(2, "naproxen")
    assert tracker.night().searches[0].digest is not None
    tracker.tag(2, "celecoxib")
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert [(entry.change, entry.pmid) for entry in digest.entries] == [("matches", 2)]
    for concepts in (("naproxen",), ("celecoxib",)):
        tracker.tag(2, *concepts)
        digest = tracker.night().searches[0].digest
        assert digest is not None
        assert [entry for entry in digest.entries if entry.change != "retagged"] == []


def test_a_retraction_is_told_of_an_article_that_leaves_the_search_by_it(tracker: Tracker) -> None:
    tracker.file(SEARCH.replace("celecoxib", "celecoxib&retracted=no"))
    tracker.night()
    tracker.save(1, 2, "RetractionIn")
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert [(entry.change, entry.pmid, entry.arrived) for entry in digest.entries] == [("retracted", 1, False)]
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert digest.quiet


def test_an_article_that_comes_back_as_retracted_was_told_before(tracker: Tracker) -> None:
    tracker.night()
    with open_store(tracker.settings.db) as store:
        run = Ledger(store).begin("harvest", "test")
        Ledger(store).mark_vanished(run, [1], "test")
        Ledger(store).finish(run, "done", None, 0, 0)
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert digest.quiet
    tracker.save(1, 2, "RetractionIn")
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert [(entry.change, entry.pmid, entry.arrived) for entry in digest.entries] == [("retracted", 1, False)]
    assert "not told before" not in tracker.files()[-1]


def test_an_article_that_is_not_tagged_yet_waits(tracker: Tracker) -> None:
    tracker.file(SEARCH.replace("intervention=celecoxib", "topic=all"))
    tracker.save(2)
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert digest.quiet
    tracker.tag(2, "naproxen")
    digest = tracker.night().searches[0].digest
    assert digest is not None
    assert [entry.pmid for entry in digest.entries] == [2]


def test_a_search_fails_alone_and_status_says_why(tracker: Tracker) -> None:
    unknown = SEARCH.replace('"cox"', '"gone"').replace("celecoxib", "nonsense")
    tracker.file(unknown, SEARCH, SEARCH.replace('"cox"', '"bad"').replace("daily", "hourly"))
    tracker.save(2)
    tracker.tag(2, "celecoxib")
    report = tracker.night()
    assert {outcome.name: bool(outcome.problem) for outcome in report.searches} == {
        "gone": True, "cox": False, "bad": True,
    }  # fmt: skip
    assert "there is no intervention “nonsense”" in tracker.reasons()
    assert "saved search “bad”: when cannot be “hourly”" in tracker.reasons()
    assert len(tracker.files()) == 1
    tracker.file(SEARCH)
    tracker.night()
    assert "saved search" not in tracker.reasons()


def test_what_waited_before_an_edit_is_told_after_it(tracker: Tracker) -> None:
    weekly = SEARCH.replace("daily", "weekly monday")
    tracker.file(weekly)
    tracker.night()
    tracker.save(2)
    tracker.tag(2, "naproxen")
    tracker.night(6)
    tracker.tag(2, "celecoxib")  # comes into the search on a Tuesday
    tracker.night()
    tracker.file(weekly.replace("celecoxib", "celecoxib&intervention=naproxen"))
    tracker.save(3)
    tracker.tag(3, "naproxen")
    tracker.night()
    digest = tracker.night(5).searches[0].digest
    assert digest is not None
    assert [(entry.change, entry.pmid) for entry in digest.entries] == [("new", 3), ("matches", 2)]


def test_a_full_disk_leaves_the_file_for_the_next_night(tracker: Tracker) -> None:
    tracker.settings.digests.write_text("in the way")
    tracker.save(2)
    tracker.tag(2, "celecoxib")
    assert "tried again next time" in tracker.night().faults[0]
    tracker.settings.digests.unlink()
    assert tracker.night().delivered.files == 1


def test_nobodys_address_is_published_whatever_fails(tracker: Tracker) -> None:
    bad = SEARCH.replace('"cox"', '"bad"') + 'who = ["grace.private@exam ple.org"]\n'
    with mail_server() as world:
        mailing(tracker, world, "ada.private@example.org")
        tracker.settings.searches.write_text(tracker.settings.searches.read_text() + "\n" + bad)
        tracker.save(2)
        tracker.tag(2, "celecoxib")
        world.always = {"ada.private@example.org": "rcpt 551"}
        steps = [step for step in night_steps(tracker.settings, Options()) if step.name in ("searches", "digest")]
        report = run_night(tracker.settings.db, steps)
    assert report.status == "partial"
    assert "private" not in report.message
    assert "ada.private@example.org is not here" in tracker.reasons()
    assert "grace.private" in tracker.reasons()
    publish(tracker.settings.db, tracker.settings.site)
    assert b"private" not in tracker.settings.site.read_bytes()
    assert b"celecoxib" in tracker.settings.site.read_bytes()


def test_what_a_search_told_that_is_gone_is_not_published(tracker: Tracker) -> None:
    tracker.file(SEARCH.replace('"cox"', '"a secret project"'))
    tracker.save(2)
    tracker.tag(2, "celecoxib")
    tracker.night()
    publish(tracker.settings.db, tracker.settings.site)
    assert b"a secret project" in tracker.settings.site.read_bytes()
    tracker.file("")
    tracker.night()
    publish(tracker.settings.db, tracker.settings.site)
    assert b"a secret project" not in tracker.settings.site.read_bytes()
