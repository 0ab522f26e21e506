"""Opens a file, a gzip file or an HTTP body as UTF-8 bytes."""

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harvest.pubmed.errors import MissingFileError, TruncatedInputError, UnsafeXmlError

#: Bytes asked of a packed source at a time.
CHUNK = 1 << 16

_ENCODING = re.compile(rb"""^<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")
_ENCODINGS = {"utf-8", "ascii", "iso8859-1", "cp1252", "utf-16"}


@contextmanager
def open_source(source: BinaryIO | Path) -> Iterator[tuple[Callable[[int], bytes], str]]:
    """Opens a path or stream, packed with gzip or not, as a function that reads bytes; gives it with a name for errors.

    Raises MissingFileError where a path can't be opened.
    """
    if not isinstance(source, Path):
        name = str(getattr(source, "name", "the XML"))
        yield _decoded(source.read, name), name
        return
    try:
        stream = source.open("rb")
    except FileNotFoundError:
        raise MissingFileError(f"{source}: no such file; check the path") from None
    except OSError as error:
        raise MissingFileError(f"{source}: can't be read ({error.strerror}); name a file you may read") from None
    with stream:
        yield _decoded(stream.read, str(source)), str(source)


def _decoded(read: Callable[[int], bytes], name: str) -> Callable[[int], bytes]:
    """Wraps a read function so that it gives UTF-8, whatever the packing and the declared encoding."""
    read, head = _peeked(read)
    if head.startswith(b"\x1f\x8b"):
        read, head = _peeked(_unpacked(read, name))
    encoding = _encoding(head)
    return read if encoding in ("utf-8", "ascii") else _recoded(read, encoding)


def _unpacked(read: Callable[[int], bytes], name: str) -> Callable[[int], bytes]:
    """Wraps a read function of gzip data, of one member or several, so that it gives what is packed in it.

    All that can be unpacked is given before TruncatedInputError is raised.
    """
    member = zlib.decompressobj(wbits=31)
    packed = b""

    def read_unpacked(size: int) -> bytes:
        nonlocal member, packed
        while True:
            packed = packed or read(CHUNK)
            if member.eof:
                packed = packed.lstrip(b"\0")
                if not packed:
                    return b""
                member = zlib.decompressobj(wbits=31)
            elif not packed:
                raise TruncatedInputError(f"{name}: the gzip file is cut off; fetch it again")
            try:
                data = member.decompress(packed, size)
            except zlib.error:
                raise TruncatedInputError(f"{name}: the gzip file is damaged; fetch it again") from None
            packed = member.unused_data if member.eof else member.unconsumed_tail
            if data:
                return data

    return read_unpacked


def _peeked(read: Callable[[int], bytes]) -> tuple[Callable[[int], bytes], bytes]:
    """Returns a read function that still gives everything, and the first bytes of it."""
    head = b""
    while len(head) < 256 and (more := read(256 - len(head))):
        head += more
    pending = [head]

    def read_on(size: int) -> bytes:
        return pending.pop() if pending and pending[0] else read(size)

    return read_on, head


def _encoding(head: bytes) -> str:
    """Names the encoding that a file's first bytes declare; raises UnsafeXmlError for one that PubMed never uses."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _ENCODING.match(head)
    if not declared:
        return "utf-8"
    name = declared.group(1).decode()
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = name
    if encoding not in _ENCODINGS:
        raise UnsafeXmlError(f"XML in the encoding {name} is not read; save it as UTF-8")
    return encoding


def _recoded(read: Callable[[int], bytes], encoding: str) -> Callable[[int], bytes]:
    """Wraps a read function of another encoding so that it gives UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def read_utf8(size: int) -> bytes:
        while data := read(size):
            if text := decoder.decode(data):
                return text.encode()
        return decoder.decode(b"", final=True).encode()

    return read_utf8
