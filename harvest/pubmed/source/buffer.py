"""The bytes of a source of any size, read as far as one record needs, and searched so that each is looked at once."""

import re
from collections.abc import Callable

from harvest.pubmed.errors import TruncatedInputError

#: Bytes asked of the source at a time.
CHUNK = 1 << 18
#: Bytes that one record may have; the largest real ones (thousands of authors) have some 10 MB.
RECORD_LIMIT = 1 << 26
#: Bytes that everything before the root element may have.
PROLOGUE_LIMIT = 1 << 16

_MARK = re.compile(
    rb"<(?:!--|!\[CDATA\[|\?|/?(?:Pubmed(?:Book)?Article(?:Set)?|Delete(?:Citation|Document)|ERROR)(?=[\s/>]))"
)
#: What hides tags: how it opens, and how it ends.
SKIPPED = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}


class Buffer:
    """Bytes that were read and not yet used; positions count from the first unused byte."""

    def __init__(self, read: Callable[[int], bytes], name: str) -> None:
        self._read = read
        self._data = b""
        self._start = 0
        self._used = 0
        self._ended = False
        self._found: dict[bytes, tuple[int, int]] = {}
        self._failure: TruncatedInputError | None = None
        self.name = name

    def __len__(self) -> int:
        return len(self._data) - self._start

    def __getitem__(self, bounds: slice) -> bytes:
        return self._data[self._start + (bounds.start or 0) : self._start + bounds.stop]

    def use(self, count: int) -> bytes:
        """Takes bytes off the front."""
        taken = self._data[self._start : self._start + count]
        self._start += count
        return taken

    def drop(self, count: int) -> None:
        """Drops bytes off the front."""
        self._start += count

    def more(self) -> bool:
        """Reads on, doubling what is there; says whether anything came."""
        if self._ended:
            return False
        try:
            data = self._read(max(CHUNK, len(self)))
        except TruncatedInputError as error:
            self._failure, data = error, b""
        self._ended = not data
        self._data = self._data[self._start :] + data
        self._used += self._start
        self._start = 0
        return bool(data)

    def find(self, needle: bytes, begin: int = 0) -> int:
        """Finds bytes, reading on as far as one record may reach; -1 where they don't come.

        What was found, or not found, from an earlier place on is remembered: each byte is looked at once for the same
        bytes, whatever the source repeats.
        """
        here = self._used + self._start
        asked, known = self._found.get(needle, (0, -2))
        if known >= here + begin >= asked:
            return known - here
        if known == -1 and here + begin >= asked and (self._ended or len(self) > RECORD_LIMIT):
            return -1
        place = begin
        while (found := self._data.find(needle, self._start + place)) < 0:
            place = max(place, len(self) - len(needle) + 1)
            if len(self) > RECORD_LIMIT or not self.more():
                self._found[needle] = (here + begin, -1)
                return -1
        self._found[needle] = (here + begin, self._used + found)
        return found - self._start

    def holds(self, needle: bytes, begin: int, end: int) -> bool:
        """Says whether bytes that were read hold others between two places."""
        return self._data.find(needle, self._start + begin, self._start + end) >= 0

    def tag_end(self, begin: int) -> int:
        """Finds where a tag ends; -1 where another one begins first, or it never does."""
        end = self.find(b">", begin)
        return -1 if end < 0 or self.holds(b"<", begin + 1, end) else end + 1

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Matches a pattern at the front, as far as a prologue may reach."""
        return pattern.match(self._data, self._start, self._start + PROLOGUE_LIMIT)

    def mark(self, begin: int) -> re.Match[bytes] | None:
        """Finds the next tag or construct that matters to the scanner, reading on as far as one record may reach."""
        while not (found := _MARK.search(self._data, self._start + begin)):
            begin = max(begin, len(self) - 32)
            if len(self) > RECORD_LIMIT or not self.more():
                return None
        return found

    def offset(self, match: re.Match[bytes]) -> int:
        """Position of a match that `mark` gave, as long as nothing was read or used since."""
        return match.start() - self._start

    def after(self, mark: bytes, begin: int) -> int:
        """Finds where the comment, instruction or CDATA that opens with `mark` ends; -1 where it never does.

        As two hyphens may stand in no comment, one that was left open doesn't reach to the end of another.
        """
        end = SKIPPED[mark]
        found = self.find(end[:2] if mark == b"<!--" else end, begin + len(mark))
        while found >= 0 and len(self) < found + len(end) and self.more():
            pass
        if found < 0 or self[found : found + len(end)] != end:
            return -1
        return found + len(end)

    def check_end(self, missing: str | None = None) -> None:
        """Raises TruncatedInputError where the source broke off, or where something is missing at its end."""
        if self._failure:
            raise self._failure
        if missing:
            raise TruncatedInputError(f"{self.name}: ends before {missing}; fetch it again")

    def skip_space(self) -> bool:
        """Drops leading whitespace; says whether anything is left."""
        while True:
            rest = self._data[self._start : self._start + 4096]
            left = rest.lstrip()
            self._start += len(rest) - len(left)
            if left:
                return True
            if not len(self) and not self.more():
                return False
