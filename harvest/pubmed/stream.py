"""Cuts PubMed XML of any size into its records without building a tree of the whole.

The bytes are scanned for the few tags that stand directly under the root, so that every record can be parsed on its
own: a broken record costs that record, memory stays that of one record, and libxml2 never sees a DOCTYPE. Comments,
processing instructions and CDATA are stepped over, whatever they hold. What a DOCTYPE could do (entities, fetching a
DTD) is refused here, before any XML parser runs.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from harvest.pubmed.errors import (
    EFetchReplyError,
    EmptyInputError,
    NotPubmedXmlError,
    TruncatedInputError,
    UnsafeXmlError,
)

#: Bytes asked of the source at a time.
CHUNK = 1 << 18
#: Bytes that one record may have; the largest real ones (thousands of authors) have some 10 MB.
RECORD_LIMIT = 1 << 26
#: Bytes that everything before the root element may have.
PROLOGUE_LIMIT = 1 << 16

_ROOTS = (b"PubmedArticleSet", b"PubmedBookArticleSet")
_RECORDS = (b"PubmedArticle", b"PubmedBookArticle")
_DELETIONS = (b"DeleteCitation", b"DeleteDocument")
_MARK = re.compile(
    rb"<(?:!--|!\[CDATA\[|\?|/?(?:Pubmed(?:Book)?Article(?:Set)?|Delete(?:Citation|Document)|ERROR)(?=[\s/>]))"
)
_SKIPPED = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+([^\s>\['"]+)(?:\s+(?:PUBLIC\s+(?:"[^"]*"|'[^']*')|SYSTEM)(?:\s*("[^"]*"|'[^']*'))?)?\s*([>\[])"""
)
_NLM_DTD = re.compile(rb"(?:https?://(?:[\w-]+\.)*nlm\.nih\.gov/[^\s]*|[\w.-]+\.dtd)?")
_START_TAG = re.compile(rb"<([^\s<>/!?]+)([^<>]*)>")
_NAMESPACES = re.compile(rb"""\sxmlns:\w+\s*=\s*(?:"[^"]*"|'[^']*')""")


class Chunk(NamedTuple):
    """One element from under the root: its tag, its bytes, and what the scanner found wrong with it, if anything.

    A `plain` one holds no comment, processing instruction or CDATA.
    """

    tag: str
    xml: bytes
    reason: str | None = None
    plain: bool = True


class _Buffer:
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
        end = _SKIPPED[mark]
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


def split_records(read: Callable[[int], bytes], name: str) -> Iterator[Chunk]:
    """Yields the records and deletions of PubMed XML, each as the bytes of its own element, in file order.

    A chunk with a `reason` is broken. Raises EmptyInputError, NotPubmedXmlError, UnsafeXmlError, EFetchReplyError at
    the start of a document, TruncatedInputError after the last whole record of one that ends too early.
    """
    buffer = _Buffer(read, name)
    if not buffer.more() or not buffer.skip_space():
        buffer.check_end()
        raise EmptyInputError(f"{name}: empty; nothing was read")
    while True:
        root, namespaces, is_open = _enter_root(buffer)
        if is_open:
            yield from _children(buffer, root, namespaces)
        while buffer.skip_space() and buffer[0:4].startswith((b"<!--", b"<?")) and buffer[0:6] != b"<?xml ":
            _step_over(buffer)
        if not buffer.skip_space():
            buffer.check_end()
            return


def _step_over(buffer: _Buffer) -> None:
    """Drops the comment or processing instruction at the front."""
    mark = b"<?" if buffer[0:2] == b"<?" else b"<!--"
    end = buffer.after(mark, 0)
    if end < 0:
        buffer.check_end(f"the {_SKIPPED[mark].decode()} of a comment or instruction")
    buffer.use(end)


def _enter_root(buffer: _Buffer) -> tuple[bytes, bytes, bool]:
    """Reads up to and over the root's start tag: its name, its namespace declarations, whether it has content."""
    if buffer[0:3] == codecs.BOM_UTF8:
        buffer.use(3)
    while buffer.skip_space():
        while len(buffer) < PROLOGUE_LIMIT and buffer.more():
            pass
        if buffer[0:9].upper() == b"<!DOCTYPE":
            _check_doctype(buffer)
        elif buffer[0:2] == b"<?" or buffer[0:4] == b"<!--":
            _step_over(buffer)
        else:
            break
    start = buffer.match(_START_TAG)
    if not start:
        buffer.check_end()
        shown = buffer[0:40].decode("utf-8", "replace").split("\n")[0]
        raise NotPubmedXmlError(f"{buffer.name}: not XML (it begins {shown!r}); name a PubMed XML file")
    root = start.group(1)
    if root in _RECORDS:
        return root, b"", True
    if root == b"eFetchResult":
        raise EFetchReplyError(_error_text(buffer[0:PROLOGUE_LIMIT]))
    if root not in _ROOTS:
        shown = root.decode("utf-8", "replace")
        raise NotPubmedXmlError(f"{buffer.name}: not PubMed XML (its root is {shown}, not PubmedArticleSet)")
    buffer.drop(start.end() - start.start())
    return root, b"".join(_NAMESPACES.findall(start.group(2))), not start.group(2).endswith(b"/")


def _check_doctype(buffer: _Buffer) -> None:
    """Drops the DOCTYPE at the front; refuses one that declares anything or names a DTD that isn't NLM's."""
    doctype = buffer.match(_DOCTYPE)
    if not doctype:
        raise NotPubmedXmlError(f"{buffer.name}: its DOCTYPE can't be read; name a PubMed XML file")
    root = doctype.group(1).decode("utf-8", "replace")
    if root.lower() == "html":
        raise NotPubmedXmlError(f"{buffer.name}: not PubMed XML (its root is {root}, not PubmedArticleSet)")
    if doctype.group(3) == b"[":
        raise UnsafeXmlError(
            f"{buffer.name}: refused, its DOCTYPE declares entities or the like, which PubMed's never does"
        )
    system = (doctype.group(2) or b"").strip(b"\"'")
    if not _NLM_DTD.fullmatch(system):
        shown = system.decode("utf-8", "replace")
        raise UnsafeXmlError(f"{buffer.name}: refused, its DOCTYPE names a DTD that is not NLM's ({shown})")
    buffer.drop(doctype.end() - doctype.start())


def _error_text(xml: bytes) -> str:
    texts = re.findall(rb"<ERROR[^>]*>(.*?)</ERROR>", xml, re.DOTALL)
    return " ".join(b" ".join(texts).decode("utf-8", "replace").split()) or "no reason given"


def _children(buffer: _Buffer, root: bytes, namespaces: bytes) -> Iterator[Chunk]:
    """Yields the records and deletions up to the root's end tag; `root` may be a single record's own tag."""
    while True:
        match = buffer.mark(0)
        position = buffer.offset(match) if match else len(buffer)
        mark = match.group() if match else b""
        if junk := buffer.use(position).strip():
            yield Chunk("", junk, "something other than a record stands between the records")
        if not match:
            if len(buffer) or buffer.more():
                continue
            buffer.check_end(f"</{root.decode()}>")
        if mark in _SKIPPED:
            _step_over_any(buffer, mark)
        elif mark == b"</" + root:
            end = buffer.tag_end(0)
            buffer.use(len(mark) if end < 0 else end)
            return
        elif mark[1:] in _RECORDS or mark[1:] in _DELETIONS:
            chunk = _take_plain(buffer, mark[1:]) or _take(buffer, mark[1:])
            yield chunk._replace(xml=_declared(chunk.xml, mark[1:], namespaces)) if namespaces else chunk
            if mark[1:] == root:
                return
        elif mark == b"<ERROR":
            raise EFetchReplyError(_error_text(buffer[0:PROLOGUE_LIMIT]))
        else:
            yield Chunk("", buffer.use(len(mark) + 1), f"a stray {mark.decode()}> stands between the records")


def _step_over_any(buffer: _Buffer, mark: bytes) -> None:
    """Drops a comment, instruction or CDATA between records; one that never ends costs its opening only."""
    end = buffer.after(mark, 0)
    buffer.use(len(mark) if end < 0 else end)


def _take_plain(buffer: _Buffer, tag: bytes) -> Chunk | None:
    """Takes the element at the front off the buffer where nothing in it needs a closer look, the usual case.

    Whatever could hide a tag begins with "<!" or "<?"; and where the element's own end tag is lost, the next one's
    start stands before the end tag that was found.
    """
    end = buffer.find(b"</" + tag + b">", len(tag))
    if end < 0 or buffer.holds(b"<" + tag, 1, end):
        return None
    xml = buffer[0 : end + len(tag) + 3]
    if b"!" in xml or b"?" in xml:
        return None
    buffer.drop(len(xml))
    return Chunk(tag.decode(), xml)


def _take(buffer: _Buffer, tag: bytes) -> Chunk:
    """Takes the element at the front off the buffer, up to its end tag or to where its damage shows."""
    name = tag.decode()
    start = buffer.tag_end(0)
    if start > 0 and buffer[start - 2 : start - 1] == b"/":
        return Chunk(name, buffer.use(start))
    position = len(tag)
    plain = True
    while match := buffer.mark(position):
        position = buffer.offset(match)
        mark = match.group()
        if mark in _SKIPPED:
            plain = False
            end = buffer.after(mark, position)
            position = position + len(mark) if end < 0 else end
        elif mark == b"</" + tag:
            end = buffer.tag_end(position)
            if end < 0:
                return Chunk(name, buffer.use(position + len(mark)), f"its </{name}> lacks its end")
            return Chunk(name, buffer.use(end), None, plain)
        elif mark.lstrip(b"</") == b"ERROR":
            position += len(mark)
        else:
            return Chunk(name, buffer.use(position), f"its </{name}> is missing")
    return Chunk(name, buffer.use(len(buffer)), f"the file ends before its </{name}>")


def _declared(xml: bytes, tag: bytes, namespaces: bytes) -> bytes:
    """Carries the root's namespace declarations into a record that uses prefixes."""
    return xml if b"mml:" not in xml else b"<" + tag + namespaces + xml[len(tag) + 1 :]
