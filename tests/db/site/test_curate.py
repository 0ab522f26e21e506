"""The review page: who gets in, what is kept, what is shown to whom, and what is refused in one line."""

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.curation.in_place import decided_now
from db.evidence.effects.balance import read_balances
from db.evidence.index.article_index import ARTICLE_INDEX
from db.publish.publish import publish
from db.select.filter import ArticleFilter
from db.site.serving.accounts import AccountsError, add_account, read_accounts, remove_account
from db.site.serving.desk import ReviewDesk, SignInError
from db.site.serving.limits import RateLimit, place_of
from db.store.people.decisions import decisions, record_decisions
from db.store.people.readings import finding_key, flat_finding, read_texts, reading_as_stored
from db.store.people.verdicts import Decision
from db.store.records.save import save_articles
from db.store.store import open_store
from tests.support.empties import empties
from tests.support.review_desk import (
    FIRST_PMID,
    PASSWORD,
    Visitor,
    copied_desk,
    form_fields,
    make_desk,
    tag_all,
    visiting,
)
from tests.support.stores import AT, article, run

NEWEST = FIRST_PMID + 2
PAGES = (
    "/curate", "/curate/findings", "/curate/conflicts", "/curate/changed", "/curate/unsure", "/curate/disputed",
    f"/curate/articles/{NEWEST}", f"/curate/articles?pmid={NEWEST}",
)  # fmt: skip
FORMS = ("login", "logout", "decide", "mark", "undo", "skip")

Visit = Callable[[], Visitor]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk's folder, made once."""
    folder = tmp_path_factory.mktemp("desk")
    make_desk(folder)
    return folder


@pytest.fixture
def desk(tmp_path: Path, made: Path) -> ReviewDesk:
    return copied_desk(made, tmp_path)


@pytest.fixture
def visit(desk: ReviewDesk) -> Iterator[Visit]:
    with visiting(desk, desk.store.with_name("evidence.db")) as made:
        yield made


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    return signed_in(visit, "ada")


def signed_in(visit: Visit, name: str) -> Visitor:
    """A visitor with a session, without the work of a password."""
    visitor = visit()
    visitor.take_session(name)
    return visitor


def kept(desk: ReviewDesk) -> list[tuple[str, str, str | None]]:
    with open_store(desk.store) as store:
        return [(one.who, one.verdict, one.reason) for one in decisions(store)]


def served(desk: ReviewDesk) -> sqlite3.Connection:
    publish(desk.store, desk.store.with_name("evidence.db"))
    return sqlite3.connect(desk.store.with_name("evidence.db"))


def test_without_a_secret_there_is_no_such_page_and_no_trace(desk: ReviewDesk) -> None:
    with visiting(None, desk.store.with_name("evidence.db")) as made:
        visitor = made()
        for address in (*PAGES, "/curate/login"):
            assert visitor.get(address).status_code == 404, address
        for name in FORMS:
            assert visitor.post(f"/curate/{name}", {"name": "ada"}, token=False).status_code == 404, name
        for address in ("/", "/articles", f"/articles/{NEWEST}", "/methods", "/review"):
            page = visitor.get(address)
            assert "curate" not in page.text.replace("/-/tracker/curate", "")
            assert "set-cookie" not in page.headers
        tag = visitor.get("/articles").headers["etag"]
    with visiting(desk, desk.store.with_name("evidence.db")) as made:  # its foot leads to the page now
        assert made().get("/articles", headers={"if-none-match": tag}).status_code == 200


def test_nobody_signed_out_sees_or_writes_anything(visit: Visit, desk: ReviewDesk, ada: Visitor) -> None:
    ada.decide("findings", "accept")
    fields = ada.form("/curate/findings")
    stranger = visit()
    for address in PAGES:
        answer = stranger.get(address)
        assert answer.status_code == 303
        if "articles?" not in address:
            assert "/curate/login" in answer.headers["location"]
    for name in ("decide", "mark", "undo", "skip"):
        answer = stranger.post(f"/curate/{name}", {**fields, "csrftoken": stranger.cookies.get("ds_csrftoken", "")})
        assert answer.status_code in (303, 403)
    assert len(kept(desk)) == 1


@pytest.mark.parametrize("token", ["", "x", "é", "ImFiYyI.abc"])
@pytest.mark.parametrize("name", FORMS)
def test_a_form_without_this_visitors_token_is_refused(ada: Visitor, desk: ReviewDesk, name: str, token: str) -> None:
    fields = {**ada.form("/curate/findings"), "verdict": "accept", "csrftoken": token}
    answer = ada.post(f"/curate/{name}", fields, token=False)
    assert answer.status_code == 403
    assert "not sent from this site" in answer.text
    assert kept(desk) == []


def test_a_bearer_header_or_another_form_of_body_is_no_way_round_the_token(ada: Visitor, desk: ReviewDesk) -> None:
    fields = {**ada.form("/curate/findings"), "verdict": "accept", "csrftoken": ""}
    assert ada.post("/curate/decide", fields, token=False, headers={"authorization": "Bearer x"}).status_code == 403
    sent = {**fields, "csrftoken": ada.cookies["ds_csrftoken"]}
    json_body = ada._ask("POST", "/curate/decide", json=sent)
    assert json_body.status_code == 403
    parts = ada._ask("POST", "/curate/decide", files={name: (None, value) for name, value in sent.items()})
    assert parts.status_code == 403
    other_site = ada.post("/curate/decide", fields, headers={"sec-fetch-site": "cross-site"})
    assert other_site.status_code == 403
    assert ada.post("/curate/decide", fields, headers={"x-csrftoken": b"\xe9"}).status_code == 400
    assert kept(desk) == []


def test_a_session_is_signed_hidden_from_scripts_and_ends(visit: Visit, desk: ReviewDesk) -> None:
    visitor = visit()
    answer = visitor.sign_in("ada")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("ds_actor"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=43200" in cookie
    assert visitor.get("/curate").status_code == 200
    visitor.cookies["ds_actor"] = visitor.cookies["ds_actor"][:-2] + "xx"
    assert visitor.get("/curate").status_code == 303
    desk.hours = -1
    assert visitor.sign_in("ada").status_code == 303
    assert visitor.get("/curate").status_code == 303


def test_a_removed_reviewer_or_another_password_ends_the_session(desk: ReviewDesk, ada: Visitor) -> None:
    assert ada.get("/curate").status_code == 200
    add_account(desk.reviewers, "ada", "another password now")
    assert ada.get("/curate").status_code == 303
    assert ada.sign_in("ada", "another password now").status_code == 303
    assert ada.get("/curate").status_code == 200
    remove_account(desk.reviewers, "ada")
    assert ada.get("/curate").status_code == 303


def test_who_signs_out_is_out(ada: Visitor) -> None:
    assert ada.post("/curate/logout", {}).status_code == 303
    assert ada.get("/curate").status_code == 303


def test_wrong_passwords_are_limited_for_a_name_and_for_an_address(visit: Visit, desk: ReviewDesk) -> None:
    many = RateLimit(9, 900)
    desk.tries = {"pair": RateLimit(2, 900), "address": RateLimit(3, 900), "name": many, "all": many}
    visitor = visit()
    for _ in range(2):
        assert "no reviewer has this name" in visitor.sign_in("ada", "wrong password").text
    answer = visitor.sign_in("ada")
    assert answer.status_code == 403
    assert "too many wrong passwords; try again in 15 minutes" in answer.text
    assert visitor.sign_in("nobody", "wrong password").status_code == 403
    assert "too many" in visitor.sign_in("bea").text


def test_wrong_passwords_of_strangers_lock_nobody_out_where_they_signed_in(desk: ReviewDesk) -> None:
    few = RateLimit(3, 900)
    desk.tries = {"pair": RateLimit(2, 900), "address": RateLimit(2, 900), "name": few, "all": few}

    async def play() -> None:
        await desk.check("ada", PASSWORD, "192.0.2.1")
        for place in range(5):
            with pytest.raises(SignInError):
                await desk.check("ada", "wrong password", f"198.51.100.{place}")
        await desk.check("ada", PASSWORD, "192.0.2.1")
        with pytest.raises(SignInError, match="too many"):
            await desk.check("ada", PASSWORD, "203.0.113.9")
        with pytest.raises(SignInError, match="too many"):
            await desk.check("bea", PASSWORD, "192.0.2.1")
        for words in ("no reviewer", "no reviewer", "too many"):
            with pytest.raises(SignInError, match=words):
                await desk.check("ada", "wrong password", "192.0.2.1")

    asyncio.run(play())


def test_a_reviewer_reads_on_the_articles_own_page_what_was_decided_before_it_is_published(
    ada: Visitor, visit: Visit
) -> None:
    assert "by a person" not in ada.get(f"/articles/{NEWEST}").text
    fields = ada.form(f"/curate/articles/{NEWEST}")
    ada.post("/curate/decide", {**fields, "verdict": "reject", "reason": "Another group"})
    seen = ada.get(f"/articles/{NEWEST}")
    findings = seen.text.split('<h2 id="findings">')[1].split("</table>")[0]
    tags = seen.text.split('<h2 id="tags">')[1]
    assert findings.count("rejected by a person") == 1
    assert "ada, " in findings
    assert "Another group" in findings
    assert "Decided by people, as it stands now" in tags
    assert seen.headers["cache-control"] == "private, no-store"
    assert "etag" not in seen.headers
    stranger = visit().get(f"/articles/{NEWEST}")
    assert "rejected by a person" not in stranger.text
    assert "ada, " not in stranger.text
    assert stranger.headers["cache-control"] == "max-age=60"


def test_a_corrected_finding_and_a_tag_say_so_in_place(ada: Visitor, desk: ReviewDesk) -> None:
    with open_store(desk.store) as store, store.atomic():
        texts, read = read_texts(store.db.conn, NEWEST), reading_as_stored(store.db.conn, NEWEST).findings
        finding = read[0]
        sentence = texts.of(finding.field)[finding.sentence_start : finding.sentence_end]
        key, said = finding_key(finding, texts), {**flat_finding(finding), "sentence": sentence}
        right = {**said, "comparator_text": "no drug", "ci_low": None, "ci_high": None}
        tag = store.db.execute("SELECT concept_id FROM article_tags WHERE pmid = ? AND direct", [NEWEST]).fetchone()[0]
        record_decisions(
            store,
            [
                Decision(NEWEST, "correct", "bea", AT, target=key, value=json.dumps(right), was=json.dumps(said)),
                Decision(NEWEST, "accept", "bea", AT, tag),
            ],
        )
    now = decided_now(desk.store, NEWEST)
    assert {one.verdict for one in now.on.values()} == {"correct", "accept"}
    assert len([one for one in now.on.values() if one.verdict == "correct"]) == 2  # before and after the correction
    publish(desk.store, desk.store.with_name("evidence.db"))
    page = ada.get(f"/articles/{NEWEST}").text
    assert page.split('<h2 id="findings">')[1].split("</table>")[0].count("corrected by a person</span> <span") == 1
    assert "accepted by a person" in page.split('<h2 id="tags">')[1]


def test_one_site_has_one_place_however_many_addresses_it_has(desk: ReviewDesk) -> None:
    many = RateLimit(9, 900)
    desk.tries = {"pair": many, "address": RateLimit(2, 900), "name": many, "all": many}

    async def play() -> None:
        for number in (1, 2):
            with pytest.raises(SignInError, match="no reviewer"):
                await desk.check("ada", "wrong password", f"2001:db8:7:{number}::{number}")
        with pytest.raises(SignInError, match="too many"):
            await desk.check("ada", PASSWORD, "2001:db8:7:3::3")
        await desk.check("ada", PASSWORD, "2001:db8:8::1")

    asyncio.run(play())
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1") == "192.0.2.1"
    assert place_of("fe80::1%eth0") == "fe80::/48"
    assert place_of("testclient") == "testclient"


def test_writes_are_limited(ada: Visitor, desk: ReviewDesk) -> None:
    desk.writes = RateLimit(2, 60)
    for _ in range(2):
        assert ada.post("/curate/skip", {"queue": "findings", "place": "1"}).status_code == 303
    answer = ada.decide("findings", "accept")
    assert answer.status_code == 429
    assert kept(desk) == []


def test_the_login_leads_nowhere_else(visit: Visit) -> None:
    visitor = visit()
    for address in (
        "https://example.org/curate",
        "//example.org/curate",
        "/curate/../x\\",
        "/articles",
        "javascript:x",
    ):
        fields = {"name": "ada", "password": PASSWORD, "next": address}
        assert visitor.post("/curate/login", fields).headers["location"] == "/curate"
        visitor.cookies.pop("ds_actor")
    fields = {"name": "ada", "password": PASSWORD, "next": "/curate/findings?at=1"}
    assert visitor.post("/curate/login", fields).headers["location"] == "/curate/findings?at=1"


def test_whoever_has_to_sign_in_goes_on_where_they_came_from(visit: Visit) -> None:
    visitor = visit()
    sign_in = visitor.get("/curate/findings?at=5").headers["location"]
    assert form_fields(visitor.get(sign_in).text, "/curate/login")["next"] == "/curate/findings?at=5"
    fields = {"next": "/curate/findings?at=5", "name": "ada", "password": "a wrong one"}
    again = visitor.post("/curate/login", fields)
    assert again.status_code == 403
    assert form_fields(again.text, "/curate/login")["next"] == "/curate/findings?at=5"
    assert 'value="ada"' in again.text
    assert "a wrong one" not in again.text
    elsewhere = visitor.get("/curate/login?next=https://example.org/curate").text
    assert "next" not in form_fields(elsewhere, "/curate/login")


def test_what_is_of_one_reader_is_not_for_search_engines(visit: Visit, ada: Visitor) -> None:
    for address in (*PAGES[:-1], "/curate/login", "/kept", "/pool?subject=indomethacin&outcome=ho"):
        page = (visit() if address.endswith("login") else ada).get(address).text
        assert '<meta name="robots" content="noindex">' in page, address
        assert empties(page) == [], address
    for address in ("/", "/articles", f"/articles/{NEWEST}", "/review"):
        assert "noindex" not in ada.get(address).text, address


def test_a_decision_is_shown_at_once_to_reviewers_and_to_all_after_the_next_publish(
    visit: Visit, ada: Visitor, desk: ReviewDesk
) -> None:
    answer = ada.decide("findings", "correct:decreases", reason="less is written there")
    assert answer.status_code == 303
    page = ada.get(answer.headers["location"]).text
    assert "Corrected: Indomethacin" in page
    whole = ada.get(f"/curate/articles/{NEWEST}").text
    assert "decreases" in whole
    assert "less is written there" in whole
    assert "less is written there" not in visit().get(f"/articles/{NEWEST}").text
    connection = served(desk)
    row = connection.execute("SELECT direction, effect, decided FROM findings WHERE pmid = ?", [NEWEST]).fetchone()
    assert row == ("decreases", "better", "correct")
    page = visit().get(f"/articles/{NEWEST}").text
    assert "less is written there" in page
    assert "corrected by a person" in page


def test_a_correction_counts_in_balances_as_decided(ada: Visitor, desk: ReviewDesk) -> None:
    ada.decide("conflicts", "correct:no difference")
    ada.decide("findings", "correct:decreases")
    connection = served(desk)
    index = ARTICLE_INDEX.of(connection)
    balances = read_balances(connection, index, ArticleFilter(topic="all"), ["indomethacin"], ["ho"])
    balance = balances["indomethacin", "ho"].of("none or placebo")
    assert balance is not None
    said = {effect: balance.number(effect) for effect in ("better", "worse", "no difference", "conflict")}
    assert said == {"better": 1, "worse": 2, "no difference": 1, "conflict": 2}


def test_an_accepted_conflict_still_counts_nowhere(ada: Visitor, desk: ReviewDesk) -> None:
    ada.decide("conflicts", "accept")
    row = served(desk).execute("SELECT conflict, decided FROM findings WHERE decided IS NOT NULL").fetchone()
    assert row == ("words: increases; interval: no difference", "accept")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": "correct:no difference"}, "does not go with"),
        ({"verdict": "correct"}, "nothing was changed"),
        ({"verdict": "correct", "subject": "nsaid"}, "did you mean NSAIDs"),
        ({"verdict": "correct", "subject": ""}, "name the subject"),
        ({"verdict": "accept", "subject": "NSAIDs"}, "you changed the subject"),
        ({"verdict": "correct", "comparator_class": "none at all"}, "the comparator is one of"),
        ({"verdict": "correct", "effect": "grand"}, "for the patient it is one of"),
        ({"verdict": "hm"}, "choose one of the buttons"),
        ({"verdict": "correct:sideways"}, "the direction is one of"),
        ({"verdict": "accept", "text_hash": "0"}, "has changed since you opened it"),
        ({"verdict": "accept", "item": "finding:0"}, "no longer there"),
        ({"verdict": "accept", "pmid": "9"}, "not in the store"),
        ({"verdict": "accept", "pmid": "x"}, "names no article"),
        ({"verdict": "reject", "reason": "x" * 600}, "longer than 500"),
        ({"verdict": "withdraw"}, "nothing of yours to undo"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_not_kept(
    ada: Visitor, desk: ReviewDesk, fields: dict[str, str], said: str
) -> None:
    answer = ada.decide("findings", fields.pop("verdict"), **fields)
    assert answer.status_code == 400
    problem = re.search(r'<p class="problem" role="alert">([^<]*)</p>', answer.text)
    assert problem is not None
    assert said in problem[1]
    assert kept(desk) == []


def test_every_part_of_a_finding_can_be_corrected(ada: Visitor, desk: ReviewDesk) -> None:
    ada.decide(
        "findings", "correct", subject="NSAIDs", comparator="nonselective NSAIDs", comparator_class="active",
        direction="decreases", figures="no",
    )  # fmt: skip
    row = (
        served(desk)
        .execute(
            "SELECT subject_id, subject_text, comparator_id, comparator_class, direction, effect, value FROM findings "
            "WHERE decided = 'correct'"
        )
        .fetchone()
    )
    assert row == ("nsaids", "NSAIDs", "nonselective-nsaids", "active", "decreases", "better", None)


def test_a_tag_is_corrected_and_undone(ada: Visitor, desk: ReviewDesk) -> None:
    place = ada.form("/curate/unsure")["place"]
    answer = ada.decide("unsure", "correct", concept="indomethacin")
    assert answer.status_code == 303
    page = ada.get(answer.headers["location"]).text
    assert "NSAIDs to indomethacin" in page
    undone = ada.post("/curate/undo", form_fields(page, "/curate/undo"))
    assert undone.headers["location"] == f"/curate/unsure?at={place}"
    with open_store(desk.store) as store:
        tags = store.db.execute("SELECT concept_id FROM article_tags WHERE pmid = ? AND direct", [NEWEST]).fetchall()
    assert {tag for (tag,) in tags} == {"indomethacin", "ho", "nsaids"}
    assert [verdict for _, verdict, _ in kept(desk)] == ["correct", "withdraw"]


def test_words_are_marked_by_their_place_or_their_words_alone(ada: Visitor, desk: ReviewDesk) -> None:
    form = ada.form(f"/curate/articles/{NEWEST}", "/curate/mark")
    assert ada.post("/curate/mark", {**form, "words": "Hips", "concept": "ho"}).status_code == 303
    for fields, said in (
        ({"words": "placebo", "concept": "ho"}, "stands there 2 times"),
        ({"words": "nowhere", "concept": "ho"}, "does not stand in the title or abstract"),
        ({"words": "Pain", "concept": "hox"}, "is no concept of the vocabulary"),
        ({"words": "Pain", "concept": "ho", "start": "3", "field": "abstract"}, "do not stand there"),
        ({"words": " ", "concept": "ho"}, "mark or type the words"),
        ({"words": "Pain", "concept": "ho", "assertion": "perhaps"}, "as one of"),
    ):
        answer = ada.post("/curate/mark", {**form, **fields})
        assert answer.status_code == 400
        assert said in answer.text
    row = served(desk).execute("SELECT text, concept_id, source FROM mentions WHERE source = 'person'").fetchall()
    assert row == [("Hips", "ho", "person")]


def test_a_queue_goes_on_where_the_reviewer_stopped_and_back_to_what_was_passed_over(
    visit: Visit, ada: Visitor, desk: ReviewDesk
) -> None:
    seen = []
    for _ in range(2):
        form = ada.form("/curate/findings", "/curate/skip")
        seen.append(int(form["place"]))
        ada.post("/curate/skip", form)
    assert [place // 100_000 for place in seen] == [NEWEST, NEWEST - 1]
    again = signed_in(visit, "ada")
    third = int(again.form("/curate/findings", "/curate/skip")["place"])
    assert third // 100_000 == NEWEST - 2
    again.post("/curate/skip", {"queue": "findings", "place": str(third)})
    assert int(again.form("/curate/findings", "/curate/skip")["place"]) == seen[0]
    assert int(signed_in(visit, "bea").form("/curate/findings", "/curate/skip")["place"]) == seen[0]


def test_each_queue_counts_what_it_holds(visit: Visit, ada: Visitor, desk: ReviewDesk) -> None:
    assert numbers(ada) == {"findings": 3, "conflicts": 3, "changed": 0, "unsure": 3, "disputed": 0}
    ada.decide("findings", "accept")
    bea = signed_in(visit, "bea")
    with open_store(desk.store) as store:
        key = store.db.execute("SELECT target FROM decisions").fetchone()[0]
    form = bea.form(f"/curate/articles/{NEWEST}?item={key}")
    bea.post("/curate/decide", {**form, "verdict": "reject"})
    assert numbers(ada) == {"findings": 2, "conflicts": 3, "changed": 0, "unsure": 3, "disputed": 1}
    with open_store(desk.store) as store, store.atomic():
        changed = article(NEWEST, title="Another title", abstract="Other words.", sections=(), xml=b"<n/>")
        save_articles(store, run(store), [changed], "2026-01-02T00:00:00Z")
    assert numbers(ada)["changed"] == 1
    assert "the text has changed since" in ada.get("/curate/changed").text
    assert ada.decide("changed", "again").status_code == 303
    assert numbers(ada)["changed"] == 0


def test_one_takes_back_ones_own_words_alone_and_a_changed_text_is_said_everywhere(
    visit: Visit, ada: Visitor, desk: ReviewDesk
) -> None:
    bea = signed_in(visit, "bea")
    item = ada.form("/curate/unsure")["item"]
    pages = (f"/curate/articles/{NEWEST}?item={quote(item)}", f"/curate/articles/{NEWEST}", "/curate")
    for visitor, verdict in ((ada, "accept"), (bea, "reject")):
        visitor.post("/curate/decide", {**visitor.form(pages[0]), "verdict": verdict})
    with open_store(desk.store) as store:
        own = dict(store.db.execute("SELECT who, id FROM decisions").fetchall())
    for visitor, who in ((ada, "ada"), (bea, "bea")):
        for address in pages:
            offered = re.findall(r'name="decision" value="(\d+)"', visitor.get(address).text)
            assert offered == [str(own[who])], (who, address)
        assert "the text has changed since" not in visitor.get(f"/articles/{NEWEST}").text
    with open_store(desk.store) as store, store.atomic():
        row = store.db.execute("SELECT abstract FROM articles WHERE pmid = ?", [NEWEST]).fetchone()
        changed = article(NEWEST, title="Another title", abstract=row[0], sections=(), xml=b"<n/>")
        save_articles(store, run(store), [changed], "2026-01-02T00:00:00Z")
    with open_store(desk.store) as store:
        tag_all(store, "v2")
    publish(desk.store, desk.store.with_name("evidence.db"))
    for address in (*pages, f"/articles/{NEWEST}"):
        assert "the text has changed since" in ada.get(address).text, address


def numbers(visitor: Visitor) -> dict[str, int]:
    page = visitor.get("/curate").text
    found = re.findall(r'href="/curate/(\w+)"><strong class="num">(\d+)', page)
    return {name: int(count) for name, count in found}


def test_two_people_at_once_lose_nothing_over_retagging_publishing_and_a_restart(desk: ReviewDesk) -> None:
    site = desk.store.with_name("evidence.db")
    with visiting(desk, site) as visit:
        ada, bea = signed_in(visit, "ada"), signed_in(visit, "bea")
        form = ada.form("/curate/findings")
        other = bea.form("/curate/findings")
        assert form["item"] == other["item"]
        assert ada.post("/curate/decide", {**form, "verdict": "accept"}).status_code == 303
        assert bea.post("/curate/decide", {**other, "verdict": "reject", "reason": "no"}).status_code == 303
        assert ada.decide("conflicts", "correct:no difference").status_code == 303
    before = kept(desk)
    assert [entry[:2] for entry in before] == [("ada", "accept"), ("bea", "reject"), ("ada", "correct")]
    with open_store(desk.store) as store:
        tag_all(store, "v2")
        tag_all(store, "v3", ())
    connection = served(desk)
    assert connection.execute("SELECT direction, decided FROM findings").fetchall() == [("no difference", "correct")]
    with visiting(ReviewDesk(desk.store, desk.secret, desk.reviewers), site) as visit:
        page = signed_in(visit, "ada").get(f"/curate/articles/{NEWEST}").text
    assert "bea" in page
    assert kept(desk) == before


def test_a_session_lasts_over_a_restart_with_the_same_secret_and_over_no_other(desk: ReviewDesk) -> None:
    site = desk.store.with_name("evidence.db")
    with visiting(desk, site) as visit:
        cookies = signed_in(visit, "ada").cookies
    for secret, status in ((desk.secret, 200), ("another secret, also long enough to be one", 303)):
        with visiting(ReviewDesk(desk.store, secret, desk.reviewers), site) as visit:
            visitor = visit()
            visitor.cookies.update(cookies)
            assert visitor.get("/curate").status_code == status


def test_a_decision_waits_for_a_running_night(ada: Visitor, desk: ReviewDesk) -> None:
    form = ada.form("/curate/findings")
    night = sqlite3.connect(desk.store, check_same_thread=False)
    night.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.5, night.rollback)
    timer.start()
    assert ada.post("/curate/decide", {**form, "verdict": "accept"}).status_code == 303
    timer.join()
    assert len(kept(desk)) == 1


def test_a_night_that_never_ends_is_said_and_nothing_kept(
    ada: Visitor, desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.site.routes.people.curate._WAIT_MS", 50)
    form = ada.form("/curate/findings")
    night = sqlite3.connect(desk.store)
    night.execute("BEGIN IMMEDIATE")
    answer = ada.post("/curate/decide", {**form, "verdict": "accept"})
    night.rollback()
    assert answer.status_code == 503
    assert "another ho-tracker is writing; try again" in answer.text
    assert kept(desk) == []


def test_the_served_file_names_nobody_unless_it_is_set_to(ada: Visitor, desk: ReviewDesk, tmp_path: Path) -> None:
    ada.decide("findings", "correct:decreases", reason="read it")
    ada.decide("unsure", "reject")
    site = desk.store.with_name("evidence.db")
    publish(desk.store, site)
    text = "\n".join(sqlite3.connect(site).iterdump())
    assert "read it" in text
    assert "'ada'" not in text
    publish(desk.store, site, names=True)
    assert "'ada'" in "\n".join(sqlite3.connect(site).iterdump())


def test_agreement_stands_on_the_methods_page_without_names(visit: Visit, ada: Visitor, desk: ReviewDesk) -> None:
    ada.decide("findings", "correct:decreases")
    ada.decide("conflicts", "accept")
    served(desk)
    page = visit().get("/methods").text
    assert "Checked by people" in page
    assert "2 tags and findings were checked by a person" in page
    told = json.loads(visit().get("/methods.json").text)["agreement"]
    (row,) = told["tagger"]
    assert (row["what"], row["judged"], row["right"], row["corrected"]) == ("findings on treatments", 2, 1, 1)
    line = page.partition(row["what"])[2].partition("</tr>")[0]
    share = f"{row['share']:.3f} ({row['low']:.3f}–{row['high']:.3f})"
    cells = [str(row[name]) for name in ("judged", "right", "corrected", "rejected")]
    assert re.findall(r'<td class="num">([^<]*)</td>', line) == [*cells, share, str(row["missed"])]
    assert "ada" not in json.dumps(told)


_TEXT = st.text(max_size=60) | st.sampled_from(["0", "-1", "9" * 30, "\0", "finding:0", "mark:0", "é", "[]", "ho"])
_NAMES = st.sampled_from(
    "pmid item verdict text_hash subject comparator comparator_class outcome effect direction figures concept kind "
    "assertion reason words field start queue place decision sort next name password other".split()
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["decide", "mark", "undo", "skip"]), st.dictionaries(_NAMES, _TEXT, max_size=8), st.booleans())
def test_no_form_makes_the_site_fail(
    fuzzed: tuple[Visitor, dict[str, str]], what: str, fields: Any, real: bool
) -> None:
    visitor, form = fuzzed
    answer = visitor.post(
        f"/curate/{what}", {**(form if real else {}), **fields, "csrftoken": visitor.cookies["ds_csrftoken"]}
    )
    assert answer.status_code in (303, 400, 404, 429)
    if answer.status_code != 303:
        assert "Traceback" not in answer.text


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["findings", "changed", "articles", f"articles/{NEWEST}", "login"]),
    st.dictionaries(st.sampled_from(["at", "after", "done", "item", "next", "pmid"]), _TEXT, max_size=4),
)
def test_no_address_makes_the_site_fail(fuzzed: tuple[Visitor, dict[str, str]], page: str, asked: Any) -> None:
    visitor, _ = fuzzed
    assert visitor.get(f"/curate/{page}", params=asked).status_code in (200, 303, 400, 404)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, dict[str, str]]]:
    desk = make_desk(tmp_path_factory.mktemp("fuzzed"))
    desk.writes = RateLimit(10**9, 1)
    with visiting(desk, desk.store.with_name("evidence.db")) as visit:
        visitor = signed_in(visit, "ada")
        yield visitor, visitor.form("/curate/findings")


@pytest.mark.parametrize("body", [b"a=%ff", b"&" * 200, b"\xff\xfe", b"csrftoken=1;" * 900])
def test_a_body_that_is_no_form_is_refused(ada: Visitor, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert ada._ask("POST", "/curate/decide", content=body, headers=headers).status_code in (400, 403)


def test_a_body_that_is_too_large_is_refused(ada: Visitor) -> None:
    assert ada.post("/curate/decide", {"reason": "x" * 30_000}).status_code == 413


def test_accounts_are_kept_hashed_in_a_file_of_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    assert add_account(path, "Ada Lovelace", PASSWORD)
    assert not add_account(path, "Ada Lovelace", "another password")
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in path.read_text()
    accounts = read_accounts(path)
    assert accounts.matches("Ada Lovelace", "another password")
    assert not accounts.matches("Ada Lovelace", PASSWORD)
    assert not accounts.matches("nobody", PASSWORD)
    assert not accounts.matches("nobody", "")
    for name, password in (
        ("a:b", PASSWORD),
        ("", PASSWORD),
        ("root", PASSWORD),
        ("x" * 61, PASSWORD),
        ("ada", "short"),
    ):
        with pytest.raises(AccountsError):
            add_account(path, name, password)
    with pytest.raises(AccountsError, match="there is no reviewer"):
        remove_account(path, "bea")
    path.write_text("ada:secret\n")
    with pytest.raises(AccountsError, match="line 1: not NAME:HASH"):
        read_accounts(path)
