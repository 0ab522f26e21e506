"""The whole pipeline: places of mentions, determinism, odd input."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.tagged import TaggedArticle, TagInput
from nlp.document import field_text, make_document
from nlp.pipeline import COMPONENTS, build_pipeline, tag, tag_one, tagger_version
from nlp.scoring.predict import predict
from nlp.scoring.records import to_tag_input
from nlp.training.data import dev_records

RECORDS = dev_records()[:12]


def assert_places_hold(article: TagInput, tagged: TaggedArticle) -> None:
    for mention in tagged.mentions:
        text = field_text(article, mention.field)
        assert text[mention.start : mention.end] == mention.text
        assert mention.sentence_start <= mention.start < mention.end <= mention.sentence_end <= len(text)
    for finding in tagged.findings:
        text = field_text(article, finding.field)
        sentence = text[finding.sentence_start : finding.sentence_end]
        assert sentence
        if finding.kind == "risk":
            assert finding.subject_text in sentence


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["pmid"])
def test_every_mention_equals_its_slice(record):
    article = to_tag_input(record)
    assert_places_hold(article, tag_one(article))


#: What a document has before its first component.
GIVEN = {"doc._.article", "doc._.words", "doc._.starts", "doc._.text", "doc._.plain"}


def test_components_declare_what_earlier_ones_assign():
    pipeline = build_pipeline()
    assert tuple(pipeline.pipe_names) == COMPONENTS
    assigned = set(GIVEN)
    for name in COMPONENTS:
        meta = pipeline.get_pipe_meta(name)
        assert set(meta.requires) <= assigned, name
        assert meta.assigns, name
        assigned |= set(meta.assigns)


class Recording(dict[Any, Any]):
    """A document's attributes (spaCy keeps them under such keys) that tell which ones were read."""

    def __init__(self, given: dict[Any, Any]) -> None:
        super().__init__(given)
        self.read: set[str] = set()

    def __getitem__(self, key: Any) -> Any:
        self.read.add(f"doc._.{key[1]}")
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self.read.add(f"doc._.{key[1]}")
        return super().get(key, default)


def test_components_declare_exactly_what_they_read():
    pipeline = build_pipeline()
    seen: dict[str, set[str]] = {}
    for record in RECORDS:
        document = make_document(pipeline, to_tag_input(record))
        document.user_data = attributes = Recording(document.user_data)
        for name, component in pipeline.pipeline:
            attributes.read.clear()
            document = component(document)
            seen.setdefault(name, set()).update(attributes.read)
    for name in COMPONENTS:
        meta = pipeline.get_pipe_meta(name)
        assert seen[name] - (set(meta.assigns) - set(meta.requires)) == set(meta.requires), name


def test_a_given_vocabulary_reaches_every_component(tmp_path: Path):
    (tmp_path / "intervention.toml").write_text('[[concept]]\nid = "only"\nname = "indomethacin"\n', encoding="utf-8")
    pipeline = build_pipeline(tmp_path)
    ids = set()
    for record in RECORDS:
        tagged = tag_one(to_tag_input(record), pipeline)
        ids |= {mention.concept_id for mention in tagged.mentions}
        ids |= {id_ for finding in tagged.findings for id_ in (finding.subject_id, finding.outcome_id)}
    assert ids == {"only", None}


def test_two_processes_give_the_same_bytes_in_the_same_order():
    alone = [json.dumps(p) for p in predict(RECORDS)]
    together = [json.dumps(p) for p in predict(RECORDS, processes=2)]
    assert alone == together
    assert [json.loads(line)["pmid"] for line in alone] == [record["pmid"] for record in RECORDS]


def test_rules_alone_tag_without_the_span_model():
    pipeline = build_pipeline(model=False)
    tagged = tag_one(to_tag_input(RECORDS[0]), pipeline)
    assert "placebo" in {mention.text.lower() for mention in tagged.mentions if mention.kind == "intervention"}
    assert all(mention.source != "model" for mention in tagged.mentions)


def test_a_record_that_is_not_about_ho_has_no_mentions():
    article = TagInput(
        pmid=1,
        title="Heterotopic heart transplantation in small recipients",
        abstract="We reviewed 20 recipients of a heterotopic heart transplant. Survival was 80%.",
    )
    tagged = tag_one(article)
    assert tagged.facts.topic == "not_ho"
    assert tagged.mentions == ()


def test_tags_name_the_version():
    assert {tagged.tagger for tagged in tag(map(to_tag_input, RECORDS[:2]))} == {tagger_version()}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.one_of(st.none(), st.text(max_size=400)))
def test_any_text_is_tagged_with_places_that_hold(title, abstract):
    article = TagInput(pmid=1, title=title, abstract=abstract)
    assert_places_hold(article, tag_one(article))


@pytest.mark.parametrize(
    "noise", ["(" * 5000, "7" * 5000, "\x00\x01\x02" * 500, "\ud800" * 20, "HO 骨化 أ " * 300, "a\u0301" * 900]
)
def test_noise_is_tagged_without_a_crash(noise):
    article = TagInput(
        pmid=1,
        title="Heterotopic ossification",
        abstract=f"HO was seen in 3 hips. {noise} HO recurred (OR 2.1, 95% CI 1.2 to 3.4).",
    )
    tagged = tag_one(article)
    assert_places_hold(article, tagged)
    asdict(tagged)


def test_the_order_of_sets_and_dictionaries_does_not_count():
    code = (
        "import json\nfrom nlp.scoring.predict import predict\nfrom nlp.training.data import dev_records\n"
        "print(json.dumps(list(predict(dev_records()[:6]))))"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1] == json.dumps(list(predict(RECORDS[:6]))) + "\n"
