"""What is delivered: each digest once, under a name of its own, to those who are named now, however long it waits."""

import email
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.policy import default
from pathlib import Path

import pytest

from db.store.ledger.digests import record_digest
from db.store.ledger.letters import MOST_ATTEMPTS, put_letter
from db.store.store import Store, open_store
from harvest.app.searches.deliver import DeliveryReport, deliver
from harvest.app.searches.edit import add_search, leave_searches, remove_search
from harvest.app.searches.file import SearchFileError, find_search, make_search, read_searches, search_faults
from harvest.app.searches.tell import look_at_search, tell_search
from harvest.app.settings import Settings
from harvest.app.steps.digest import digest_step
from tests.support.mail_server import mail_server
from tests.support.tracker import NOW, SEARCH, Tracker

ADA = ("ada@example.org",)


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    """A tracker with one daily search, and an article of it that was not told yet."""
    made = Tracker(tmp_path)
    digest_step(made.settings, NOW)
    made.file(SEARCH)
    made.save(2)
    made.tag(2, "celecoxib")
    return made


def waits(store: Store, way: str, name: str) -> None:
    """One digest that is to be delivered."""
    with store.atomic():
        number = record_digest(store.db.conn, 0, 1, 1, "cox")
        put_letter(store.db.conn, number, "<1@x>", b"Subject: x\r\n\r\nwords\r\n", way, [name])  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", ["the folder is in the way", "no server there", "no server set"])
def test_what_is_nobodys_fault_is_never_given_up(store: Store, tmp_path: Path, fault: str) -> None:
    (tmp_path / "searches.toml").write_text(f'{SEARCH}who = "ada@example.org"\n', encoding="utf-8")
    file = read_searches(tmp_path / "searches.toml")
    settings = Settings(store.path, digests_folder=tmp_path / "digests", mail_from="ho@example.org")
    with mail_server() as world:
        gone = world.url
    if fault == "the folder is in the way":
        settings.digests.write_text("in the way", encoding="utf-8")
        waits(store, "file", "cox.eml")
    else:
        settings = replace(settings, smtp_url=None if fault == "no server set" else gone)
        waits(store, "mail", "ada@example.org")
    for _ in range(MOST_ATTEMPTS + 2):
        report = deliver(store, file, settings, NOW)
        assert (report.mails, report.files, len(report.failed)) == (0, 0, 1)
    if fault == "the folder is in the way":
        settings.digests.unlink()
        assert deliver(store, file, settings, NOW) == DeliveryReport(files=1)
        return
    with mail_server() as world:
        assert deliver(store, file, replace(settings, smtp_url=world.url), NOW) == DeliveryReport(mails=1)
    assert [taken.recipient for taken in world.taken] == list(ADA)


def test_what_was_written_is_not_written_again(tracker: Tracker) -> None:
    assert tracker.night().delivered.files == 1
    (path,) = tracker.settings.digests.iterdir()
    path.unlink()
    assert tracker.night().delivered.files == 0
    assert tracker.files() == []


def test_two_digests_of_one_day_are_two_files(tracker: Tracker) -> None:
    for pmid in (2, 3):
        tracker.save(pmid)
        tracker.tag(pmid, "celecoxib")
        with open_store(tracker.settings.db) as store:
            file = read_searches(tracker.settings.searches)
            tell_search(store, file.searches[0], tracker.settings, tracker.now, forced=True)
            deliver(store, file, tracker.settings, tracker.now)
    first, second = tracker.files()
    assert ("articles/2" in first or "PubMed 2" in first, "PubMed 3" in first) == (True, False)
    assert "PubMed 3" in second


def test_a_mail_of_a_search_that_cannot_be_read_waits_whoever_else_tells_its_reader(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "searches.toml"
    cox = f'{SEARCH}who = ["ada@example.org"]\n'
    other = cox.replace('"cox"', '"other"')
    path.write_text(cox.replace("daily", "hourly") + other, encoding="utf-8")
    waits(store, "mail", "ada@example.org")
    with mail_server() as world:
        settings = Settings(store.path, smtp_url=world.url, mail_from="ho@example.org")
        assert deliver(store, read_searches(path), settings, NOW) == DeliveryReport()
        path.write_text(cox + other, encoding="utf-8")
        assert deliver(store, read_searches(path), settings, NOW) == DeliveryReport(mails=1)


@pytest.mark.parametrize("hours", [-11, 10])
def test_days_are_those_of_this_machines_clock(tracker: Tracker, hours: int) -> None:
    """A weekly digest of a Monday of which UTC says in the morning that it is Sunday, or in the evening Tuesday."""
    here = timezone(timedelta(hours=hours))
    tracker.file(SEARCH.replace("daily", "weekly monday") + 'quiet = "once"\n')
    told = []
    for day, hour in ((1, 23), (2, 1), (2, 23), (3, 1), (8, 23), (9, 1), (9, 23)):  # from a Sunday on
        tracker.now = datetime(2026, 3, day, hour, tzinfo=here)
        told += [(day, hour) for outcome in tracker.night(0).searches if outcome.digest is not None]
    assert told == [(2, 1), (9, 1)]


def test_nobody_is_told_twice_and_no_address_is_lost(tmp_path: Path) -> None:
    who = ["ada@example.org", " ada@example.org ", "Ada@Example.org", "grace@example.org"]
    made = make_search({"name": "x", "address": "/articles", "who": who})
    assert made.who == ("ada@example.org", "grace@example.org")
    assert (made.quiet, made.form, made.when.words) == ("silent", "mail", "weekly monday")


@pytest.mark.parametrize("name", ["a  b", " a", "a ", "a\tb", "-a", "a" * 61, "a;b"])
def test_a_name_that_could_not_be_found_again_is_refused(name: str) -> None:
    with pytest.raises(SearchFileError, match="cannot be used"):
        make_search({"name": name, "address": "/articles"})


def test_a_file_may_have_other_line_ends_and_be_a_link(tmp_path: Path) -> None:
    real = tmp_path / "kept" / "searches.toml"
    real.parent.mkdir()
    real.write_bytes(f'# mine\r\n{SEARCH}who = "ada@example.org"\r\n'.replace("\n", "\r\n").encode("utf-8-sig"))
    real.chmod(0o640)
    path = tmp_path / "searches.toml"
    path.symlink_to(real)
    add_search(path, make_search({"name": "two", "address": "/trials"}))
    assert leave_searches(path, "ADA@example.org") == ["cox"]
    assert [(search.name, search.who) for search in read_searches(path).searches] == [("cox", ()), ("two", ())]
    remove_search(path, "cox")
    assert (path.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)
    assert [search.name for search in read_searches(real).searches] == ["two"]


def test_lines_of_one_search_that_cannot_be_edited_leave_the_whole_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    text = (
        f'{SEARCH}who = ["ada@example.org"]\n'
        + SEARCH.replace('"cox"', '"odd"')
        + '"who" = ["ada@example.org", "grace@example.org"]\n'
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SearchFileError, match="out of who by hand"):
        leave_searches(path, "ada@example.org")
    assert path.read_text(encoding="utf-8") == text


def test_a_file_of_another_kind_is_said(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    path.write_text("search = 3\n", encoding="utf-8")
    assert "every search begins with a line [[search]]" in search_faults(path)[0]
    path.write_text("#" * 1_000_001, encoding="utf-8")
    assert "this is no file of saved searches" in search_faults(path)[0]
    folder = tmp_path / "missing"
    with pytest.raises(SearchFileError, match="cannot be written"):
        add_search(folder / "searches.toml", make_search({"name": "x", "address": "/articles"}))


def test_a_mail_says_its_search_as_text_in_its_page(tracker: Tracker) -> None:
    tracker.settings = replace(
        tracker.settings, unsubscribe="https://x.org/?a=1&b={list}", site_url="https://ho.example.org"
    )
    tracker.file(SEARCH.replace('"cox"', '"bone & hip"').replace("celecoxib", "celecoxib&year=2020"))
    search = find_search(tracker.settings.searches, "bone & hip")
    with open_store(tracker.settings.db) as store:
        _, letter = look_at_search(store, search, tracker.settings, tracker.now)
    page = email.message_from_bytes(letter.mail, policy=default).get_body(("html",))
    assert page is not None
    told = page.get_content()
    assert "the saved search “bone &amp; hip”, daily." in told
    assert "https://x.org/?a=1&amp;b=bone%20%26%20hip" in told
    assert "celecoxib&amp;year=2020" in told


def test_a_mail_that_tells_something_else_has_a_number_of_its_own(tracker: Tracker) -> None:
    search = find_search(tracker.settings.searches, "cox")
    with open_store(tracker.settings.db) as store:
        _, first = look_at_search(store, search, tracker.settings, tracker.now)
        _, same = look_at_search(store, search, tracker.settings, tracker.now + timedelta(days=1))
        with store.atomic():
            store.db.execute("UPDATE articles SET title = 'Another title' WHERE pmid = 2")
        _, other = look_at_search(store, search, tracker.settings, tracker.now)
    assert first.message_id == same.message_id != other.message_id


def test_a_mail_that_is_kept_as_a_file_names_all_its_readers(tracker: Tracker) -> None:
    tracker.file(SEARCH + 'who = ["ada@example.org", "grace@example.org"]\n')
    tracker.night()
    (mail,) = (path.read_bytes() for path in tracker.settings.digests.iterdir())
    assert email.message_from_bytes(mail, policy=default)["To"] == "ada@example.org, grace@example.org"
