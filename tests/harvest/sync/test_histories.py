"""Random histories: whatever happens, after the last clean night the store is what PubMed has, and all was told."""

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.eutils_server import FAULTS
from tests.support.histories import run_history
from tests.support.history_world import EVENTS, Night

#: `HISTORIES=500 pytest FILE` looks longer, `python -m benchmarks.random_nights` longest.
EXAMPLES = int(os.environ.get("HISTORIES", "25"))

events = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 10**6)), max_size=8).map(tuple)
faults = st.lists(
    st.tuples(
        st.sampled_from(sorted(FAULTS)), st.sampled_from(["esearch", "efetch"]), st.integers(1, 12), st.integers(0, 6)
    ),
    max_size=2,
).map(tuple)
nights = st.lists(
    st.builds(
        Night,
        events=events,
        days=st.sampled_from([0, 1, 1, 1, 3, 9, 35]),
        faults=faults,
        killed_after=st.none() | st.integers(0, 400) | st.integers(0, 4000),
        full=st.booleans(),
        clock=st.sampled_from([0, 0, 0, 0, 400, 9, -20]),
        decides=st.sampled_from([0, 0, 1, 3]),
        tagger_fails_after=st.none() | st.integers(0, 45),
        ends_before=st.sampled_from([None, None, None, "tag", "digest"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate] + [Phase.shrink] * bool(os.environ.get("HISTORIES_SHRINK")),
)
@given(start=st.integers(0, 30), history=nights)
def test_after_the_last_clean_night_the_store_equals_the_corpus(start: int, history: list[Night]) -> None:
    run_history(start, history)
