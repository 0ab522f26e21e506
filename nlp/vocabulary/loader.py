"""Read the vocabulary files into typed concepts.

A vocabulary is a folder with one TOML file a kind (`risk_factor.toml` holds the kind "risk factor") and, if wanted,
`ignore.toml`. A synonym may be a pattern with choices in braces, see `expand`. `load_vocabulary()` without an argument
reads the one of the topic in force, once.
"""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from db.errors import TrackerError
from db.terms import KINDS, POLARITIES, Kind, Polarity
from db.topics import current, per_topic

IGNORE_FILE = "ignore.toml"

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_TEXT_FIELDS = ("id", "name", "label", "parent", "mesh", "note", "polarity")
_LIST_FIELDS = ("synonyms", "abbreviations", "needs_definition")


class VocabularyError(TrackerError):
    """A vocabulary that cannot be read; says the file and the entry."""

    def __init__(self, file: Path, entry: str, problem: str) -> None:
        """Say what is wrong with `entry` ("" for the file as a whole)."""
        where = f"{file.name}, {entry}" if entry else file.name
        super().__init__(f"{where}: {problem}")
        self.file = file
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that articles speak of.

    `synonyms` are matched without regard to case, `abbreviations` with regard to it, and `needs_definition` only in
    an article that gives their long form. `polarity` says of an outcome which way is good for the patient. `label` is
    what readers see where the name that texts are matched by is no clinician's word; it is never matched.
    """

    id: str
    kind: Kind
    name: str
    parent: str | None = None
    mesh: str | None = None
    synonyms: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    needs_definition: tuple[str, ...] = ()
    note: str | None = None
    polarity: Polarity | None = None
    label: str | None = None

    @property
    def shown(self) -> str:
        """The words that readers see."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class IgnoredText:
    """A string that is never tagged, of one kind or (kind `None`) of any."""

    text: str
    kind: Kind | None
    reason: str


def fold(text: str) -> str:
    """Return the form in which two spellings count as one: case, hyphens, dashes and runs of space are levelled."""
    return _SEPARATORS.sub(" ", text).strip().casefold()


def expand(pattern: str) -> list[str]:
    """Return every form a pattern stands for: "{total|} knee {replacement|prosthesis}" stands for four."""
    choice = _CHOICE.search(pattern)
    if choice is None:
        return [" ".join(pattern.split())]
    before, after = pattern[: choice.start()], pattern[choice.end() :]
    return [form for option in choice[1].split("|") for form in expand(before + option + after)]


@dataclass(frozen=True)
class Vocabulary:
    """All concepts by id, in file order, and the strings that are never tagged."""

    concepts: Mapping[str, Concept]
    ignored: tuple[IgnoredText, ...] = ()
    version: str = ""
    folder: Path = field(default=Path(), compare=False)

    @cached_property
    def by_kind(self) -> Mapping[Kind, tuple[Concept, ...]]:
        """Concepts of each kind; every kind is there, if only with an empty tuple."""
        grouped: dict[Kind, list[Concept]] = {kind: [] for kind in KINDS}
        for concept in self.concepts.values():
            grouped[concept.kind].append(concept)
        return MappingProxyType({kind: tuple(concepts) for kind, concepts in grouped.items()})

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            if concept.parent is not None:
                below.setdefault(concept.parent, []).append(concept.id)
        return {parent: tuple(ids) for parent, ids in below.items()}

    @cached_property
    def _surfaces(self) -> Mapping[Kind, Mapping[str, Concept]]:
        """Every way to write a concept to the concept: ids win over names, names over synonyms, these over labels."""
        surfaces: dict[Kind, dict[str, Concept]] = {kind: {} for kind in KINDS}
        for kind, concepts in self.by_kind.items():
            known = surfaces[kind]
            for concept in concepts:
                known.setdefault(concept.id.casefold(), concept)
            for concept in concepts:
                known.setdefault(fold(concept.name), concept)
            for concept in concepts:
                for text in (*concept.synonyms, *concept.abbreviations, *concept.needs_definition):
                    known.setdefault(fold(text), concept)
            for concept in concepts:
                known.setdefault(fold(concept.shown), concept)
        return surfaces

    def children(self, concept_id: str) -> tuple[Concept, ...]:
        """Concepts directly below, in file order."""
        return tuple(self.concepts[child] for child in self._children.get(concept_id, ()))

    def ancestors(self, concept_id: str) -> tuple[Concept, ...]:
        """Concepts above, nearest first."""
        found: list[Concept] = []
        seen = {concept_id}
        parent = self.concepts[concept_id].parent
        while parent is not None and parent not in seen and parent in self.concepts:
            seen.add(parent)
            found.append(self.concepts[parent])
            parent = self.concepts[parent].parent
        return tuple(found)

    def find(self, kind: Kind, text: str) -> Concept | None:
        """Return the concept of `kind` with this id, name, synonym abbreviation or label, whatever the case."""
        return self._surfaces[kind].get(text.strip().casefold()) or self._surfaces[kind].get(fold(text))

    def nearest(self, kind: Kind, text: str, n: int = 3) -> list[Concept]:
        """Return up to `n` concepts of `kind` whose id, name or synonym comes closest, best first."""
        surfaces = self._surfaces[kind]
        close = difflib.get_close_matches(fold(text), surfaces, n=n * 5, cutoff=0.5)
        return list({surfaces[form].id: surfaces[form] for form in close}.values())[:n]


def default_folder() -> Path:
    """Returns the vocabulary folder of the topic in force."""
    return current().home / "vocabulary"


def load_vocabulary(folder: Path | str | None = None) -> Vocabulary:
    """Read the vocabulary in `folder`; without one, that of the topic in force, which is read once."""
    return _default_vocabulary() if folder is None else _read_folder(Path(folder))


@per_topic
def _default_vocabulary() -> Vocabulary:
    return _read_folder(default_folder())


def _read_folder(folder: Path) -> Vocabulary:
    files = [(kind, folder / f"{kind.replace(' ', '_')}.toml") for kind in KINDS]
    present = [(kind, path) for kind, path in files if path.is_file()]
    if not present:
        expected = ", ".join(path.name for _, path in files)
        raise VocabularyError(folder, "", f"no vocabulary file here; expected one of {expected}")
    digest = hashlib.sha256()
    concepts: dict[str, Concept] = {}
    for kind, path in present:
        for number, entry in enumerate(_tables(path, "concept", digest), start=1):
            concept = _concept(path, number, kind, entry)
            if concept.id in concepts:
                problem = f"the id is used already, by a concept of kind {concepts[concept.id].kind}"
                raise VocabularyError(path, f"id {concept.id!r}", problem)
            concepts[concept.id] = concept
    ignore_path = folder / IGNORE_FILE
    ignored: list[IgnoredText] = []
    if ignore_path.is_file():
        for number, entry in enumerate(_tables(ignore_path, "ignore", digest), start=1):
            ignored.append(_ignored(ignore_path, number, entry))
    return Vocabulary(MappingProxyType(concepts), tuple(ignored), digest.hexdigest()[:12], folder)


def _tables(path: Path, key: str, digest: "hashlib._Hash") -> list[dict[str, Any]]:
    """Return the `[[key]]` tables of a file and add its bytes to the hash."""
    try:
        raw = path.read_bytes()
        content = tomllib.loads(raw.decode())
    except OSError as error:
        raise VocabularyError(path, "", error.strerror or "cannot be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VocabularyError(path, "", f"not valid TOML: {error}") from error
    digest.update(path.name.encode() + b"\0" + raw + b"\0")
    unknown = sorted(set(content) - {key})
    if unknown:
        raise VocabularyError(path, "", f"unknown table {unknown[0]!r}; only [[{key}]] stands here")
    tables = content.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise VocabularyError(path, "", f"{key!r} must be written as [[{key}]] tables")
    return tables


def _concept(path: Path, number: int, kind: Kind, entry: dict[str, Any]) -> Concept:
    where = f"id {entry['id']!r}" if isinstance(entry.get("id"), str) else f"concept {number}"
    unknown = sorted(set(entry) - {*_TEXT_FIELDS, *_LIST_FIELDS})
    if unknown:
        raise VocabularyError(path, where, f"unknown field {unknown[0]!r}")
    texts = {name: _text(path, where, name, entry.get(name)) for name in _TEXT_FIELDS}
    lists = {name: _texts(path, where, name, entry.get(name, [])) for name in _LIST_FIELDS}
    concept_id, name = texts["id"], texts["name"]
    if concept_id is None or name is None:
        raise VocabularyError(path, where, f"{'id' if concept_id is None else 'name'!r} is missing")
    synonyms = dict.fromkeys(form for pattern in lists["synonyms"] for form in expand(pattern) if form != name)
    return Concept(
        id=concept_id,
        kind=kind,
        name=name,
        parent=texts["parent"],
        mesh=texts["mesh"],
        synonyms=tuple(synonyms),
        abbreviations=lists["abbreviations"],
        needs_definition=lists["needs_definition"],
        note=texts["note"],
        polarity=_polarity(path, where, kind, texts["polarity"]),
        label=texts["label"],
    )


def _polarity(path: Path, where: str, kind: Kind, text: str | None) -> Polarity | None:
    """Which way of an outcome is good for the patient; other kinds have none."""
    for known in POLARITIES:
        if text == known and kind == "outcome":
            return known
    if text is None:
        return None
    raise VocabularyError(path, where, f"polarity {text!r}: only outcomes have one, of {', '.join(POLARITIES)}")


def _ignored(path: Path, number: int, entry: dict[str, Any]) -> IgnoredText:
    where = f"ignore {number}"
    text, reason = _text(path, where, "text", entry.get("text")), _text(path, where, "reason", entry.get("reason"))
    kind = _text(path, where, "kind", entry.get("kind"))
    unknown = sorted(set(entry) - {"text", "kind", "reason"})
    if unknown:
        raise VocabularyError(path, where, f"unknown field {unknown[0]!r}")
    if not text or not reason:
        raise VocabularyError(path, where, "'text' and 'reason' are needed")
    if kind is not None and kind not in KINDS:
        raise VocabularyError(path, where, f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
    return IgnoredText(text, kind, reason)


def _text(path: Path, where: str, name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise VocabularyError(path, where, f"{name!r} must be text")
    return value


def _texts(path: Path, where: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise VocabularyError(path, where, f"{name!r} must be a list of texts")
    return tuple(value)
