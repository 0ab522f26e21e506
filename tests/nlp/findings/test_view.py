"""What is kept of a record is asked for once, and is of that record alone."""

from nlp.findings.sentence.view import Context, once_a_record
from tests.support.reading import context_of

NAMES = {"HO": "outcome", "naproxen": "intervention"}


def test_what_is_kept_is_read_once_a_record_and_of_no_other_one() -> None:
    read: list[tuple[str, int]] = []

    @once_a_record
    def length(context: Context, number: int) -> int:
        read.append((context.texts[number], number))
        return len(context.texts[number])

    first, second = (context_of({"RESULTS": text}, NAMES) for text in ("HO fell.", "HO was rarer with naproxen."))
    told = [length(context, 1) for context in (first, second, first, second)]
    assert told == [len("HO fell."), len("HO was rarer with naproxen.")] * 2
    assert read == [("ho fell.", 1), ("ho was rarer with naproxen.", 1)]
    assert length(first, 0) == len(first.texts[0])
    assert len(read) == 3
