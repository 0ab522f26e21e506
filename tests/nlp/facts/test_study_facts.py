"""Sample size, species, sites, aetiologies, level of evidence, follow-up: what the rules and models read."""

import pytest

from nlp.facts.component import fact_models
from nlp.facts.design import decide, design_from_text
from nlp.facts.design_choice import SETTLED, choose_design, design_features, signs
from nlp.facts.evidence import evidence_level, follow_up
from nlp.facts.population import choose, cue_patterns, group_features, join_species, studied_species
from nlp.facts.sample_size import candidates
from nlp.pipeline import tag_one
from nlp.training.boosting import boost
from tests.support.reading import facts_of, record


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A total of 1,412 patients were included.", 1412),
        ("Sixty-four men were randomised.", 64),
        ("One hundred thirty-one hips in 120 patients were reviewed.", 120),
        ("We enrolled 30 patients with naproxen and 34 patients with placebo.", 64),
        ("HO was seen in 12 of 48 rats.", 48),
        ("Twenty cases were matched 1:2 with controls.", 60),
        ("Celecoxib was taken by 63 patients. Eighty-four patients did not receive it.", 147),
        ("In this trial 30 men took naproxen. As controls served 23 patients of an earlier study.", 53),
        ("Of 119 patients 76 (64%) survived and could be followed.", 76),
        ("Forty-eight patients of each group were analysed; there were two groups.", 96),
        ("Among 605 para/tetraplegic patients 52 had ossification.", 605),
        ("The analysis comprised 97 individuals of the trial and 101 of the natural history study.", 198),
        ("Overall, 114 and 58 people with the disease were enrolled in the two studies, respectively.", 172),
    ],
)
def test_a_sample_size_is_among_the_candidates(text: str, value: int) -> None:
    assert value in {candidate.value for candidate in candidates(facts_of({"METHODS": text}))}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (
            "Patients and methods: 120 patients with acetabular fractures were randomised to indomethacin or placebo.",
            120,
        ),
        ("We reviewed 52 hips in 47 patients operated on in 1994 for heterotopic ossification.", 47),
        ("A 34-year-old man developed heterotopic ossification of the hip after a head injury.", 1),
    ],
)
def test_patients_count_before_hips_and_years(text: str, size: int) -> None:
    assert tag_one(record(text)).facts.sample_size == size


@pytest.mark.parametrize(
    "text",
    [
        "Of 423 patients treated, 120 met the inclusion criteria.",
        "A hundred and forty patients entered the trial. Of 140 patients 120 could be evaluated.",
        "Over 15 years 229 patients had radiotherapy. Follow-up for 12 weeks was required, which left 120 patients.",
    ],
)
def test_those_who_could_be_analysed_are_the_sample(text: str) -> None:
    said = f"Heterotopic ossification was graded. {text} Ossification was seen in 30 patients."
    assert tag_one(record(said)).facts.sample_size == 120


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("", 90),
        ("Analysis was by intention to treat. ", 120),
        ("The intention-to-treat population was analysed. ", 120),
        ("The intent-to-treat set was used. ", 120),
    ],
)
def test_by_intention_to_treat_those_who_were_randomised_are_the_sample(said: str, size: int) -> None:
    text = (
        "In this randomised trial 120 patients were randomised to indomethacin or placebo after hip arthroplasty. "
        f"{said}Of 120 patients 90 completed follow-up. Heterotopic ossification was seen in 12 patients."
    )
    assert tag_one(record(text)).facts.sample_size == size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The rate was highest in one group (45.2% n = 19), lower in the other (14.3% n = 4).", 23),
        ("The drug was 20 mg per kilogram of body weight in two groups.", 40),
        ("Three phases bring young athletes back.", 3),
        ("The arch was one of 1 mm.", 1),
    ],
)
def test_shares_doses_and_phases_are_nobody(text: str, value: int) -> None:
    assert value not in {candidate.value for candidate in candidates(facts_of({"METHODS": text}))}


def test_no_abstract_no_sample_size() -> None:
    article = record("", title="Heterotopic ossification in 40 hips")
    assert tag_one(article).facts.sample_size is None


def test_an_age_or_a_length_of_time_is_no_number_of_patients() -> None:
    text = "A woman of 30 years presented with pain. A mean of 37 months after surgery the patients had no pain."
    assert not {30, 37} & {c.value for c in candidates(facts_of(text))}


def test_years_are_no_patients() -> None:
    assert 1994 not in {c.value for c in candidates(facts_of("Hips of 1994 were seen. Bone was seen in 1994."))}


@pytest.mark.parametrize(
    ("labels", "design", "species"),
    [
        ((), None, "human"), ((), "animal study", "animal"), (("human",), "cohort", "human"),
        (("human", "animal"), "animal study", "animal+human"),
        (("human", "in vitro"), "in vitro study", "in vitro+human"),
    ],
)  # fmt: skip
def test_species_are_joined_the_design_s_own_first(labels: tuple[str, ...], design: str | None, species: str) -> None:
    assert join_species(labels, design) == species


@pytest.mark.parametrize(
    ("text", "labels", "design", "kept"),
    [
        ("Patients lack a drug. Mice were given it.", ("human", "animal"), "animal study", ("animal",)),
        ("Mice had it, and biopsies of patients were stained.", ("human", "animal"), "animal study",
         ("human", "animal")),
        ("Cells were grown for patients to come.", ("human",), "in vitro study", ("in vitro",)),
        ("Cells of eight donors were grown.", ("human",), "in vitro study", ("human", "in vitro")),
        ("Patients had mice at home.", ("human", "animal"), "cohort", ("human", "animal")),
    ],
)  # fmt: skip
def test_bench_work_in_which_nobody_was_studied_is_not_human(
    text: str, labels: tuple[str, ...], design: str, kept: tuple[str, ...]
) -> None:
    assert studied_species(facts_of({"METHODS": text}), labels, design) == kept


@pytest.mark.parametrize(
    ("title", "text", "group", "labels"),
    [
        ("Heterotopic ossification after total hip arthroplasty", "Hips were radiographed.", "site", ("hip",)),
        ("Heterotopic ossification after total hip arthroplasty", "Hips were radiographed.", "aetiology",
         ("arthroplasty",)),
        ("Heterotopic ossification of the elbow after burns", "Elbows of burned patients were seen.", "aetiology",
         ("burn",)),
        ("Heterotopic ossification in mice", "Mice had Achilles tenotomy.", "species", ("animal",)),
    ],
)  # fmt: skip
def test_what_a_plain_record_is_about(title: str, text: str, group: str, labels: tuple[str, ...]) -> None:
    assert choose(facts_of(text, title=title), group, fact_models().groups) == labels


def test_cues_of_populations_ignore_case_and_parts_of_words() -> None:
    hip = cue_patterns("site")["hip"]
    assert hip.search("the hips")
    assert hip.search("after tha")
    assert not hip.search("shipment")
    features = group_features(facts_of("THA was done.", title="HIP"), "site")["hip"]
    assert "title" in features


@pytest.mark.parametrize(
    ("design", "text", "level"),
    [
        ("randomized controlled trial", "", "2"), ("cohort", "", "3"), ("case series", "", "4"),
        ("systematic review", "Trials were pooled.", "1"),
        ("systematic review", "A systematic review of observational studies.", "3"), ("other", "", None),
    ],
)  # fmt: skip
def test_levels_of_evidence(design: str, text: str, level: str | None) -> None:
    assert evidence_level(design, facts_of(text or "Hips were seen.")) == level


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Patients had a minimum follow-up of 2 years.", "2 years"),
        ("All were followed for at least six months.", "six months"),
        ("HO was graded at 12 weeks.", "12 weeks"),
        ("HO was graded on films.", None),
    ],
)
def test_follow_up(text: str, stated: str | None) -> None:
    assert follow_up(facts_of({"METHODS": text})) == stated


def test_signs_of_designs_stand_in_places() -> None:
    reading = facts_of({"METHODS": "Patients were randomized.", "RESULTS": "The cohort did well."}, title="A trial")
    features = design_features(reading, None, None, "cohort", 40, "human")
    assert {"randomised in methods", "randomised in body", "trial in title", "cohort in body"} <= set(features)
    assert "cohort in methods" not in features
    assert signs()["randomised"].search("patients were randomly assigned")


def test_the_model_overrules_only_what_is_open_and_only_when_sure() -> None:
    sure = boost([(["x"], "case series")] * 40 + [([], "cohort")] * 40, ("case series", "cohort", "review"), rounds=60)
    plain = facts_of("Hips were seen.", title="A study")
    assert choose_design("cohort", ["x"], sure, plain) == "case series"
    unsure = boost([(["x"], d) for d in ("case series", "cohort") * 20], ("case series", "cohort"), rounds=5)
    assert choose_design("cohort", ["x"], unsure, plain) == "cohort"
    assert "review" in SETTLED
    assert choose_design("review", ["x"], sure, plain) == "review"
    titled = boost([(["x"], "cohort")] * 40 + [([], "case-control")] * 40, ("cohort", "case-control"), rounds=60)
    assert choose_design("case-control", ["x"], titled, plain) == "cohort"
    named = facts_of("Hips were seen.", title="Risk of HO: a case-control study")
    assert choose_design("case-control", ["x"], titled, named) == "case-control"
    in_rabbits = facts_of("Blood flow was measured.", title="Flow in conscious rabbits with ectopic bone")
    bench = boost([(["x"], "other")] * 40 + [([], "animal study")] * 40, ("other", "animal study"), rounds=60)
    assert choose_design("animal study", ["x"], bench, in_rabbits) == "animal study"


@pytest.mark.parametrize(
    ("size", "title", "design"),
    [
        (1, "Ossification of an elbow", "case report"),
        (2, "Ossification of an elbow", "case series"),
        (9, "Ossification of an elbow", "case series"),
        (None, "Ossification of an elbow", "case report"),
        (None, "Ossification of elbows: report of three cases", "case series"),
        (1, "Ossification of elbows: report of three cases", "case report"),
    ],
)
def test_case_reports_of_more_than_one_patient_are_a_series(size: int | None, title: str, design: str) -> None:
    assert decide(facts_of("An elbow was seen.", title), "case report", None, size) == design


@pytest.mark.parametrize(
    ("text", "design"),
    [
        ("Eight patients had an elbow excised. As a matched cohort served eight others.", "cohort"),
        ("Eight patients had an elbow excised. They were seen after a year.", "case series"),
    ],
)
def test_patients_set_against_a_matched_cohort_are_no_series(text: str, design: str) -> None:
    reading = facts_of({"METHODS": text})
    assert decide(reading, None, design_from_text(reading, "human"), 8) == design


@pytest.mark.parametrize(
    ("text", "design"),
    [
        ("Cells were explanted from specimens.", "in vitro study"),
        ("Fibroblasts were then cultured.", "in vitro study"),
        ("Cells are found in such specimens.", "other"),
    ],
)
def test_work_with_cells_in_which_nobody_was_counted_is_in_vitro(text: str, design: str) -> None:
    assert decide(facts_of(text), None, None, None) == design


@pytest.mark.parametrize(
    ("text", "size", "design"),
    [
        ("Twenty patients had their elbows released.", 20, "case series"),
        ("Twenty patients had their elbows released; predictors were sought by regression.", 20, "cohort"),
        ("Many patients had their elbows released.", 200, "cohort"),
        ("Patients had their elbows released.", None, "cohort"),
    ],
)
def test_some_patients_described_without_a_comparison_are_a_series_though_called_a_cohort(
    text: str, size: int | None, design: str
) -> None:
    assert decide(facts_of(text, "Ossification of elbows"), None, "cohort", size) == design
