"""The tagger's version: one key of everything that decides a tag, so that stored tags are renewed exactly when needed.

Texts that were tagged by another version are tagged again; a change of the scorer or of the training code changes no
tag and therefore no version, until the models that it fits are written. The topic's files count
too: vocabulary, cues, names.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from spacy import about

import db.text
from db.topics import Topic, current, per_topic

FOLDER = Path(__file__).parent
#: What decides a tag: rooms (with their code, cues, models and vocabulary) and single modules of this package.
DECIDES = (
    "concepts", "cues", "document.py", "estimates.py", "estimates_in_words.py", "facts", "findings", "mentions",
    "models", "p_values.py", "pipeline.py", "spans", "text", "vocabulary",
)  # fmt: skip
#: What decides none: the scorer and what is made from tags, how models are fitted, and this module.
DECIDES_NOTHING = ("__init__.py", "scoring", "training", "version.py")
#: What decides a tag in a topic's folder.
TOPIC_DECIDES = ("topic.toml", "cues", "vocabulary")
_KINDS = (".py", ".toml", ".json", ".npz")


def deciding_files(folder: Path = FOLDER) -> list[Path]:
    """Returns every file of the package that decides a tag, sorted by path."""
    return sorted(path for name in DECIDES for path in _files(folder / name))


def topic_files(topic: Topic) -> list[Path]:
    """Returns every file of a topic that decides a tag, sorted by path."""
    return sorted(path for name in TOPIC_DECIDES for path in _files(topic.home / name))


def _files(path: Path) -> Iterator[Path]:
    yield from (found for found in ([path] if path.is_file() else path.rglob("*")) if found.suffix in _KINDS)


def version_of(folder: Path, topic: Topic) -> str:
    """Returns the version of the tagger in a package folder for a topic (12 hex digits).

    It is made of the files of both that decide a tag, the folding of letters that it shares with the search, spaCy and
    numpy.
    """
    digest = hashlib.sha256(f"spacy {about.__version__} numpy {np.__version__}".encode())
    digest.update(Path(db.text.__file__).read_bytes())
    for home, paths in ((folder, deciding_files(folder)), (topic.home, topic_files(topic))):
        for path in paths:
            digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@per_topic
def tagger_version() -> str:
    """Returns the version of the installed tagger for the topic in force."""
    return version_of(FOLDER, current())
