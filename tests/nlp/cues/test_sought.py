"""Patterns with the literals that a match cannot be without: they find what the patterns alone find."""

import re
from itertools import product

import pytest

from nlp.cues import patterns
from nlp.cues.sought import SoughtPattern, sought
from nlp.facts.design_choice import signs
from nlp.facts.population import cue_patterns
from nlp.training.data import dev_records


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("ab+cd", ("cd",)),
        ("(?:abc|bc?d?e)+", ("abc", "b")),
        ("a(?:bcd)?", ("a",)),
        ("(?<!abc)(?!bcd)a", ("a",)),
        ("abc|b*", ()),
        ("[ab]+", ()),
        ("a{2,3}bcc", ("bcc",)),
    ],
)
def test_literals(expression: str, literals: tuple[str, ...]) -> None:
    assert SoughtPattern.of(re.compile(expression)).literals == literals


@pytest.mark.parametrize("flags", [re.NOFLAG, re.IGNORECASE])
@pytest.mark.parametrize(
    "expression",
    ["ab|ba", "(?:ab)?ba", "(?:ab){0}bb", "A(?:b|B+)a*?", "(?=ab)a(?!ba)", "(?:a|(b)+)b", "a(?:|b)a", r"(a)b\1", "A|b"],
)
def test_every_short_text_has_the_matches_of_the_pattern_alone(expression: str, flags: re.RegexFlag) -> None:
    pattern = re.compile(expression, flags)
    quick = SoughtPattern.of(pattern)
    for letters in (letters for length in range(7) for letters in product("abA", repeat=length)):
        text = "".join(letters)
        assert [m.span() for m in quick.finditer(text)] == [m.span() for m in pattern.finditer(text)]
        assert quick.findall(text) == pattern.findall(text)
        assert bool(quick.search(text)) == bool(pattern.search(text))


def test_the_cues_find_in_records_what_they_find_without_literals() -> None:
    texts = [" ".join([r["title"], *(part["text"] for part in r["abstract"] or [])]) for r in dev_records()[::20]]
    cues = [*signs().values(), *sought(patterns("design_rules")).values()]
    cues += [cue for group in ("species", "site", "aetiology") for cue in cue_patterns(group).values()]
    for cue in cues:
        assert cue.literals, cue.pattern.pattern
        for text in (*texts, *map(str.lower, texts)):
            assert cue.findall(text) == cue.pattern.findall(text)
