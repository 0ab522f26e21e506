"""Study facts that rules decide: topic without a word of HO, designs by what was done, arms that are no limb."""

import pytest

from db.tagged import TagInput
from nlp.pipeline import tag_one


def facts_of(title: str, abstract: str, **more: tuple[str, ...]):
    return tag_one(TagInput(pmid=1, title=title, abstract=abstract, **more)).facts  # type: ignore[arg-type]


def test_a_record_without_any_word_of_ho_is_not_about_ho():
    title, abstract = "Hip fracture in the old", "We followed 80 patients after hip arthroplasty. Pain fell (p = 0.01)."
    assert facts_of(title, abstract).topic == "not_ho"


@pytest.mark.parametrize("place", ["mesh_terms", "keywords"])
def test_a_heading_or_keyword_of_ho_leaves_the_topic_to_the_model(place):
    title = "Indomethacin after hip arthroplasty"
    abstract = "We followed 80 patients after hip arthroplasty; 12 had heterotopic ossification."
    assert facts_of(title, abstract, **{place: ("Ossification, Heterotopic",)}).topic == "ho"


@pytest.mark.parametrize(
    ("title", "abstract", "design"),
    [
        (
            "Drug X in fibrodysplasia ossificans progressiva: open-label extension of a randomised trial",
            "Forty patients with fibrodysplasia ossificans progressiva entered the extension.",
            "non-randomized trial",
        ),
        (
            "Economic evaluation of prophylaxis against heterotopic ossification",
            "A Markov model was fed with published probabilities of heterotopic ossification.",
            "other",
        ),
        (
            "Excision of heterotopic ossification of the knee",
            "We reviewed 16 patients who had excision of heterotopic ossification. Flexion rose from 61 to 97 degrees.",
            "case series",
        ),
        (
            "Palovarotene and heterotopic ossification: a network pharmacology study",
            "Targets of palovarotene and genes of heterotopic ossification were compared. Cells were cultured.",
            "other",
        ),
        (
            "Ossification after burns: a review of the literature",
            "PubMed and Embase were searched for publications of every kind, meta-analyses among them.",
            "systematic review",
        ),
        (
            "Heterotopic ossification after burns",
            "Fifty patients with heterotopic ossification were matched 1:2 by year with 100 burned controls.",
            "case-control",
        ),
        (
            "Heterotopic ossification of hips: a matched cohort",
            "Twenty hips with heterotopic ossification were compared with 80 others. Level III, case-control study.",
            "case-control",
        ),
        (
            "Heterotopic ossification after acetabular surgery",
            "We reviewed 120 patients; predictors were compared by group and regression. Level IV, therapeutic study.",
            "case series",
        ),
        (
            "Hearing loss in fibrodysplasia ossificans progressiva",
            "A postal survey was sent to 102 people with fibrodysplasia ossificans progressiva.",
            "cross-sectional",
        ),
        (
            "Etoricoxib against heterotopic ossification after hip arthroplasty",
            "A two-stage design for phase-2 studies was used in 42 patients after hip arthroplasty.",
            "non-randomized trial",
        ),
        (
            "Mouse models of heterotopic ossification",
            "In this chapter we describe the methods by which heterotopic ossification is induced in mice.",
            "other",
        ),
    ],
)
def test_the_design_is_what_was_done(title, abstract, design):
    assert facts_of(title, abstract).study_design == design


def test_an_arm_of_a_trial_is_no_site():
    article = TagInput(
        pmid=1,
        title="Naproxen against heterotopic ossification: a three-arm trial",
        abstract="Patients had hip arthroplasty. Heterotopic ossification was rarer in the treatment arm.",
    )
    assert "arm" not in {mention.text.lower() for mention in tag_one(article).mentions if mention.kind == "site"}


@pytest.mark.parametrize(
    "title",
    [
        "Naproxen against heterotopic ossification after hip arthroplasty",
        "Ibuprofen to prevent heterotopic ossification: a placebo-controlled trial",
        "One dose of radiotherapy and heterotopic bone about the acetabulum",
        "Myositis ossificans of the thigh in a footballer",
        "Pregnancy in women with fibrodysplasia ossificans progressiva",
        "Progressive osseous heteroplasia in two sisters",
        "Heterotopic ossification after cervical disc replacement and its grades",
        "Neurogenic ossification of the hip: when to operate",
        "Ectopic ossification of the elbow in burned children",
        "How long after surgery does periarticular ossification still grow?",
    ],
)
@pytest.mark.parametrize(
    "abstract",
    [
        "",
        "We treated 40 patients with bone graft substitutes, and three had vascular calcification.",
        "Infection, nonunion and osteosarcoma were looked for. No complication was seen.",
    ],
)
def test_a_title_that_names_the_disease_is_about_it_whatever_the_abstract_names(title, abstract):
    assert facts_of(title, abstract).topic == "ho"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Ossification of the posterior longitudinal ligament: laminoplasty or fusion",
            "We followed 80 patients with ossification of the posterior longitudinal ligament (OPLL) for 5 years.",
        ),
        (
            "Heterotopic pancreas of the stomach",
            "We describe 12 patients with heterotopic pancreas, of whom nine were operated on.",
        ),
        (
            "Screws or plates for fractures of the distal radius",
            "We randomised 90 patients. Function was alike. Infection and nerve injury were rare. No heterotopic "
            "ossification was seen.",
        ),
    ],
)
def test_what_only_looks_like_the_disease_or_names_it_in_passing_is_not_about_it(title, abstract):
    assert facts_of(title, abstract).topic == "not_ho"


@pytest.mark.parametrize(
    "title",
    [
        "Heterotop ossifikation efter höftplastik - en översikt.",
        "Heterotope Ossifikationen nach Hüftprothese",
        "Ossifications hétérotopiques après lésion médullaire",
        "Osificación heterotópica tras artroplastia de cadera",
        "Ossificazioni eterotopiche dell'anca",
        "Ossificação heterotópica após artroplastia",
    ],
)
def test_a_title_in_its_own_language_alone_is_about_the_disease(title: str) -> None:
    assert facts_of(title, "").topic == "ho"
