"""Each tag of a MEDLINE record goes to its own field, the first one counts, people stay who they are."""

from pathlib import Path

import pytest

from db.model import Article, BadRecord, HistoryDate, OtherAbstract
from tests.harvest.pubmed.test_nbib import kinds, made, read

#: The tags of one value, the field that each sets, and a value in both forms.
SINGLE = (
    ("STAT", "status", "MEDLINE", "MEDLINE"),
    ("DCOM", "completed_date", "20170315", "2017-03-15"),
    ("LR", "revised_date", "20200104", "2020-01-04"),
    ("DRDT", "revised_date", "2020/01/04 06:00", "2020-01-04"),
    ("DEP", "electronic_date", "20151228", "2015-12-28"),
    ("DA", "created_date", "20160102", "2016-01-02"),
    ("CTDT", "created_date", "20080718", "2008-07-18"),
    ("VI", "volume", "40", "40"),
    ("IP", "issue", "3", "3"),
    ("PG", "pages", "487-93", "487-93"),
    ("TT", "vernacular_title", "Kurz.", "Kurz."),
    ("PL", "country", "Germany", "Germany"),
    ("TA", "medline_abbreviation", "Int Orthop", "Int Orthop"),
    ("JT", "journal", "International orthopaedics", "International orthopaedics"),
    ("JID", "nlm_unique_id", "7705431", "7705431"),
    ("COIS", "conflict_of_interest", "None declared.", "None declared."),
    ("PST", "publication_status", "ppublish", "ppublish"),
    ("PUBM", "publication_model", "Electronic", "Electronic"),
    ("DP", "publication_date_verbatim", "2016 Mar-Apr", "2016 Mar-Apr"),
    ("AB", "abstract", "Bone grew.", "Bone grew."),
)  # fmt: skip
NAMES = {name for _, name, _, _ in SINGLE}


@pytest.mark.parametrize(("tag", "name", "written", "value"), SINGLE, ids=lambda each: str(each)[:12])
def test_a_tag_sets_its_own_field_and_the_first_one_counts(
    tmp_path: Path, tag: str, name: str, written: str, value: str
) -> None:
    second = "20240909" if name.endswith("_date") else "2024 Sep" if tag == "DP" else "another"
    again = [f"{tag:<4}- {second}"] * (tag != "STAT")  # a second one of which is another record's
    article = made(tmp_path, f"{tag:<4}- {written}", *again)
    assert {each: found for each in NAMES if (found := getattr(article, each))} == {name: value}


def test_lists_hold_every_value_in_order(tmp_path: Path) -> None:
    article = made(
        tmp_path, "LA  - ENG", "LA  - ger", "NM  - Fibrodysplasia", "NM  - Other", "MID - NIHMS1", "PT  - Review",
        "PT  - Preprint", "PHST- 2015/06/02 00:00 [received]", "PHST- 2015/12/29 06:00 [accepted]", "OAB - Kurz.",
        "OABL- ger", "OAB - Bref.", "OABL- fre", "MH  - Hip/*injuries/surgery", "MH  - *Elbow",
    )  # fmt: skip
    assert article.languages == ("eng", "ger")
    assert [term.term for term in article.supplementary_concepts] == ["Fibrodysplasia", "Other"]
    assert [(each.kind, each.value) for each in article.article_ids] == [("mid", "NIHMS1")]
    assert [term.term for term in article.publication_types] == ["Review", "Preprint"]
    assert article.publication_types[1].ui  # one by which something is decided
    assert article.history == (HistoryDate("received", "2015-06-02"), HistoryDate("accepted", "2015-12-29"))
    assert article.other_abstracts == (
        OtherAbstract("Publisher", "ger", "Kurz."), OtherAbstract("Publisher", "fre", "Bref."),
    )  # fmt: skip
    hip, elbow = article.mesh_headings
    assert [(part.term, part.major) for part in hip.qualifiers] == [("injuries", True), ("surgery", False)]
    assert (hip.major, elbow.term, elbow.major) == (True, "Elbow", True)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("J Bone. 2019 Jan;43(1):5. PMID: 802", ("J Bone. 2019 Jan;43(1):5", 802)),
        ("J Bone. 2019. PMID:802.", ("J Bone. 2019", 802)),
        ("PMID: 802", (None, 802)),
        ("On PMID: 7 in J Bone. PMID: 802", ("On PMID: 7 in J Bone", 802)),
        ("On PMID: 7 in J Bone", ("On PMID: 7 in J Bone", None)),
        ("J XPMID: 7", ("J XPMID: 7", None)),
        ("J Bone. PMID: 0", ("J Bone", None)),
    ],
)
def test_a_notice_names_the_record_at_its_end_alone(
    tmp_path: Path, source: str, expected: tuple[str | None, int | None]
) -> None:
    [notice] = made(tmp_path, f"RIN - {source}").notices
    assert (notice.kind, notice.source, notice.ref_pmid) == ("RetractionIn", *expected)


def test_keywords_belong_to_the_owner_before_them(tmp_path: Path) -> None:
    article = made(
        tmp_path, "OT  - bone", "OTO - NOTNLM", "OT  - *hip", "OTO -", "OT  - knee", "OTO - ho-tracker", "OT  - ours",
        "OTO - NLM", "OT  - *", "OT  - elbow",
    )  # fmt: skip
    assert [(each.term, each.major, each.owner) for each in article.keywords] == [
        ("bone", False, None), ("hip", True, "NOTNLM"), ("knee", False, None), ("elbow", False, "NLM"),
    ]  # fmt: skip


def test_people_of_each_role_stay_who_they_are(tmp_path: Path) -> None:
    article = made(
        tmp_path, "AD  - First Place.", "FAU - Adler, Jana", "IR  - Berg C", "FIR - Carr, Dana", "IR  - Carr D",
        "IRAD- Their Place.", "FPS - Dent, Eva", "PS  - Dent E", "FAU - Eng, Finn", "AU  - Eng F",
        "AUID- ORCID: 0000-0002-1825-0097", "AUID- GRID: grid.5", "AD  - Second Place.",
    )  # fmt: skip
    authors = [(each.last_name, each.fore_name, each.initials, each.affiliation) for each in article.authors]
    assert authors == [("Adler", "Jana", None, "First Place."), ("Eng", "Finn", "F", "Second Place.")]
    assert [each.orcid for each in article.authors] == [None, "0000-0002-1825-0097"]
    investigators = [(each.last_name, each.fore_name, each.affiliation) for each in article.investigators]
    assert investigators == [("Berg", None, None), ("Carr", "Dana", "Their Place.")]
    assert [each.last_name for each in article.personal_name_subjects] == ["Dent"]
    alone = made(tmp_path, "AD  - First Place.", "FIR - Carr, Dana", "IR  - Carr D")
    assert [each.affiliation for each in alone.investigators] == [None]  # it stood before the authors' names


def test_trial_numbers_and_other_banks(tmp_path: Path) -> None:
    article = made(tmp_path, "SI  - ISRCTN/NCT00000102", "SI  - GENBANK/AF001", "SI  - GENBANK", "SI  - PDB/")
    assert [(each.registry, each.number) for each in article.registry_numbers] == [
        ("ClinicalTrials.gov", "NCT00000102"), ("GENBANK", "AF001"),
    ]  # fmt: skip


def test_what_stands_before_the_first_record_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "A list of mine\n\nPMID- 1\nOWN - NLM\nOWN - NLM\nTI  - One\n\nPMID- 2\nAB  - No title.\n")
    assert kinds(found) == [("BadRecord", None), ("Article", 1), ("BadRecord", 2)]
    first, article, last = found
    assert isinstance(first, BadRecord)
    assert isinstance(article, Article)
    assert isinstance(last, BadRecord)
    assert (first.position, "A list of mine" in first.reason) == (1, True)
    assert (last.position, last.reason) == (3, "it has no title")


def test_a_block_without_a_number_is_no_part_of_the_record_before_it(tmp_path: Path) -> None:
    found = read(tmp_path, "PMID- 1\nTI  - One\nDP  - 2020\n\nTI  - Two\nAB  - Of two.\n\nPMID- 3\nTI  - Three\n")
    assert kinds(found) == [("Article", 1), ("BadRecord", None), ("Article", 3)]
    assert isinstance(found[0], Article)
    assert (found[0].title, found[0].abstract) == ("One", None)
