"""What a list says of its records: nothing against sound ones, every person in their role, notes that stay apart."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from db.citations import FORMATS, Options
from db.citations.formats.bibtex import bibtex_name
from db.citations.formats.common import given_name, name_last_first, tag_note
from db.citations.formats.csljson import csl_name
from db.citations.formats.endnote import endnote_name
from db.citations.formats.nbib import printed_date
from db.citations.output import ExportError, Limits, write_file, write_files
from db.citations.records import CitationRecord
from db.citations.selection import select
from db.citations.tools import load_tools
from db.model import Author, Notice, Term
from db.select.filter import ArticleFilter
from db.store.store import Store
from tests.support.zoo import CONCERN, CORRECTED, PLAIN, RETRACTED

Write = Callable[..., str]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_said_against_a_sound_article(name: str, export: Write) -> None:
    sound = export(name, [PLAIN.pmid], Options()).casefold()
    for word in ("retract", "withdraw", "concern", "correct", "erratum", "preprint"):
        assert word not in sound.replace('"retracted": false', "").replace("retracted,notices", ""), word
    for article in (CONCERN, CORRECTED):
        assert "retract" not in export(name, [article.pmid]).casefold().replace('"retracted": false', "").replace(
            "retracted,notices", ""
        )
    assert "retract" in export(name, [RETRACTED.pmid]).casefold()


@pytest.mark.parametrize(
    ("kind", "mark", "status"),
    [
        ("RetractionIn", "RETRACTED", "retracted"), ("RetractedandRepublishedIn", "RETRACTED", "retracted"),
        ("PartialRetractionIn", "PARTIALLY RETRACTED", "partially retracted"),
        ("ExpressionOfConcernIn", "EXPRESSION OF CONCERN", "expression of concern"),
        ("ErratumIn", "CORRECTED", "corrected"), ("CorrectedandRepublishedIn", "CORRECTED", "corrected"),
        ("CommentIn", None, None), ("UpdateIn", None, None), ("RetractionOf", None, None), ("ErratumFor", None, None),
    ],
)  # fmt: skip
def test_a_notice_marks_its_article_alone(export_made: Write, kind: str, mark: str | None, status: str | None) -> None:
    article = replace(PLAIN, notices=(Notice(kind, 7, "J Bone. 2020;1:2"),))
    (item,) = json.loads(export_made("csljson", article))
    assert item.get("status") == status
    assert item["title"] == (f"{mark}: " if mark else "") + PLAIN.title
    assert ("J Bone. 2020;1:2. PMID: 7" in item.get("note", "")) == (mark is not None)
    ris = export_made("ris", article)
    assert ("M3  - Retracted Publication" in ris) == (mark == "RETRACTED")
    assert json.loads(export_made("jsonl", article))["mark"] == mark


@pytest.mark.parametrize(
    ("record", "note"),
    [
        (CitationRecord(replace(PLAIN, pmid=3)), None),
        (CitationRecord(PLAIN), "ho-tracker: record=made up, no real article"),
        (CitationRecord(replace(PLAIN, pmid=3), study_design="cohort"), "ho-tracker: study design=cohort"),
        (CitationRecord(replace(PLAIN, pmid=3), tags=(("outcome", "a; b"),)), "ho-tracker: outcome=a, b"),
    ],
)
def test_the_note_of_our_tags_holds_what_there_is(record: CitationRecord, note: str | None) -> None:
    assert tag_note(record) == note


def test_the_kind_of_a_record_stands_in_ris_only_where_it_must(export_made: Write) -> None:
    preprint = replace(PLAIN, publication_types=(Term("D000076942", "Preprint"),))
    assert "M3  -" not in export_made("ris", PLAIN)
    assert "M3  - Preprint\r\n" in export_made("ris", preprint)
    both = replace(preprint, notices=(Notice("RetractionIn", 7, None),))
    assert "M3  - Retracted Publication\r\n" in export_made("ris", both)


def test_people_of_every_role_stand_in_medline(export_made: Write) -> None:
    article = replace(
        PLAIN,
        personal_name_subjects=(Author("Virchow", "Rudolf", "R"),),
        investigators=(Author("Meyer", "Ann", "A", affiliation="Clinic, Graz.; Ward, Wien."),),
        authors=(Author("Adler", None, "J", "Jr", orcid="0000-0002-1825-0097"), Author("Sukarno")),
    )
    lines = export_made("nbib", article).split("\n")
    people = ("FAU", "AU", "AUID", "FPS", "PS", "FIR", "IR", "IRAD", "AD")
    assert [line for line in lines if line[:4].strip() in people] == [
        "FAU - Adler, J Jr", "AU  - Adler J Jr", "AUID- ORCID: 0000-0002-1825-0097", "FAU - Sukarno", "AU  - Sukarno",
        "FPS - Virchow, Rudolf", "PS  - Virchow R", "FIR - Meyer, Ann", "IR  - Meyer A", "IRAD- Clinic, Graz.",
        "IRAD- Ward, Wien.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "ris", "bibtex", "endnote", "csl"),
    [
        (Author("Li", "Wei", "W"), "Li, Wei", "Li, Wei", "Li, Wei", {"family": "Li", "given": "Wei"}),
        (Author("Li", None, "WX", "Jr"), "Li, W X, Jr", "Li, Jr, W X", "Li, W X, Jr",
         {"family": "Li", "given": "W X", "suffix": "Jr"}),
        (Author("Li", None, "Wx"), "Li, Wx", "Li, Wx", "Li, Wx", {"family": "Li", "given": "Wx"}),
        (Author(None, "Madonna", None), "Madonna", "{Madonna}", "Madonna", {"literal": "Madonna"}),
        (Author(None, None, None), "", "", "", {"literal": ""}),
        (Author(collective_name="Bone, Muscle and Co"), "Bone, Muscle and Co", "{Bone, Muscle and Co}",
         "Bone,, Muscle and Co", {"literal": "Bone, Muscle and Co"}),
        (Author(collective_name="Bone Group"), "Bone Group", "{Bone Group}", "Bone Group,", {"literal": "Bone Group"}),
        (Author(collective_name="A, B, C"), "A, B, C", "{A, B, C}", "A,, B, C", {"literal": "A, B, C"}),
        (Author("von der Au", "A", "A"), "von der Au, A", "von der Au, A", "von der Au, A",
         {"family": "von der Au", "given": "A"}),
        (Author("and", "Or", "O"), "and, Or", "{and}, Or", "and, Or", {"family": "and", "given": "Or"}),
        (Author("Doe", "J and K", "JK"), "Doe, J and K", "Doe, {J and K}", "Doe, J and K",
         {"family": "Doe", "given": "J and K"}),
    ],
)  # fmt: skip
def test_a_name_is_parted_as_each_format_parts_it(
    name: Author, ris: str, bibtex: str, endnote: str, csl: dict[str, Any]
) -> None:
    assert (name_last_first(name), bibtex_name(name), endnote_name(name), csl_name(name)) == (ris, bibtex, endnote, csl)


@pytest.mark.parametrize(
    ("author", "given"),
    [(Author("A", "Bo", "B"), "Bo"), (Author("A", None, "BC"), "B C"), (Author("A", None, "Bc"), "Bc"),
     (Author("A", None, "B-C"), "B-C"), (Author("A"), None)],
)  # fmt: skip
def test_initials_stand_apart_where_there_is_no_fore_name(author: Author, given: str | None) -> None:
    assert given_name(author) == given


@pytest.mark.parametrize(
    ("verbatim", "printed"),
    [
        ("2016 03 04", "2016 Mar 4"), ("2016-03-04", "2016 Mar 4"), ("2016 Mar 04", "2016 Mar 4"),
        ("2016 12", "2016 Dec"),
        ("2016 13", "2016 13"), ("2016 00", "2016 00"), ("2016 Xyz 4", "2016 Xyz 4"), ("2016", "2016"), (None, None),
        ("2016 Spring", "2016 Spring"), ("2016 1", "2016 Jan"),
    ],
)  # fmt: skip
def test_a_date_that_is_none_stays_in_pubmeds_words(verbatim: str | None, printed: str | None) -> None:
    assert printed_date(verbatim) == printed


@pytest.mark.parametrize(("title", "shown"), [("So it goes...", "So it goes..."), ("Bone.", "Bone."), ("Bone", "Bone."),
                                               ("Bone?", "Bone?")])  # fmt: skip
@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_a_title_ends_as_it_did(export_made: Write, name: str, title: str, shown: str) -> None:
    text = re.sub("[*_]", "", export_made(name, replace(PLAIN, title=title)))
    assert f" {shown} " in text
    assert f" {shown}." not in text


def test_a_tool_is_given_what_it_reads_and_no_more_than_it_takes() -> None:
    tools = load_tools()
    assert {name: (tool.formats, tool.limits.records, tool.limits.size) for name, tool in tools.items()} == {
        "rayyan": (("ris", "nbib", "csv"), None, 100_000_000),
        "covidence": (("ris", "endnote", "nbib"), 15_000, 50_000_000),
        "asreview": (("ris", "csv"), None, None),
        "revman": (("ris",), None, None),
        "zotero": (("ris", "csljson", "bibtex", "nbib", "endnote"), None, None),
    }
    for tool in tools.values():
        assert tool.format_name(None) == tool.formats[0]
        assert [tool.format_name(name) for name in tool.formats] == list(tool.formats)
        assert set(tool.formats) <= set(FORMATS)
        with pytest.raises(ExportError, match=f"{tool.title} does not read apa; choose ris"):
            tool.format_name("apa")


def test_a_file_takes_exactly_what_its_limits_say(zoo_store: Store, tmp_path: Any) -> None:
    everything = select(zoo_store.db.conn, ArticleFilter())
    count = len(everything.pmids)

    def parts(limits: Limits) -> list[int]:
        written, _ = write_files(zoo_store.db.conn, everything, FORMATS["ris"], Options(), tmp_path / "x", limits)
        return [part.count for part in written]

    (whole,), _ = write_files(zoo_store.db.conn, everything, FORMATS["ris"], Options(), tmp_path / "x")
    assert parts(Limits(records=count)) == parts(Limits(size=whole.size)) == parts(Limits()) == [count]
    assert parts(Limits(records=count - 1)) == [count - 1, 1]
    assert len(parts(Limits(size=whole.size - 1))) == 2


def test_folders_of_writers_at_work_or_of_no_writer_stay(zoo_store: Store, tmp_path: Any) -> None:
    everything = select(zoo_store.db.conn, ArticleFilter())
    kept = [".x.ris.1-abc", f".x.ris.{10**30}-abc", ".x.ris.words-abc", ".y.ris.999999999-abc"]
    for name in (*kept, ".x.ris.999999999-abc"):
        (tmp_path / name).mkdir()
    write_files(zoo_store.db.conn, everything, FORMATS["ris"], Options(), tmp_path / "x.ris")
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {*kept, "x.ris", "x.ris.manifest.json"}


def test_a_file_is_exchanged_whole_and_its_folder_is_written_through(
    zoo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("db.citations.output.sync", synced.append)
    everything, path = select(zoo_store.db.conn, ArticleFilter()), tmp_path / "x.ris"
    path.write_text("old")
    with path.open() as reader:
        write_files(zoo_store.db.conn, everything, FORMATS["ris"], Options(), path)
        assert reader.read() == "old"  # whoever reads the old file reads it to its end
    assert synced == [tmp_path]
    with path.open() as reader:
        write_file(path, [b"new", b" text"])
        assert reader.read(2) == "TY"
    assert path.read_text() == "new text"
    assert synced == [tmp_path, tmp_path]


def test_endnote_has_the_journal_by_both_names(export: Write) -> None:
    names = f"<full-title>{escape(PLAIN.journal or '')}</full-title><abbr-1>{PLAIN.iso_abbreviation}</abbr-1>"
    assert f"<periodical>{names}</periodical>" in export("endnote", [PLAIN.pmid])


@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_plain_text_has_no_markup_and_the_others_have_their_own(name: str, export: Write) -> None:
    text, html, markdown = (export(name, [PLAIN.pmid], Options(markup=m)) for m in ("text", "html", "markdown"))
    assert not re.search(r"</?[a-z]+>|\*", text)
    assert "<li" in html
    assert not re.search(r"</?[a-z]+>", markdown)
    if name != "vancouver":
        assert "<i>" in html
        assert "*" in markdown
