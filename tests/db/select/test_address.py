"""How an address may be written, and how far: each limit lets its last value through and refuses the next."""

import pytest

from db.errors import TrackerError
from db.select.address import read_years
from db.select.facets import FACETS, FilterError
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from db.select.trial_filter import TrialFilter

Pairs = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("name", "most", "more"),
    [
        ("journal", "x" * 300, "x" * 301),
        ("run", "9" * 12, "9" * 13),
        ("pmids", "9" * 12, "9" * 13),
        ("q", "x" * 1000, "x" * 1001),
        ("q", "a " * 60, "a " * 61),
    ],
)
def test_a_value_may_be_as_long_as_its_limit(name: str, most: str, more: str) -> None:
    assert ArticleFilter.from_query([(name, most)]).to_query() == [(name, most.strip())]
    with pytest.raises(TrackerError):
        ArticleFilter.from_query([(name, more)])


def test_as_many_values_may_be_chosen_as_the_limit_says() -> None:
    pairs = [(name, f"{n}") for n in range(100) for name in ("journal", "not_journal")]
    assert len(ArticleFilter.from_query(pairs).to_query()) == 200
    with pytest.raises(FilterError, match="more than 200 values"):
        ArticleFilter.from_query([*pairs, ("site", "hip")])


def test_long_lists_of_pmids_and_searches_have_no_limit_of_a_value() -> None:
    pmids = ",".join(str(10_000_000 + n) for n in range(100))
    assert ArticleFilter.from_query([("pmids", pmids)]).query_string().count("%2C") == 99
    assert ArticleFilter.from_query([("q", "ossification " * 30)]).search.text.count("ossification") == 30


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(([("retracted", word)], [("retracted", "yes")]) for word in ("1", "true", "YES", " yes ")),
        *(([("retracted", word)], [("retracted", "no")]) for word in ("0", "false", "No")),
        ([("vanished", "no"), ("with_retracted", "0")], []),
        ([("run", "007")], [("run", "7")]),
        ([("year", " 2015 – 2020 ")], [("year", "2015-2020")]),
        ([("year", "2015-2015")], [("year", "2015")]),
        ([("year", "0099")], [("year", "0099")]),
        ([("year", "-2020")], [("year", "-2020")]),
        ([("year", "1999"), ("year", "1999")], [("year", "1999")]),
        ([("pmids", "3 1;3,\r\n2"), ("pmids", "1")], [("pmids", "1,2,3")]),
        ([("pmids", " ; ")], [("pmids", "0")]),
        ([("q", "hip"), ("q", " knee ")], [("q", "hip knee")]),
        ([("topic", "ho")], []),
        ([("utm_source", "mail"), ("_shape", "array"), ("sort", "newest")], []),
        ([("intervention", " "), ("year", ""), ("as_of", ""), ("pmids", "")], []),
        ([("site", " hip "), ("site", "hip"), ("outcome", "b")], [("outcome", "b"), ("site", "hip")]),
        ([("effect", "worse"), ("effect", "better")], [("effect", "better"), ("effect", "worse")]),
    ],
)
def test_one_filter_may_be_written_in_many_ways_and_is_said_in_one(written: Pairs, meant: Pairs) -> None:
    assert ArticleFilter.from_query(written, also=("sort",)).to_query() == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [("20152020", "write 2015-2020"), ("-", "cannot be read"), ("99", "cannot be read"), ("2020-2019", "2019-2020")],
)
def test_years_that_cannot_be_say_how_to_write_them(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        read_years(text)
    assert read_years("2019-2020") == (2019, 2020)


def test_every_facet_may_be_chosen_and_excluded_and_concepts_required() -> None:
    for name, facet in FACETS.items():
        for prefix, allowed in (("", True), ("not_", True), ("all_", facet.kind is not None)):
            pairs = [(f"{prefix}{name}", "x")]
            if allowed:
                assert ArticleFilter.from_query(pairs).to_query() == pairs
            else:
                with pytest.raises(FilterError, match="there is no filter"):
                    ArticleFilter.from_query(pairs)


@pytest.mark.parametrize("value", ["a\x00b", "a\x1bb", "a\u2028b", "a\x85b"])
@pytest.mark.parametrize("name", ["journal", "finding_of", "pmids", "as_of"])
def test_no_value_holds_a_control_character(name: str, value: str) -> None:
    with pytest.raises(FilterError, match="control character"):
        ArticleFilter.from_query([(name, value)])


def test_a_filter_of_trials_toggles_its_values_and_reads_back() -> None:
    chosen = TrialFilter.from_query([("country", "Japan"), ("unpublished", "1"), ("status", "A"), ("status", "B")])
    assert chosen.values("status") == {"A", "B"}
    assert chosen.values("phase") == frozenset()
    assert chosen.query_string() == "country=Japan&status=A&status=B&unpublished=yes"
    assert chosen.toggled("status", "A").toggled("status", "A") == chosen
    assert chosen.toggled("status", "A").query_string() == "country=Japan&status=B&unpublished=yes"
    assert chosen.toggled("phase", "NA").query_string() == "country=Japan&phase=NA&status=A&status=B&unpublished=yes"
    assert TrialFilter.from_query([("unpublished", "no")]) == TrialFilter()


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("HPI", ["hip", "knee"], "did you mean hip?"),
        ("arthro", ["hip", "long arthroscopy", "arthroplasty"], "did you mean arthroplasty or long arthroscopy?"),
        (" Hip ", ["Hip", "hip"], "did you mean Hip?"),
        ("aaaa", ["aaab", "aaac", "aaad", "aaae"], "did you mean aaae, aaad or aaac?"),
        ("zzz", list("abcdefgh"), "known are a, b, c, d, e, f, g, h"),
        ("zzz", list("abcdefghi"), "known are a, b, c, d, e, f, g, h ..."),
        ("", ["a"], "known are a"),
        ("zzz", [], "none is known"),
    ],
)
def test_advice_names_the_nearest_words(word: str, known: list[str], said: str) -> None:
    assert nearest(word, known) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [("a\x00b\n c", "“a b c”"), ("x" * 60, f"“{'x' * 60}”"), ("x" * 61, f"“{'x' * 60}…”"), ("", "“”")],
)
def test_somebody_elses_words_stay_on_one_line_of_a_message(text: str, said: str) -> None:
    assert shown(text) == said
