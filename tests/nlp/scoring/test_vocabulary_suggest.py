"""Suggestions for concepts: what articles often name and the vocabulary does not know."""

from pathlib import Path

from db.terms import Kind
from nlp.scoring.vocabulary_suggest import Suggestion, render, suggestions, take
from nlp.vocabulary.loader import load_vocabulary

MENTIONS: list[tuple[Kind, str, int]] = [
    ("intervention", "moon bath", 1),
    ("intervention", "Moon baths", 2),
    ("intervention", "moon-bath", 3),
    ("intervention", "moon bath", 3),
    ("outcome", "moon bath", 1),
    ("intervention", "indomethacin", 1),
    ("intervention", "indomethacin", 2),
    ("intervention", "indomethacin", 3),
    ("intervention", "RT", 1),
]


def test_phrases_are_counted_by_article_and_known_ones_left_out() -> None:
    found = suggestions(MENTIONS, load_vocabulary(), least=3)
    assert found == [Suggestion("intervention", "moon bath", ("moon-bath", "Moon baths"), 3)]
    assert list(render(found)) == ["    3 intervention: moon bath (also moon-bath, Moon baths)"]
    assert [s.kind for s in suggestions(MENTIONS, load_vocabulary(), least=1)] == ["intervention", "outcome"]


def test_taken_in_they_are_known_and_nothing_is_taken_twice(tmp_path: Path) -> None:
    (tmp_path / "intervention.toml").write_text('[[concept]]\nid = "placebo"\nname = "placebo"\n', encoding="utf-8")
    before = load_vocabulary(tmp_path)
    found = suggestions(MENTIONS, before, least=2)
    assert {s.name for s in found} == {"moon bath", "indomethacin"}
    assert take(found, tmp_path, before) == 2
    after = load_vocabulary(tmp_path)
    concept = after.find("intervention", "Moon Baths")
    assert concept
    assert (concept.id, concept.name) == ("moon-bath", "moon bath")
    assert after.find("intervention", "placebo")
    assert suggestions(MENTIONS, after, least=2) == []
    assert take(found, tmp_path, after) == 0
