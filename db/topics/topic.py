"""A topic folder read into a value: its names, and the text of its files for whoever reads them.

`topic.toml` holds the names; the other files are read by the room that they are for (`FILES` says what each holds).
A published file carries what its pages need of the folder, so that it can be served where the folder is not.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from db.errors import TrackerError

#: The files of a topic beside its folders, by what they hold; only the first two are needed.
FILES = {
    "topic.toml": "names",
    "query.toml": "the PubMed query in parts, the local match, words by which other records are on the topic",
    "questions.toml": "questions of readers, and the names that a question may call the topic by",
    "asked.toml": "which interventions, risk factors, outcomes and settings are asked about first",
    "overview.toml": "lines on the disease, each with its concepts",
    "picture.toml": "the disease as one picture",
}
#: What the site reads: it stands in the published file.
SITE_FILES = ("topic.toml", "questions.toml", "asked.toml", "overview.toml", "picture.toml")
#: Folders of a topic: the vocabulary (needed), the cues of the disease (needed), the made-up sample.
FOLDERS = ("vocabulary", "cues", "sample")

_ID = re.compile(r"[a-z][a-z0-9_]{0,30}")
_TEXTS = ("id", "name", "short_name", "title", "about")
_NEEDED = ("id", "name", "short_name", "title")
_MODELS = ("open", "own")


class TopicError(TrackerError):
    """A topic that cannot be used; says the file and the key."""

    def __init__(self, file: str | Path, key: str, problem: str) -> None:
        """Says what is wrong with `key` ("" for the file as a whole)."""
        super().__init__(f"{file}{f', {key}' if key else ''}: {problem}")
        self.file, self.key, self.problem = str(file), key, problem


@dataclass(frozen=True, eq=False)
class Topic:
    """A disease: its names, how the tagger's models stand to it, where its folder is, and the text of its files.

    `id` stands in addresses, file names and data (and `not_ID` for what only looks like it); `name` and
    `short_name` are written as in running text; `title` is the name of the tracker; `about` says in a sentence what is
    collected. `models` is "own" where the tagger's models were fitted to gold of this topic, else "open": the span
    tagger of other fields, and rules in place of the models that know one disease. `folder` is None where the topic
    was read from a published file, which has `SITE_FILES` only.
    """

    id: str
    name: str
    short_name: str
    title: str
    about: str
    models: str
    folder: Path | None
    files: Mapping[str, str]

    @property
    def beside(self) -> str:
        """The word of the data for records that only look as if they were on the topic."""
        return f"not_{self.id}"

    @property
    def named(self) -> str:
        """The name with its short form behind it, where that is another word."""
        return self.name if self.short_name in self.name else f"{self.name} ({self.short_name})"

    @property
    def own_models(self) -> bool:
        """Whether the tagger's models were fitted to gold of this topic."""
        return self.models == "own"

    @cached_property
    def home(self) -> Path:
        """The folder; raises TopicError for a topic that was read from a published file."""
        if self.folder is None:
            raise TopicError(self.id, "", "this topic came with a published file; name its folder with --topic")
        return self.folder

    def data(self, name: str) -> dict[str, Any]:
        """Returns a file of the topic, read as TOML, empty where there is none; raises TopicError if broken."""
        text = self.files.get(name)
        return {} if text is None else _toml(self._place(name), text)

    def _place(self, name: str) -> str:
        return str(self.folder / name) if self.folder else f"{name} of the published topic"


def load(folder: Path) -> Topic:
    """Reads a topic folder; raises TopicError where it is none, or its names are missing, unknown or no text."""
    if not folder.is_dir():
        raise TopicError(folder, "", "there is no such topic folder; make one with: ho-tracker init-topic FOLDER")
    files: dict[str, str] = {}
    for name in FILES:
        path = folder / name
        if path.is_file():
            try:
                files[name] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise TopicError(path, "", f"cannot be read ({error})") from error
    for name in ("topic.toml", "query.toml"):
        if name not in files:
            raise TopicError(folder / name, "", f"is missing; it holds {FILES[name]}")
    return _made(files, folder)


def to_publish(topic: Topic) -> str:
    """Returns what a published file carries of a topic, for `read_published`."""
    return json.dumps({name: topic.files[name] for name in SITE_FILES if name in topic.files}, ensure_ascii=False)


def read_published(text: str) -> Topic:
    """Returns the topic that a published file carries."""
    return _made(json.loads(text), None)


def _made(files: Mapping[str, str], folder: Path | None) -> Topic:
    place = str(folder / "topic.toml") if folder else "topic.toml of the published topic"
    data = _toml(place, files["topic.toml"])
    for key, value in data.items():
        if key not in (*_TEXTS, "models"):
            raise TopicError(place, key, f"is no key of this file; known are {', '.join((*_TEXTS, 'models'))}")
        if not isinstance(value, str) or not value.strip():
            raise TopicError(place, key, "must be a text in quotes")
    for key in _NEEDED:
        if key not in data:
            raise TopicError(place, key, "is missing")
    if not _ID.fullmatch(data["id"]):
        raise TopicError(place, "id", "must be small letters, digits and underscores, a letter first")
    models = data.get("models", "open")
    if models not in _MODELS:
        raise TopicError(place, "models", f"{models!r} is neither of {', '.join(_MODELS)}")
    about = data.get("about", f"The literature on {data['name']}, harvested from PubMed every night.")
    return Topic(data["id"], data["name"], data["short_name"], data["title"], about, models, folder, dict(files))


def _toml(place: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopicError(place, "", f"not valid TOML: {error}") from error
