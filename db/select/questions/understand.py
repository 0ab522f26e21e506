"""Recognises the vocabulary in a search: its words by all their names, spellings, study designs, misspellings.

A recognised name means the articles that are tagged with the concept; quoted words are never replaced. Words that ask
rather than name are dropped; where no article has all that is left, those that have most of it are found.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from db.select.questions.lexicon import LEXICON, Lexicon, Named, designs, key_of, plain_words, spellings, topic_keys
from db.select.search.index import WORDS_TABLE
from db.select.search.parser import fold_word, phrase
from db.select.search.search import Fact, Node, Search, Several, Term
from db.select.search.sql import search_clauses

_CLOSE = 0.8


@dataclass(frozen=True, slots=True)
class Word:
    """One typed word and its place in the plain text of a search."""

    text: str
    start: int
    end: int


def understand(conn: sqlite3.Connection, search: Search) -> Search:
    """Returns a search with the vocabulary recognised in it; needs the full-text table (`ensure_search`)."""
    lexicon = LEXICON.of(conn)
    asks = is_question(search)
    required = [_group(conn, lexicon, node) for node in _runs(conn, lexicon, search.required)]
    excluded = [_group(conn, lexicon, node) for node in _runs(conn, lexicon, search.excluded)]
    kept, dropped = _named_only(required, asks)
    found = replace(search, required=tuple(kept), excluded=tuple(excluded), dropped=tuple(dropped))
    found = replace(found, notes=(*found.notes, *_advice(conn, lexicon, kept)))
    return _loosened(conn, found)


def is_question(search: Search) -> bool:
    """True where a text asks rather than lists words."""
    words = [fold_word(word) for word in search.plain.split()]
    return "?" in search.plain or (len(words) > 2 and words[0] in plain_words("asks"))


#: Finds the concept that some words name.
Find = Callable[[Sequence[str]], Named | None]


def longest_name(find: Find, longest: int, words: Sequence[Word], first: int) -> tuple[int, Fact | str | None]:
    """Returns how many words from `first` on make the longest name, and what it names: a concept id or a design.

    At most `longest` words are taken. The name of what everything is about is the id ""; 0 words where nothing begins
    here.
    """
    for length in range(min(longest, len(words) - first), 0, -1):
        texts = [text for word in words[first : first + length] for text in word.text.split()]
        if fold_word(texts[0]) in plain_words("little") or fold_word(texts[-1]) in plain_words("little"):
            continue
        key = key_of(texts)
        start, end = words[first].start, words[first + length - 1].end
        if key in topic_keys():
            return length, ""
        if key in designs():
            return length, Fact("study_design", (designs()[key],), f"{designs()[key]} [study design]", start, end)
        named = find(texts)
        if named is not None:
            return length, named.id
    return 0, None


def _runs(conn: sqlite3.Connection, lexicon: Lexicon, nodes: Sequence[Node]) -> Iterator[Node]:
    """Yields nodes with the names that stand in runs of plain words put together."""
    run: list[Term] = []
    for node in nodes:
        if isinstance(node, Term) and node.words:
            run.append(node)
            continue
        yield from _names_in(conn, lexicon, run)
        run = []
        yield node
    yield from _names_in(conn, lexicon, run)


def _names_in(conn: sqlite3.Connection, lexicon: Lexicon, run: Sequence[Term]) -> Iterator[Node]:
    place = 0
    words = [Word(" ".join(term.words), term.start, term.end) for term in run]
    while place < len(run):
        length, what = longest_name(lexicon.find, lexicon.longest, words, place)
        if length:
            first, last = run[place], run[place + length - 1]
            texts = [word for term in run[place : place + length] for word in term.words]
            if isinstance(what, Fact):
                yield what
            elif what:
                named = lexicon.concepts[what]
                names = dict.fromkeys([phrase(texts), phrase(_words(named.name))])
                pieces = ("(", *" OR \0".join(names).split("\0"), ")")
                yield Term(pieces, f"{named.name} [{named.kind}]", tuple(texts), first.start, last.end, (named.id,))
            else:
                yield Term((phrase(texts),), " ".join(texts), (), first.start, last.end, ())
            place += length
        else:
            yield _both_spellings(conn, run[place])
            place += 1


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text).split() or ["x"]


def _both_spellings(conn: sqlite3.Connection, term: Term) -> Term:
    if len(term.words) != 1:
        return term
    word = fold_word(term.words[0])
    others = [other for other in sorted(spellings(word) - {word}) if _held(conn, other)]
    if not others:
        return term
    pieces = ("(", phrase([term.words[0]]), *(f" OR {phrase([other])}" for other in others), ")")
    return replace(term, pieces=pieces, shown=f"({' OR '.join([term.shown, *others])})")


def _held(conn: sqlite3.Connection, word: str) -> bool:
    return conn.execute(f"SELECT 1 FROM {WORDS_TABLE} WHERE word = ?", [word]).fetchone() is not None


def _group(conn: sqlite3.Connection, lexicon: Lexicon, node: Node) -> Node:
    """Returns a node with the names recognised inside its parentheses and alternatives."""
    if not isinstance(node, Several):
        return node
    if node.joint == "OR":
        parts = [found for part in node.parts for found in _runs(conn, lexicon, (part,))]
    else:
        parts = list(_runs(conn, lexicon, node.parts))
    inner = tuple(_group(conn, lexicon, part) for part in parts)
    return replace(node, parts=inner, excluded=tuple(_runs(conn, lexicon, node.excluded)))


def _named_only(nodes: Sequence[Node], asks: bool) -> tuple[list[Node], list[str]]:
    """Returns what names something, and the words that only ask; all stays where nothing would be left."""
    kept, dropped = [], []
    idle = plain_words("little") | (plain_words("question") | plain_words("asks") if asks else frozenset())
    for node in nodes:
        plain = isinstance(node, Term) and not node.concepts
        if plain and isinstance(node, Term) and len(node.words) == 1 and fold_word(node.words[0]) in idle:
            dropped.append(node.words[0])
        elif plain and isinstance(node, Term) and _is_topic(node) and len(nodes) > 1:
            dropped.append(node.shown)
        else:
            kept.append(node)
    return (kept, dropped) if kept else (list(nodes), [])


def _is_topic(term: Term) -> bool:
    return not term.words and key_of(term.shown.split()) in topic_keys() and not term.shown.startswith('"')


def _advice(conn: sqlite3.Connection, lexicon: Lexicon, nodes: Sequence[Node]) -> list[str]:
    """Returns what may have been meant by words that stand nowhere."""
    said = []
    for node in nodes:
        if not isinstance(node, Term) or node.concepts or len(node.words) != 1:
            continue
        word = fold_word(node.words[0])
        if (
            len(word) < 4
            or word.isdigit()
            or _held(conn, word)
            or conn.execute(
                f"SELECT 1 FROM {WORDS_TABLE} WHERE word >= ? AND word < ? LIMIT 1", [word, word + "\U0010ffff"]
            ).fetchone()
        ):
            continue
        near = [row[0] for row in conn.execute(
            f"SELECT word FROM {WORDS_TABLE} WHERE word >= ? AND word < ?", [word[:2], word[:2] + "\U0010ffff"]
        )]  # fmt: skip
        names = [name for name in lexicon.names() if " " not in name and name[:1] == word[:1]]
        close = get_close_matches(word, [*names, *near], n=1, cutoff=_CLOSE)
        if close:
            said.append(f"No record holds “{node.words[0][:40]}”; did you mean {close[0]}?")
    return said


def _loosened(conn: sqlite3.Connection, search: Search) -> Search:
    """Returns a search that asks for most of what is required where no article has all of it."""
    for least in range(len(search.required), 0, -1):
        tried = search if least == len(search.required) else replace(search, least=least)
        if _finds_any(conn, tried):
            if tried is search:
                return search
            note = f"No article has all of this; these have at least {least} of {len(search.required)}."
            return replace(tried, notes=(*tried.notes, note))
    return search


def _finds_any(conn: sqlite3.Connection, search: Search) -> bool:
    """Returns whether any article is what a search means."""
    clauses = list(search_clauses(search, "u").values())
    params = {name: value for clause in clauses for name, value in clause.params.items()}
    # the articles of one condition are walked until one meets the others: IN alone would gather all of them first
    first = next((clause for clause in clauses if clause.members and clause.inside), None)
    walked = first.members if first else "SELECT pmid FROM articles"
    where = " AND ".join(f"({clause.sql})" for clause in clauses if clause is not first) or "1"
    sql = f"WITH found (pmid) AS ({walked}) SELECT 1 FROM found AS articles WHERE {where} LIMIT 1"
    return conn.execute(sql, params).fetchone() is not None
