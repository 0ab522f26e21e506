"""The lint of a topic folder: each thing that is wrong is one line with its file and key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.topics import bundled, choose
from db.topics.choice import FOLDER
from harvest.app.topics.check import check_topic
from tests.support.topics import ABOUT, INTERVENTION, OUTCOME, POPULATION, QUERY, TOPIC, topic_folder

#: The small topic without what the lint would say of it.
CLEAN = {
    "intervention": INTERVENTION + 'synonyms = ["colchicin"]\n',
    "population": "[site]\ntoe = ['toes?']\n[aetiology]\ndiuretics = ['diuretics?']\n",
}
SITE = '[[concept]]\nid = "site-toe"\nname = "toe"\nsynonyms = ["hallux"]\n'
AETIOLOGY = '[[concept]]\nid = "aetiology-diuretics"\nname = "diuretics"\nsynonyms = ["diuretic"]\n'


@pytest.fixture(autouse=True)
def the_usual_topic_afterwards() -> Iterator[None]:
    yield
    choose()


def folder(path: Path, **changed: str | None) -> Path:
    made = topic_folder(path / "gout", **{**CLEAN, **changed})
    (made / "vocabulary" / "site.toml").write_text(SITE, encoding="utf-8")
    (made / "vocabulary" / "aetiology.toml").write_text(AETIOLOGY, encoding="utf-8")
    return made


def lines(path: Path) -> list[str]:
    return [str(problem) for problem in check_topic(path)]


@pytest.mark.parametrize("name", bundled())
def test_bundled_topics_are_clean(name: str) -> None:
    assert lines(FOLDER / name) == []


def test_a_small_topic_is_clean(tmp_path: Path) -> None:
    assert lines(folder(tmp_path)) == []


OVERVIEW = """
[[section]]
id = "risk"
title = "Risk"
text = "Who gets it."
[[section.line]]
text = "A line."
concepts = ["{concept}"]
"""
PICTURE = """
title = "Gout"
text = "In one picture."
columns = 1
[[panel]]
id = "one"
title = "One"
chapter = "{chapter}"
row = 1
column = 1
leads_to = ["{other}"]
items = ["colchicine"]
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"topic": TOPIC + "colour = 'red'"}, "topic.toml, colour: is no key of this file"),
        ({"topic": None}, "topic.toml: is missing"),
        ({"query": QUERY.replace('["D015210"]', "[]")}, "query.toml, match mesh: is empty, and part A asks"),
        ({"query": QUERY.replace('["D015210"]', '["M1"]')}, "query.toml, match mesh: 'M1' is no UI of a heading"),
        (
            {"query": QUERY.replace('["gout"]', '["podagra"]')},
            "hints: none stands in 'gouty arthritis' of part B",
        ),
        (
            {"query": QUERY.replace("vernacular = []", 'vernacular = ["goutte*", "gicht*"]')},
            "stands in 'gicht*' of",
        ),
        ({"query": QUERY.replace('name = "B"', 'name = "A"')}, "query.toml, part A: the name is used twice"),
        ({"query": QUERY.replace("[tiab]", "[au]")}, "query.toml, part B: has no [tiab] or [Mesh] term"),
        ({"query": "version = "}, "query.toml: not valid TOML"),
        ({"intervention": "[[concept]]\n"}, "vocabulary/intervention.toml, concept 1: 'id' is missing"),
        ({"outcome": OUTCOME + INTERVENTION}, "outcome.toml, id 'colchicine': the id is used already"),
        ({"outcome": None}, "vocabulary/outcome.toml: holds no outcome"),
        ({"outcome": OUTCOME + 'parent = "nowhere"\n'}, "unknown parent 'nowhere'"),
        ({"about": None}, "cues/about.toml: is missing; it needs named"),
        ({"about": "named = []"}, "cues/about.toml, named: is missing or empty"),
        ({"about": ABOUT + "sour = ['x']"}, "cues/about.toml, sour: is no key here"),
        ({"about": ABOUT.replace("'pseudogout'", "'(unclosed'")}, "cues/about.toml, look_alike: holds no regular expr"),
        ({"about": ABOUT.replace("(?:y arthritis)?", "(y arthritis)?")}, "about.toml, named: holds a capturing group"),
        (
            {"about": ABOUT.replace("'gout(?:y arthritis)?\\b'", "'podagra'")},
            "named: does not match the topic's",
        ),
        ({"about": ABOUT.replace("'pseudogout'", "'arthritis'")}, "look_alike: matches the topic's own name"),
        ({"about": ABOUT.replace("headings", "defined")}, "about.toml, headings: is missing, and query.toml asks"),
        (
            {"population": POPULATION},
            "population.toml, aetiology other: no concept of kind aetiology",
        ),
        ({"population": "[site]\ntoe = ['t(o)e']\n[aetiology]\ndiuretics = []"}, "site toe: holds a capturing group"),
        ({"asked": 'outcome = ["nothing"]'}, "asked.toml, outcome: 'nothing' is no concept"),
        (
            {"asked": 'outcome = ["colchicine"]'},
            "'colchicine' is of kind intervention, not outcome",
        ),
        ({"asked": 'outcomes = ["flare"]'}, "asked.toml, outcomes: is no list here"),
        ({"questions": 'examples = "Does it help?"'}, "questions.toml, examples: must be a list of texts"),
        ({"questions": 'example = ["Does it help?"]'}, "questions.toml, example: is no key here"),
        ({"questions": 'examples = ["Does rest help?"]'}, "'Does rest help?' names no concept of the vocabulary"),
        ({"overview": OVERVIEW.format(concept="nothing")}, "section 'risk', line 1: 'nothing' is no concept"),
        ({"overview": OVERVIEW.format(concept="flare") * 2}, "section 'risk': the id is used twice"),
        ({"overview": OVERVIEW.format(concept="flare") + 'finding_on = "colchicine"'}, "not an outcome"),
        ({"overview": OVERVIEW.format(concept="flare") + 'on = "flare"'}, "line 1 on: is no key here"),
        ({"overview": OVERVIEW.replace('text = "Who gets it."', "")}, "section 'risk' text: is missing"),
        ({"picture": PICTURE.format(chapter="risk", other="one")}, "'risk' is no section of overview.toml"),
        ({"picture": PICTURE.format(chapter="risk", other="two")}, "panel 'one' leads_to: 'two' is no panel"),
        ({"overveiw": OVERVIEW}, "overveiw.toml: is no file of a topic"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changed: dict[str, str | None], said: str) -> None:
    found = lines(folder(tmp_path, **changed))
    assert [line for line in found if said in line], found
    assert all("\n" not in line for line in found)


def test_a_vocabulary_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    found = lines(folder(tmp_path, outcome="x", asked='outcome = ["flare"]', overview=OVERVIEW.format(concept="flare")))
    assert len(found) == 1
    assert found[0].startswith("vocabulary/outcome.toml: not valid TOML")


RECORD = (
    '<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>'
    '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"/><Title>J</Title></Journal>'
    "<ArticleTitle>{title}</ArticleTitle><Language>eng</Language></Article></MedlineCitation></PubmedArticle>"
    "</PubmedArticleSet>"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<PubmedArticleSet>", "sample/records.xml: is no XML"),
        (RECORD.format(pmid=1, title="Gout."), "sample/records.xml, PMID 1: a made-up record has a PMID from 90000000"),
        (RECORD.format(pmid=90000001, title="Measles."), "sample/records.xml: no record is on the topic"),
    ],
)
def test_the_sample_is_looked_through(tmp_path: Path, text: str, said: str) -> None:
    made = folder(tmp_path)
    (made / "sample").mkdir()
    (made / "sample" / "records.xml").write_text(text, encoding="utf-8")
    assert [line for line in lines(made) if line.startswith(said)]


def test_no_folder_is_one_line(tmp_path: Path) -> None:
    assert len(lines(tmp_path / "nowhere")) == 1


@pytest.mark.parametrize("name", ["sample/services.json", "quality.json"])
def test_json_is_looked_at(tmp_path: Path, name: str) -> None:
    made = folder(tmp_path)
    (made / "sample").mkdir()
    (made / name).write_text("{", encoding="utf-8")
    assert [line for line in lines(made) if line.startswith(f"{name}: is no JSON")]


def test_questions_that_are_no_list_are_one_problem(tmp_path: Path) -> None:
    assert len(lines(folder(tmp_path, questions='examples = "Does it help?"'))) == 1


def test_a_question_that_names_a_concept_or_the_topic_is_right(tmp_path: Path) -> None:
    questions = 'examples = ["What helps in gout?", "Does colchicine prevent flares?"]'
    assert lines(folder(tmp_path, questions=questions)) == []
