"""One thing that is wrong in a topic folder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from db.errors import TrackerError
from db.topics import TopicError
from nlp.vocabulary.loader import VocabularyError


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a file of the folder ("" for the folder itself), at a key ("" for the file as a whole)."""

    file: str
    key: str
    problem: str

    def __str__(self) -> str:
        """Returns the problem in one line."""
        return f"{self.file or 'the folder'}{f', {self.key}' if self.key else ''}: {self.problem}"


def looked(home: Path, look: Callable[[], Iterable[Problem]]) -> list[Problem]:
    """Returns what a look at a file found; where the file cannot be read, that is the problem."""
    try:
        return list(look())
    except TopicError as error:
        return [Problem(_within(home, Path(error.file)), error.key, error.problem)]
    except VocabularyError as error:
        return [Problem(_within(home, error.file), error.entry, str(error).partition(": ")[2])]
    except TrackerError as error:
        return [Problem("", "", str(error))]


def _within(home: Path, path: Path) -> str:
    path = home / path  # one from the root stays as it is
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
