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
    UnsafeXmlError,
)
from harvest.pubmed.source.buffer import PROLOGUE_LIMIT, SKIPPED, Buffer

_ROOTS = (b"PubmedArticleSet", b"PubmedBookArticleSet")
_RECORDS = (b"PubmedArticle", b"PubmedBookArticle")
_DELETIONS = (b"DeleteCitation", b"DeleteDocument")
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


def split_records(read: Callable[[int], bytes], name: str) -> Iterator[Chunk]:
    """Yields the records and deletions of PubMed XML, each as the bytes of its own element, in file order.

    A chunk with a `reason` is broken. Raises EmptyInputError, NotPubmedXmlError, UnsafeXmlError, EFetchReplyError at
    the start of a document, TruncatedInputError after the last whole record of one that ends too early.
    """
    buffer = Buffer(read, name)
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


def _step_over(buffer: Buffer) -> None:
    """Drops the comment or processing instruction at the front."""
    mark = b"<?" if buffer[0:2] == b"<?" else b"<!--"
    end = buffer.after(mark, 0)
    if end < 0:
        buffer.check_end(f"the {SKIPPED[mark].decode()} of a comment or instruction")
    buffer.use(end)


def _enter_root(buffer: Buffer) -> tuple[bytes, bytes, bool]:
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


def _check_doctype(buffer: Buffer) -> None:
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


def _children(buffer: Buffer, root: bytes, namespaces: bytes) -> Iterator[Chunk]:
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
        if mark in SKIPPED:
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


def _step_over_any(buffer: Buffer, mark: bytes) -> None:
    """Drops a comment, instruction or CDATA between records; one that never ends costs its opening only."""
    end = buffer.after(mark, 0)
    buffer.use(len(mark) if end < 0 else end)


def _take_plain(buffer: Buffer, tag: bytes) -> Chunk | None:
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


def _take(buffer: Buffer, tag: bytes) -> Chunk:
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
        if mark in SKIPPED:
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
