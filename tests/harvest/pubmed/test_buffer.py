"""The buffer under the record cutter, against Python's own search over the whole text, however the bytes come."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.model import Article
from harvest.pubmed.errors import TruncatedInputError
from harvest.pubmed.source import buffer as buffer_module
from harvest.pubmed.source.buffer import Buffer
from tests.harvest.pubmed.test_hardening import document, parse, pmids, record

NEEDLES = (b">", b"--", b"-->", b"</a>", b"]]>")


def trickle(data: bytes, step: int) -> Buffer:
    """A buffer over bytes that come a few at a time."""
    source = io.BytesIO(data)
    return Buffer(lambda _size: source.read(step), "here")


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([b"-", b">", b"<", b"/a>", b"</a", b"]]", b"x"]), max_size=14).map(b"".join),
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from(NEEDLES), st.integers(0, 6), st.integers(0, 3)), max_size=6),
)
def test_what_is_found_is_what_stands_there_however_the_bytes_come(
    data: bytes, step: int, asked: list[tuple[bytes, int, int]]
) -> None:
    buffer = trickle(data, step)
    used = 0
    for needle, begin, count in asked:
        rest = data[used:]
        place = buffer.find(needle, min(begin, len(rest)))
        assert place == rest.find(needle, min(begin, len(rest)))
        if place >= 0:
            end = place + len(needle)
            assert buffer[place:end] == needle
            assert buffer.holds(needle, place, end)
            assert not buffer.holds(needle, place, end - 1)
        taken = buffer.use(min(count, len(buffer)))
        assert taken == rest[: len(taken)]
        used += len(taken)


@given(
    st.lists(st.sampled_from([b"<!--", b"-->", b"<?", b"<PubmedArticle", b" ", b">", b"/", b"x"]), max_size=10).map(
        b"".join
    ),
    st.integers(1, 5),
    st.integers(0, 9),
)
def test_the_next_mark_is_the_first_one_from_there_on(data: bytes, step: int, begin: int) -> None:
    buffer = trickle(data, step)
    while len(buffer) < begin and buffer.more():
        pass
    found = buffer.mark(begin)
    expected = re.compile(rb"<!--|<\?|</?PubmedArticle(?=[\s/>])").search(data, begin)
    assert (found and (found.group(), buffer.offset(found))) == (expected and (expected.group(), expected.start()))
    assert trickle(data, step).tag_end(0) == _tag_end(data)


def _tag_end(data: bytes) -> int:
    end = data.find(b">")
    return -1 if end < 0 or b"<" in data[1:end] else end + 1


def test_a_record_reaches_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer_module, "RECORD_LIMIT", 50)
    assert trickle(b"x" * 40 + b">", 5).find(b">") == 40
    assert trickle(b"x" * 90 + b">", 5).find(b">") == -1
    assert trickle(b"x" * 90 + b"<!--", 5).mark(0) is None


def test_the_end_of_a_source_that_broke_off_is_said() -> None:
    def broken(_size: int) -> bytes:
        raise TruncatedInputError("here: cut")

    buffer = Buffer(broken, "here")
    assert not buffer.more()
    with pytest.raises(TruncatedInputError, match="here: cut"):
        buffer.check_end()
    whole = trickle(b"  \n x", 1)
    assert whole.skip_space()
    assert whole[0:1] == b"x"
    whole.check_end()
    with pytest.raises(TruncatedInputError, match="ends before </x>; fetch it again"):
        whole.check_end("</x>")
    assert not trickle(b" \n ", 1).skip_space()


def test_line_breaks_that_are_text_stay_text() -> None:
    for hidden in ("<![CDATA[a>\n  <B]]>", "a&gt;\n  &lt;B", "a&gt;<!-- c\n <D> -->\n  &lt;B"):
        (article,) = parse(document(record(1, hidden)))
        assert isinstance(article, Article)
        assert article.title == "a> <B"


def test_an_id_without_a_value_is_none() -> None:
    ids = '</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi"/><ArticleId IdType="pii"> </ArticleId>'
    data = f"{ids}</ArticleIdList></PubmedData></PubmedArticle>"
    items = parse(document(record(1).replace("</MedlineCitation></PubmedArticle>", data), record(2)))
    assert pmids(items) == [("Article", 1), ("Article", 2)]
    (article, _) = items
    assert isinstance(article, Article)
    assert (article.article_ids, article.doi) == ((), None)
