"""What is missing in a topic folder or contradicts itself, one line each with file and key.

Whatever cannot be read is one problem of its file; the other files are looked through all the same.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from db.model import Article
from db.terms import KINDS, is_made_up
from db.topics import Topic, TopicError, TopicQuery, choose, topic_query
from db.topics.topic import FILES, FOLDERS
from harvest.app.topics.overview_check import Concepts, overview_problems, picture_problems
from harvest.app.topics.problem import Problem, looked
from harvest.pubmed.xml import parse_articles
from harvest.sync.topic import matches, may_match, text_terms
from nlp.concepts.matcher import ConceptMatcher
from nlp.cues.disease import FILES as CUES
from nlp.cues.disease import disease_patterns, disease_words, spellings
from nlp.facts.population import cue_patterns
from nlp.scoring.vocabulary_lint import problems as vocabulary_problems
from nlp.text.tokenizer import split_words
from nlp.vocabulary.loader import IGNORE_FILE, VocabularyError, load_vocabulary

_MESH_UI = re.compile(r"D\d{6}(\d{3})?")
_NEEDED_KINDS = ("intervention", "outcome")
_ASKED = {"intervention": "intervention", "risk_factor": "risk factor", "outcome": "outcome", "setting": "aetiology"}
_GROUPS = ("site", "aetiology")
_SAMPLE, _SERVICES, _QUALITY = "sample/records.xml", "sample/services.json", "quality.json"
_KNOWN = {
    *FILES,
    *(f"vocabulary/{kind.replace(' ', '_')}.toml" for kind in KINDS),
    f"vocabulary/{IGNORE_FILE}",
    *(f"cues/{name}.toml" for name in (*CUES, "spellings")),
    _SAMPLE,
    _SERVICES,
    _QUALITY,
}


def check_topic(folder: Path) -> list[Problem]:
    """Returns every problem of a topic folder; none for one that is whole. The topic is in force afterwards."""
    try:
        topic = choose(folder)
    except TopicError as error:
        return [Problem(Path(error.file).name, error.key, error.problem)]
    home = topic.home
    found = [
        *_unknown_files(home),
        *looked(home, lambda: _query(topic_query())),
        *looked(home, _vocabulary),
        *(problem for name in CUES for problem in looked(home, lambda name=name: _cues(topic, name))),  # type: ignore[misc]
        *looked(home, _spellings),
        *looked(home, lambda: _questions(topic)),
        *looked(home, lambda: _sample(home)),
        *looked(home, lambda: _json(home)),
    ]
    try:
        concepts: Concepts = load_vocabulary().concepts
    except VocabularyError:
        return found  # named above; every concept would be missing
    for look in (_asked, overview_problems, picture_problems):
        found += looked(home, lambda look=look: look(topic, concepts))  # type: ignore[misc]
    return [*found, *looked(home, _labels), *looked(home, lambda: _unreadable(topic))]


def _unknown_files(home: Path) -> Iterator[Problem]:
    """Files that nobody reads: a name with a slip in it would be passed over in silence."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and name not in _KNOWN and path.suffix in (".toml", ".xml", ".json"):
            yield Problem(name, "", "is no file of a topic; docs/topics.md lists them")
    for folder in FOLDERS[:2]:
        if not (home / folder).is_dir():
            yield Problem(folder, "", "this folder is missing")


def _vocabulary() -> Iterator[Problem]:
    vocabulary = load_vocabulary()
    for kind in _NEEDED_KINDS:
        if not vocabulary.by_kind[kind]:  # type: ignore[index]
            yield Problem(f"vocabulary/{kind}.toml", "", f"holds no {kind}: nothing that is found could be counted")
    yield from (Problem("vocabulary", "", text) for text in vocabulary_problems(vocabulary))


def _query(query: TopicQuery) -> Iterator[Problem]:
    file = "query.toml"
    for name, number in Counter(part.name for part in query.parts).items():
        if number > 1:
            yield Problem(file, f"part {name}", "the name is used twice")
    for part in query.parts:
        sides = text_terms(part.query)
        if "[mesh" in part.query.lower() and not query.mesh:
            yield Problem(file, "match mesh", f"is empty, and part {part.name} asks for MeSH headings")
        elif not sides and "[mesh" not in part.query.lower():
            yield Problem(file, f"part {part.name}", "has no [tiab] or [Mesh] term: the local match finds nothing")
        missed = [[term for term in side if not may_match(term, query)] for side in sides]
        if missed and all(missed):
            yield Problem(
                file, "match hints", f"none stands in {missed[0][0]!r} of part {part.name}: files lose what has it"
            )
    for term in query.vernacular:
        if not may_match(term.rstrip("*"), query):
            yield Problem(file, "match hints", f"none stands in {term!r} of vernacular")
    for ui in sorted(query.mesh):
        if not _MESH_UI.fullmatch(ui):
            yield Problem(file, "match mesh", f"{ui!r} is no UI of a heading (D and six or nine digits)")


def _cues(topic: Topic, name: str) -> Iterator[Problem]:
    """A cue file that cannot be read raises; a group would change what a search finds."""
    file = f"cues/{name}.toml"
    patterns = dict(disease_patterns(name)) if name != "population" else {}
    if name == "population":
        disease_words(name)
        patterns |= {f"{group} {label}": one.pattern for group in _GROUPS for label, one in cue_patterns(group).items()}
    for key, pattern in patterns.items():
        if pattern.groups:
            yield Problem(file, key, "holds a capturing group; write (?:...)")
    if name == "about" and not patterns["named"].search(topic.name.lower()):
        yield Problem(file, "named", f"does not match the topic's own name {topic.name!r}")
    if name == "about" and patterns["look_alike"].search(topic.name.lower()):
        yield Problem(file, "look_alike", f"matches the topic's own name {topic.name!r}")
    if name == "about" and topic_query().mesh and not disease_words(name).get("headings"):
        yield Problem(file, "headings", "is missing, and query.toml asks for MeSH headings")
    if name == "measured" and topic.own_models and not disease_words(name):
        yield Problem(file, "", "is missing, and topic.toml has models of its own")


def _spellings() -> Iterable[Problem]:
    spellings()
    return ()


def _labels() -> Iterator[Problem]:
    vocabulary = load_vocabulary()
    for kind in _GROUPS:
        for label in disease_words("population")[kind]:
            if vocabulary.find(kind, label) is None:  # type: ignore[arg-type]
                yield Problem("cues/population.toml", f"{kind} {label}", f"no concept of kind {kind} is called so")


def _asked(topic: Topic, concepts: Concepts) -> Iterator[Problem]:
    file = "asked.toml"
    for key, ids in topic.data(file).items():
        kind = _ASKED.get(key)
        if kind is None or not isinstance(ids, list):
            yield Problem(file, key, f"is no list here; known are {', '.join(_ASKED)}")
            continue
        for concept in ids:
            found = concepts.get(concept)
            if found is None:
                yield Problem(file, key, f"{concept!r} is no concept of the vocabulary")
            elif found.kind != kind:
                yield Problem(file, key, f"{concept!r} is of kind {found.kind}, not {kind}")


def _questions(topic: Topic) -> Iterator[Problem]:
    file = "questions.toml"
    for key, texts in topic.data(file).items():
        if key not in ("examples", "names"):
            yield Problem(file, key, "is no key here; known are examples, names")
        elif not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            yield Problem(file, key, "must be a list of texts")


def _unreadable(topic: Topic) -> Iterator[Problem]:
    """Example questions that name neither a concept nor the topic: they would be answered with nothing."""
    file = "questions.toml"
    if list(_questions(topic)):
        return  # said already
    data = topic.data(file)
    called = {name.lower() for name in (topic.name, topic.short_name, *data.get("names", ()))}
    examples = data.get("examples", ())
    matcher = ConceptMatcher(load_vocabulary()) if examples else None
    for text in examples:
        named = any(re.search(rf"\b{re.escape(name)}\b", text.lower()) for name in called)
        if matcher is not None and not named and not matcher.find(split_words(text), {}):
            yield Problem(file, "examples", f"{text!r} names no concept of the vocabulary, nor the topic")


def _sample(home: Path) -> Iterator[Problem]:
    path = home / _SAMPLE
    if path.is_file():
        try:
            etree.parse(path)
        except etree.XMLSyntaxError as error:
            yield Problem(_SAMPLE, "", f"is no XML ({error})")
            return
        articles = [item for item in parse_articles(path) if isinstance(item, Article)]
        for article in articles:
            if not is_made_up(article.pmid):
                yield Problem(_SAMPLE, f"PMID {article.pmid}", "a made-up record has a PMID from 90000000 to 99999999")
        if not any(matches(article, topic_query()) for article in articles):
            yield Problem(_SAMPLE, "", "no record is on the topic by query.toml")


def _json(home: Path) -> Iterator[Problem]:
    for name in (_SERVICES, _QUALITY):
        if (home / name).is_file():
            try:
                json.loads((home / name).read_text(encoding="utf-8"))
            except ValueError as error:
                yield Problem(name, "", f"is no JSON ({error})")
