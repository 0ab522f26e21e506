"""The desk's page: a list in by file or by hand, what became of it, nothing kept, bounds and clear errors."""

import html
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.site.serving.uploads import FORMS, UploadError, read_form
from db.site.show.formatting import short_authors
from tests.support.sites import Ask, asking


def pmids(evidence: Path, count: int) -> list[int]:
    """The oldest PMIDs of the file."""
    with sqlite3.connect(evidence) as conn:
        found = [row[0] for row in conn.execute("SELECT pmid FROM articles ORDER BY pmid LIMIT ?", [count])]
    conn.close()
    return found


def send(ask: Ask, since: str = "all", **parts: Any) -> Any:
    """Posts the form."""
    files = {"since": (None, since), **parts}
    return ask.post("/review", files=files)  # type: ignore[attr-defined]


def test_the_form_says_that_nothing_is_kept(ask: Ask) -> None:
    answer = ask("/review")
    assert answer.status_code == 200
    assert 'enctype="multipart/form-data"' in answer.text
    assert "Nothing that you send is kept" in answer.text
    assert "no-store" in answer.headers["cache-control"]


def test_a_file_comes_back_as_a_review(ask: Ask, evidence: Path) -> None:
    first = pmids(evidence, 12)
    before = evidence.read_bytes()
    answer = send(ask, list=("included.txt", "\n".join(map(str, [*first, 12])).encode()))
    assert answer.status_code == 200, answer.text[:500]
    assert "12 of 13 records held here" in answer.text
    assert "record 13: PMID 12" in answer.text
    assert "/export/ris?pmids=" in answer.text
    assert all(f'<li><a href="/articles/{pmid}"' not in answer.text for pmid in first)
    assert "no-store" in answer.headers["cache-control"]
    assert evidence.read_bytes() == before


def test_pasted_pmids_do_as_well(ask: Ask, evidence: Path) -> None:
    answer = send(ask, pmids=(None, " ".join(map(str, pmids(evidence, 5)))))
    assert "5 of 5 records held here" in answer.text
    assert "all of it is taken as included" in answer.text


def test_a_list_half_screened_comes_back_with_its_rest_in_order(ask: Ask, evidence: Path) -> None:
    first = pmids(evidence, 9)
    rows = [f"{first[0]},1", f"{first[1]},0", *(f"{pmid}," for pmid in first[2:])]
    answer = send(ask, list=("half.csv", ("pmid,included\n" + "\n".join(rows)).encode()))
    part = answer.text.split('id="undecided"')[1].split('id="candidates"')[0]
    assert all(f'href="/articles/{pmid}"' in part for pmid in first[2:])
    assert not any(f'href="/articles/{pmid}"' in part for pmid in first[:2])
    assert "bring the list again" in part
    assert answer.text.index('id="undecided"') < answer.text.index('id="candidates"')
    assert "all of it is taken as" not in answer.text
    assert 'id="undecided"' not in send(ask, pmids=(None, " ".join(map(str, first)))).text


def test_the_list_to_download_keeps_the_order_of_reading(ask: Ask, evidence: Path) -> None:
    answer = send(ask, pmids=(None, " ".join(map(str, pmids(evidence, 5)))))
    shown = [int(pmid) for pmid in re.findall(r'<li>(?:<strong.*?</strong> )?<a href="/articles/(\d+)"', answer.text)]
    address = html.unescape(re.findall(r'"(/export/nbib\?[^"]+)"', answer.text)[0])
    written = [int(pmid) for pmid in re.findall(r"^PMID- (\d+)", ask(address).text, re.MULTILINE)]
    assert len(written) > 20
    assert written == shown
    assert written != sorted(written, reverse=True)


def test_what_is_wrong_stands_with_every_study_and_candidate_and_each_file_keeps_the_order(
    tmp_path: Path, evidence: Path
) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    mine = pmids(evidence, 6)
    kinds = ("RetractionIn", "PartialRetractionIn", "ExpressionOfConcernIn", "ErratumIn", "CommentIn")
    marks = dict(zip(mine, ("RETRACTED", "PARTIALLY RETRACTED", "EXPRESSION OF CONCERN", "CORRECTED"), strict=False))
    with sqlite3.connect(path) as conn:
        for pmid, kind in zip(mine, kinds, strict=False):
            conn.execute("INSERT INTO notices (pmid, position, kind) VALUES (?, 0, ?)", [pmid, kind])
        others = "SELECT pmid, 0, 'ErratumIn' FROM articles WHERE pmid > ? AND pmid % 2"
        conn.execute(f"INSERT INTO notices (pmid, position, kind) {others}", [mine[-1]])
    conn.close()
    for ask in asking(path):
        answer = send(ask, pmids=(None, " ".join(map(str, mine)))).text
        part = answer.partition('id="marked"')[2].partition('id="numbers"')[0]
        entry = r'<li><strong class="retracted-word">([^<]+)</strong> <a href="/articles/(\d+)"'
        assert {int(pmid): mark for mark, pmid in re.findall(entry, part)} == marks
        ranked = answer.partition('id="candidates"')[2]
        shown = [(mark, int(pmid)) for mark, pmid in re.findall(
            r'<li>(?:<strong class="retracted-word">([^<]+)</strong> )?<a href="/articles/(\d+)"', ranked)]  # fmt: skip
        assert len(shown) > 20
        assert [mark for mark, _ in shown] == ["CORRECTED" if pmid % 2 else "" for _, pmid in shown]
        hints = re.findall(r'<a href="/articles/(\d+)">[^<]*</a> <span class="hint">([^<]*)</span>', ranked)
        rows = {row["pmid"]: row for row in ask("/articles.json?topic=all&vanished=yes&_size=200&pmids="
                                                + ",".join(pmid for pmid, _ in hints)).json()["rows"]}  # fmt: skip
        for pmid, hint in hints:
            row = rows[int(pmid)]
            authors = short_authors(row["authors"])
            facts = [f"{authors} · {row['iso_abbreviation'] or row['journal']}", str(row["year"]), row["study_design"]]
            assert html.unescape(hint).startswith(" · ".join(map(str, facts)))
        files = [urlsplit(html.unescape(one)) for one in re.findall(r'<a href="(/export/[^"]+)"', ranked)]
        assert [file.path for file in files] == ["/export/ris", "/export/nbib", "/export/csv"]
        wanted = {"pmids": [",".join(str(pmid) for _, pmid in shown)], "sort": ["named"]}
        assert all(parse_qs(file.query) == wanted for file in files)
        whole = re.findall(r"<textarea readonly[^>]*>([^<]*)</textarea>", ranked)[0].split()
        assert [int(pmid) for pmid in whole[: len(shown)]] == [pmid for _, pmid in shown]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "nothing was sent"),
        ({"pmids": (None, "twelve")}, "neither csv"),
        ({"pmids": (None, "12")}, "none of the 1 records"),
        ({"list": ("x.csv", b"\xff\xfe\x00")}, "not utf-8"),
        ({"list": ("<script>alert(1)</script>.txt", b"12")}, "none of the 1 records"),
    ],
)
def test_what_is_no_list_is_one_clear_line(ask: Ask, parts: dict[str, Any], words: str) -> None:
    answer = send(ask, **parts)
    assert answer.status_code == 400
    assert words in answer.text.casefold()
    assert "<script>alert" not in answer.text


def test_a_day_that_is_none_is_said(ask: Ask, evidence: Path) -> None:
    answer = send(ask, since="<i>", pmids=(None, str(pmids(evidence, 1)[0])))
    assert answer.status_code == 400
    assert "cannot be read" in answer.text
    assert "<i>" not in answer.text.split("<main")[1]


def test_only_this_page_takes_a_large_form_and_only_so_large(ask: Ask) -> None:
    post = ask.post  # type: ignore[attr-defined]
    assert post("/articles", data={"a": "b"}).status_code == 405
    assert post("/articles", content=b"a" * 100_001).status_code == 413
    assert post("/review", content=b"a" * 100_001).status_code == 400
    assert post("/review", content=b"", headers={"content-length": str(FORMS["review"] + 1)}).status_code == 413


@pytest.mark.parametrize("cookie", ["", "ds_csrftoken=somebody"])
def test_a_form_of_another_site_is_refused_whatever_cookies_say(ask: Ask, cookie: str) -> None:
    files = {"pmids": (None, "1")}
    for place, status in (("cross-site", 403), ("same-origin", 400)):
        headers = {"cookie": cookie, "sec-fetch-site": place}
        assert ask.post("/review", files=files, headers=headers).status_code == status  # type: ignore[attr-defined]


def test_a_form_is_parted_by_name() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="since"\r\n\r\nall\r\n'
        b'--x\r\nContent-Disposition: form-data; name="list"; filename="a.csv"\r\n\r\n1\r\n2\xff\r\n--x--\r\n'
    )
    fields = read_form("multipart/form-data; boundary=x", body)
    assert fields == {"since": ("", b"all"), "list": ("a.csv", b"1\r\n2\xff")}
    with pytest.raises(UploadError, match="multipart"):
        read_form("text/plain", body)


_TYPES = ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=\n")


@given(st.binary(max_size=200), st.sampled_from(_TYPES))
@settings(max_examples=60)
def test_whatever_is_sent_is_read_or_refused(body: bytes, content_type: str) -> None:
    try:
        fields = read_form(content_type, b"--x\r\n" + body)
    except UploadError:
        return
    assert all(isinstance(content, bytes) for _, content in fields.values())


@pytest.mark.parametrize(("parts", "refused"), [(20, False), (21, True)])
def test_a_form_has_no_more_parts_than_ours_may_have(parts: int, refused: bool) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="f{}"\r\n\r\nv\r\n'
    body = ("".join(map(part.format, range(parts))) + "--x--\r\n").encode()
    if refused:
        with pytest.raises(UploadError, match="send it again"):
            read_form("multipart/form-data; boundary=x", body)
    else:
        assert len(read_form("multipart/form-data; boundary=x", body)) == parts
