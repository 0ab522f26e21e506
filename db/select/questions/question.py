"""Reads a question in plain words by the vocabulary alone: what, on what, where, against what; it never guesses.

Words that name nothing and do not merely ask are handed back as unknown; what follows "without" is excluded and never
becomes a choice.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from db.select.questions.lexicon import LEXICON, Lexicon, plain_words
from db.select.questions.understand import Word, longest_name
from db.select.search.parser import fold_word, split_words
from db.select.search.search import MAX_CHARACTERS, MAX_WORDS, Fact, SearchError
from db.topics import current

_WITHOUT = frozenset("without no not except excluding non never sans".split())
_AGAINST = frozenset("versus vs v than over".split())
_COMPARED = frozenset("compared comparison relative rather".split())
#: "Is X a risk factor ...": what stands before is asked about as one.
_IS, _FACTOR = frozenset(("is", "are", "was", "were")), frozenset(("factor", "factors"))
#: After these stands a setting, where the name has one; "a burn" may be a risk factor, "after burns" is not.
_AFTER = frozenset("after following undergoing post".split())
_ARTICLES = frozenset("a an the".split())
#: Another name of no treatment, behind a word that compares.
_NOTHING = frozenset("nothing none".split())
#: Comparators that mean nothing or placebo, by the top of their name.
_UNTREATED = (
    "placebo",
    "no prophylaxis",
    "no treatment",
    "no intervention",
    "sham",
    "untreated",
    "nothing",
    "observation",
)


@dataclass(frozen=True, slots=True)
class Question:
    """How a question was read: ids of concepts by what they stand for, and the words that were not understood.

    `settings` are aetiologies and places of the body; `other` are concepts that no answer is about (tests, mechanisms);
    `untreated` says that the comparison with nothing or placebo is asked for; `designs` are study designs.
    """

    text: str
    interventions: tuple[str, ...] = ()
    risk_factors: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    comparator: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    untreated: bool = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """What findings are asked of: interventions and risk factors."""
        return (*self.interventions, *self.risk_factors)

    def __bool__(self) -> bool:
        return bool(self.subjects or self.outcomes or self.settings)


class _Reader:
    """Sorts the names of one question into what they stand for."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.found: dict[str, list[str]] = {}
        self.about_topic = False
        self.untreated = False
        self.words: dict[str, Sequence[str]] = {}

    def take_nothing(self) -> None:
        """Takes the comparison with nothing."""
        self.untreated = True
        named = self.lexicon.find(["no", "treatment"])
        if named and named.kind == "intervention":
            self._add("comparator", named.id)

    def take_name(self, what: Fact | str, words: Sequence[str], excluded: bool, against: bool, after: bool) -> None:
        """Takes one name with the words that it stands in; `after`: it follows a word that a setting follows."""
        if isinstance(what, str) and what:
            named = self.lexicon.concepts[what]
            setting = self.lexicon.find_of_kind(words, "aetiology") if after and named.kind == "risk factor" else None
            what = setting.id if setting else what
            self.words[what] = words
        self.take(what, excluded, against)

    def take_as_factors(self) -> None:
        """Reads the settings named so far as risk factors where they are both ("is alcohol a risk factor")."""
        for setting in list(self.found.get("settings", ())):
            factor = self.lexicon.find_of_kind(self.words.get(setting, ()), "risk factor")
            if factor:
                self.found["settings"].remove(setting)
                self._add("risk_factors", factor.id)

    def settle(self, asks_for_tests: bool) -> None:
        """Reads names of several kinds by the rest of the question.

        Where tests are asked for, what is also a test is one. Beside the topic itself and without an intervention,
        what is also a risk factor is one: "does infection cause the disease" asks for no effect on infection.
        """
        for slot in ("outcomes", "risk_factors"):
            for concept in list(self.found.get(slot, ())):
                words = self.words.get(concept, ())
                test = self.lexicon.find_of_kind(words, "diagnostic test") if asks_for_tests else None
                factor = self.lexicon.find_of_kind(words, "risk factor")
                if test:
                    self.found[slot].remove(concept)
                    self._add("other", test.id)
                elif slot == "outcomes" and factor and self.about_topic and not self.found.get("interventions"):
                    self.found[slot].remove(concept)
                    self._add("risk_factors", factor.id)

    def take(self, what: Fact | str, excluded: bool, against: bool) -> None:
        """Takes one name: a concept id, "" for the topic itself, or a study design."""
        if isinstance(what, Fact):
            self._add("designs", str(what.values[0]))
        elif not what:
            self.about_topic = True
        elif excluded:
            self._add("excluded", what)
        else:
            self._concept(what, against)

    def _concept(self, concept: str, against: bool) -> None:
        named = self.lexicon.concepts[concept]
        if named.kind == "intervention":
            if named.name.casefold().startswith(_UNTREATED):
                self.untreated = True
                self._add("comparator", concept)
            else:
                self._add("comparator" if against and self.found.get("interventions") else "interventions", concept)
        elif named.kind == "risk factor":
            self._add("risk_factors", concept)
        elif named.kind == "outcome":
            self._add("outcomes", concept)
        elif named.kind in ("aetiology", "site"):
            self._add("settings", concept)
        else:
            self._add("other", concept)

    def _add(self, name: str, value: str) -> None:
        if value not in self.found.setdefault(name, []):
            self.found[name].append(value)


def read_question(conn: sqlite3.Connection, text: str) -> Question:
    """Returns how a question was read; raises SearchError for more than 1,000 characters or 60 words."""
    if len(text) > MAX_CHARACTERS:
        raise SearchError(f"the question is longer than {MAX_CHARACTERS:,} characters; ask it in fewer words")
    words = [Word(word, 0, 0) for word in split_words(text.replace("'s ", " ").replace("’s ", " "))]
    if len(words) > MAX_WORDS:
        raise SearchError(f"the question has more than {MAX_WORDS} words; ask it in fewer")
    reader = _Reader(LEXICON.of(conn))
    unknown: list[str] = []
    place, excluded, against, after = 0, False, False, False
    while place < len(words):
        word = fold_word(words[place].text)
        length, what = _name_at(reader.lexicon, words, place)
        if length and what is not None:
            named = [text for taken in words[place : place + length] for text in taken.text.split()]
            reader.take_name(what, named, excluded, against, after)
            place += length
            after = False
            joined = place < len(words) and fold_word(words[place].text) in ("and", "or", "nor")
            excluded, against = excluded and joined, against and joined
            continue
        place += 1
        if word in _FACTOR and fold_word(words[place - 2].text) == "risk" and fold_word(words[0].text) in _IS:
            reader.take_as_factors()
        after = word in _AFTER or (after and word in _ARTICLES)
        if word in _WITHOUT:
            excluded = True
        elif against and word in _NOTHING:
            reader.take_nothing()
            against = False
        elif word in _AGAINST or word in _COMPARED:
            against = True
        elif (
            word not in plain_words("question")
            and word not in plain_words("little")
            and word not in plain_words("asks")
        ):
            unknown.append(words[place - 1].text)
            excluded = False
    reader.settle(any(fold_word(word.text) in plain_words("tests") for word in words))
    return _question(reader, text, unknown)


def _name_at(lexicon: Lexicon, words: Sequence[Word], place: int) -> tuple[int, Fact | str | None]:
    """Returns the name that begins at a word; "without aspirin" is no name, whatever the vocabulary has."""
    longest = lexicon.longest + 3  # little words between those of a name
    length, what = longest_name(lexicon.find_exactly, longest, words, place)
    denied = length > 1 and fold_word(words[place].text) in _WITHOUT
    if denied and longest_name(lexicon.find_exactly, longest, words, place + 1)[0]:
        return 0, None
    return length, what


def _question(reader: _Reader, text: str, unknown: list[str]) -> Question:
    found = reader.found
    topics = reader.lexicon.topics()
    outcomes = list(dict.fromkeys(_whole(reader.lexicon, outcome, topics) for outcome in found.get("outcomes", [])))
    if reader.about_topic and not outcomes:
        outcomes = _occurrence(reader.lexicon)
    read = {name: tuple(values) for name, values in found.items()}
    read["outcomes"] = tuple(outcomes)
    return Question(text.strip(), **read, unknown=tuple(dict.fromkeys(unknown)), untreated=reader.untreated)


def _whole(lexicon: Lexicon, outcome: str, topics: frozenset[str]) -> str:
    """Returns the group that says whether the disease occurred for an outcome that is called so ("the rate of it")."""
    return lexicon.top(outcome) if outcome in topics else outcome


def _occurrence(lexicon: Lexicon) -> list[str]:
    """Returns the group of outcomes that says whether the disease occurred; nothing where the vocabulary has none."""
    short = current().short_name
    named = lexicon.find([short, "occurrence"]) or lexicon.find([short, "incidence"])
    return [lexicon.top(named.id)] if named and named.kind == "outcome" else []
