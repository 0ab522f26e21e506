"""The vocabulary: the files themselves, and what the loader, the linter and the diff do with made-up ones."""

import json
from pathlib import Path

import pytest

from db.terms import KINDS
from harvest.app.steps.tag import concepts_of
from nlp.concepts.matcher import ConceptMatcher
from nlp.scoring.vocabulary_diff import VocabularyDiff, compare, render
from nlp.scoring.vocabulary_lint import problems
from nlp.vocabulary import Vocabulary, VocabularyError, fold, load_vocabulary
from nlp.vocabulary.loader import expand

GOLD_SITES = {"hip", "knee", "elbow", "shoulder", "spine", "ankle", "hand", "jaw", "generalised", "other"}
GOLD_AETIOLOGIES = {
    "arthroplasty",
    "fracture/trauma",
    "spinal cord injury",
    "traumatic brain injury",
    "burn",
    "amputation",
    "genetic",
    "arthroscopy",
    "other",
}
TREE = """
[[concept]]
id = "nsaids"
name = "NSAIDs"
synonyms = ["{non-steroidal|nonsteroidal} anti-inflammatory drug"]
abbreviations = ["NSAID"]

[[concept]]
id = "nonselective-nsaids"
name = "nonselective NSAIDs"
parent = "nsaids"

[[concept]]
id = "indomethacin"
name = "indomethacin"
parent = "nonselective-nsaids"
mesh = "D007213"
synonyms = ["indometacin", "Indocin"]
needs_definition = ["INDO"]
note = "the reference drug"
"""


def folder(path: Path, **files: str) -> Path:
    """Write a made-up vocabulary."""
    path.mkdir(exist_ok=True)
    for stem, text in files.items():
        (path / f"{stem}.toml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Vocabulary:
    return load_vocabulary(folder(tmp_path / "small", intervention=TREE))


def test_own_vocabulary_is_clean() -> None:
    assert problems(load_vocabulary()) == []


def test_own_vocabulary_is_large_and_has_every_kind() -> None:
    vocabulary = load_vocabulary()
    assert len(vocabulary.concepts) >= 650
    assert all(vocabulary.by_kind[kind] for kind in KINDS)


@pytest.mark.parametrize(("kind", "words"), [("site", GOLD_SITES), ("aetiology", GOLD_AETIOLOGIES)])
def test_top_level_is_the_closed_list(kind: str, words: set[str]) -> None:
    top = [concept for concept in load_vocabulary().by_kind[kind] if concept.parent is None]  # type: ignore[index]
    assert {concept.name for concept in top} == words
    assert all(concept.id.startswith(f"{kind}-") for concept in top)


@pytest.mark.parametrize(
    ("kind", "text", "concept_id"),
    [
        ("intervention", "Non-Steroidal Anti-Inflammatory Drugs", "nsaids"),
        ("intervention", "indometacin", "indomethacin"),
        ("intervention", "7 Gy", "radiotherapy-7-gy"),
        ("intervention", "EHDP", "etidronate"),
        ("risk factor", "male gender", "male-sex"),
        ("risk factor", "Kocher–Langenbeck approach", "kocher-langenbeck-approach"),
        ("outcome", "Brooker III/IV", "high-grade-ho"),
        ("outcome", "Brooker classification", "brooker-grade"),
        ("outcome", "incidence of heterotopic ossification", "ho-incidence"),
        ("site", "Achilles tendon", "achilles-tendon"),
        ("aetiology", "THA", "total-hip-arthroplasty"),
        ("diagnostic test", "triple-phase bone scan", "bone-scan"),
        ("mechanism", "TGF-β1", "tgf-beta-signalling"),
    ],
)
def test_known_forms_are_found(kind: str, text: str, concept_id: str) -> None:
    found = load_vocabulary().find(kind, text)  # type: ignore[arg-type]
    assert found is not None
    assert found.id == concept_id


def test_default_folder_is_read_once() -> None:
    assert load_vocabulary() is load_vocabulary()


def test_family(small: Vocabulary) -> None:
    assert [concept.id for concept in small.children("nsaids")] == ["nonselective-nsaids"]
    assert [concept.id for concept in small.ancestors("indomethacin")] == ["nonselective-nsaids", "nsaids"]
    assert small.children("indomethacin") == ()


def test_fields(small: Vocabulary) -> None:
    concept = small.concepts["indomethacin"]
    assert (concept.kind, concept.mesh, concept.note) == ("intervention", "D007213", "the reference drug")
    assert concept.synonyms == ("indometacin", "Indocin")
    assert concept.needs_definition == ("INDO",)
    assert small.by_kind["outcome"] == ()


def test_a_label_is_shown_and_found_by_people_but_never_matched_in_texts(tmp_path: Path) -> None:
    text = TREE.replace('name = "NSAIDs"', 'name = "NSAIDs"\nlabel = "anti-inflammatory drugs"')
    vocabulary = load_vocabulary(folder(tmp_path / "labelled", intervention=text))
    concept = vocabulary.concepts["nsaids"]
    assert (concept.name, concept.shown) == ("NSAIDs", "anti-inflammatory drugs")
    assert vocabulary.find("intervention", "Anti-inflammatory drugs") is concept
    assert ConceptMatcher(vocabulary).lookup("anti-inflammatory drugs") == []
    stored = next(row for row in concepts_of(vocabulary) if row.id == "nsaids")
    assert stored.name == "anti-inflammatory drugs"
    assert stored.synonyms[0] == "NSAIDs"


@pytest.mark.parametrize("text", ["indomethacin", "INDOCIN", "Indometacin", "indo"])
def test_find_by_any_form(small: Vocabulary, text: str) -> None:
    found = small.find("intervention", text)
    assert found is not None
    assert found.id == "indomethacin"


def test_find_keeps_to_the_kind(small: Vocabulary) -> None:
    assert small.find("outcome", "indomethacin") is None


def test_nearest_suggests(small: Vocabulary) -> None:
    assert small.nearest("intervention", "indomethazine")[0].id == "indomethacin"
    assert small.nearest("intervention", "zzzz") == []
    assert len(small.nearest("intervention", "nsaid", n=1)) == 1


def test_expand_choices() -> None:
    assert expand("{total|} hip {replacement|arthroplasty}") == [
        "total hip replacement",
        "total hip arthroplasty",
        "hip replacement",
        "hip arthroplasty",
    ]


def test_fold_levels_hyphens_dashes_and_case() -> None:
    assert fold(" High–grade  HO ") == fold("high-grade ho") == "high grade ho"


def test_version_follows_the_bytes(tmp_path: Path) -> None:
    first = load_vocabulary(folder(tmp_path / "a", intervention=TREE))
    same = load_vocabulary(folder(tmp_path / "b", intervention=TREE))
    other = load_vocabulary(folder(tmp_path / "c", intervention=TREE + "# a comment\n"))
    assert first.version == same.version != other.version


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no vocabulary file"),
        ({"outcome": "[[concept"}, "outcome.toml: not valid TOML"),
        ({"outcome": '[[thing]]\nid = "a"'}, "outcome.toml: unknown table 'thing'"),
        ({"outcome": 'concept = "a"'}, r"must be written as \[\[concept\]\] tables"),
        ({"outcome": '[[concept]]\nid = "a"'}, "outcome.toml, id 'a': 'name' is missing"),
        ({"outcome": '[[concept]]\nname = "a"'}, "outcome.toml, concept 1: 'id' is missing"),
        ({"outcome": '[[concept]]\nid = "a"\nname = 3'}, "'name' must be text"),
        ({"outcome": '[[concept]]\nid = "a"\nname = "a"\nsynonyms = "b"'}, "'synonyms' must be a list of texts"),
        ({"outcome": '[[concept]]\nid = "a"\nname = "a"\ncolour = "red"'}, "unknown field 'colour'"),
        ({"outcome": '[[concept]]\nid = "nsaids"\nname = "a"', "intervention": TREE}, "id 'nsaids': the id is used"),
        ({"outcome": "", "ignore": '[[ignore]]\ntext = "x"'}, "ignore.toml, ignore 1: 'text' and 'reason' are needed"),
        ({"outcome": "", "ignore": '[[ignore]]\ntext = "x"\nreason = "y"\nkind = "z"'}, "unknown kind 'z'"),
    ],
)
def test_unreadable_vocabulary_says_file_and_entry(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        load_vocabulary(folder(tmp_path / "bad", **files))


def entry(concept_id: str, **fields: object) -> str:
    """Return one concept table; `name` defaults to the id."""
    values = {"id": concept_id, "name": concept_id, **fields}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "[[concept]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"outcome": entry("a", synonyms=["x-y"]) + entry("b", synonyms=["X y"])}, "'X y' stands in 'a' and in 'b'"),
        ({"outcome": entry("a", synonyms=["b"]) + entry("b", synonyms=["c"])}, "'b' stands in 'a' and in 'b'"),
        ({"outcome": entry("a", abbreviations=["AB"]) + entry("b", abbreviations=["AB"])}, "the abbreviation 'AB'"),
        ({"outcome": entry("a", abbreviations=["AB"]) + entry("b", synonyms=["ab"])}, "'AB' stands in 'a' and in 'b'"),
        ({"outcome": entry("a", parent="gone")}, "unknown parent 'gone'"),
        ({"outcome": entry("a", parent="b"), "site": entry("b", synonyms=["c"])}, "'b' is of kind site"),
        ({"outcome": entry("a", parent="b") + entry("b", parent="a")}, "circle: a > b > a"),
        ({"outcome": entry("a")}, "a group with no synonyms and no children"),
        ({"outcome": entry("a", name=" ", synonyms=["b"])}, "the name is empty"),
        ({"outcome": entry("A b", synonyms=["b"])}, "the id is not a slug"),
        ({"outcome": entry("a", synonyms=["b"], mesh="D12")}, "'D12' is no MeSH UI"),
        ({"outcome": entry("a", synonyms=[""])}, "an empty synonym"),
        (
            {"outcome": entry("a", synonyms=["HO-1"]), "ignore": '[[ignore]]\ntext = "ho 1"\nreason = "enzyme"'},
            "ignored string 'ho 1' is also a form of outcome 'a'",
        ),
    ],
)
def test_lint_catches(tmp_path: Path, files: dict[str, str], message: str) -> None:
    found = problems(load_vocabulary(folder(tmp_path / "faulty", **files)))
    assert len(found) == 1
    assert message in found[0]


def test_lint_lets_two_kinds_share_a_form(tmp_path: Path) -> None:
    files = {"outcome": entry("a", synonyms=["bleeding"]), "risk_factor": entry("b", synonyms=["bleeding"])}
    assert problems(load_vocabulary(folder(tmp_path / "shared", **files))) == []


def test_a_circle_does_not_hang_the_family(tmp_path: Path) -> None:
    vocabulary = load_vocabulary(folder(tmp_path / "circle", outcome=entry("a", parent="b") + entry("b", parent="a")))
    assert [concept.id for concept in vocabulary.ancestors("a")] == ["b"]


def compare_folders(old: Path, new: Path) -> VocabularyDiff:
    return compare(load_vocabulary(old), load_vocabulary(new))


def test_diff_names_every_change(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", intervention=TREE)
    text = TREE.replace('name = "indomethacin"', 'name = "indometacin"').replace(
        'synonyms = ["indometacin", "Indocin"]', ""
    )
    text = text.replace('parent = "nonselective-nsaids"', 'parent = "nsaids"\nsynonyms = ["Indocid"]')
    new = folder(tmp_path / "new", intervention=text + entry("placebo", synonyms=["sham pill"]))
    diff = compare_folders(old, new)
    assert [concept.id for concept in diff.added] == ["placebo"]
    assert diff.removed == ()
    (change,) = diff.changed
    assert (change.renamed, change.reparented, change.remapped, change.moved_kind) == (True, True, False, False)
    assert (change.gained, change.lost) == (("Indocid",), ("Indocin", "indometacin"))
    rendered = render(diff)
    assert "+ intervention placebo (placebo)" in rendered
    assert "renamed: indomethacin to indometacin" in rendered
    assert "parent: nonselective-nsaids to nsaids" in rendered
    assert "lost: Indocin; indometacin" in rendered
    assert [concept.id for concept in compare_folders(new, old).removed] == ["placebo"]


def test_diff_of_equal_folders_is_empty(tmp_path: Path) -> None:
    path = folder(tmp_path / "same", intervention=TREE)
    assert compare_folders(path, path).empty
    assert render(compare_folders(path, path)).startswith("No concept differs")
