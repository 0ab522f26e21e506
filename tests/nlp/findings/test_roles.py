"""What a sentence does with a factor or treatment: descriptions, advice, guesses, other outcomes are no results."""

import pytest

from nlp.findings.factors.risks import not_held
from nlp.findings.links.alignment import allowed_links, ratios_of_two_arms
from nlp.findings.links.assignment import with_estimates
from nlp.findings.links.comparators import record_arms
from nlp.findings.links.costs import Effect, outcomes_for
from nlp.findings.pairs import is_denied_by_p, says_nothing
from nlp.findings.sentence.clauses import main_clause, own_stretch
from nlp.findings.sentence.factors.roles import (
    is_advised_on,
    is_asked,
    is_described,
    is_event,
    is_guess,
    is_met_with,
    is_no_cause,
    is_of_another_outcome,
    relates_nothing,
    tells_nothing,
)
from nlp.findings.sentence.pair_features import Pair
from nlp.findings.sentence.view import Context
from nlp.pipeline import tag_one
from nlp.spans.tagging import Span
from tests.support.reading import context_of, record

FACTOR = {"obesity": "risk factor", "immobility": "risk factor", "nonunion": "outcome", "HO": "outcome"}


def named(context: Context, text: str) -> Span:
    return next(span for span in context.spans if span.text == text)


def factor(sentence: str) -> tuple[Context, Span]:
    context = context_of(sentence, FACTOR)
    return context, named(context, "obesity")


@pytest.mark.parametrize(
    ("sentence", "described"),
    [
        ("Age and obesity were evenly distributed over the arms.", True),
        ("The arms were well balanced for obesity and smoking.", True),
        ("There were 12 men with obesity and 20 women.", True),
        ("HO was evenly distributed among patients with obesity.", False),
        ("HO was commoner with obesity.", False),
    ],
)
def test_what_describes_the_arms_is_no_result_of_a_factor(sentence: str, described: bool) -> None:
    context, span = factor(sentence)
    assert is_described(context, span) == described


@pytest.mark.parametrize(
    "value", ["was normal", "were all normal", "returned to normal", "was within the normal range"]
)
def test_a_patients_own_values_are_no_factors(value: str) -> None:
    context = context_of(f"Serum calcium {value} after a week.", {"calcium": "risk factor"})
    assert is_described(context, named(context, "calcium"))


@pytest.mark.parametrize(
    ("sentence", "guess"),
    [
        ("Obesity, immobility and hypoxia have all been proposed as triggers, but none could be isolated.", True),
        ("Immobility and obesity are thought to be triggers of HO.", True),
        ("Among the suspected triggers are hypoxia and obesity.", True),
        ("It has been suggested that obesity provokes HO.", True),
        ("Injury and obesity before diagnosis were reported by ten and might have promoted HO.", True),
        ("The contribution of obesity is less certain.", True),
        ("These data suggest, but do not prove, that obesity takes part in HO.", True),
        ("HO after hip replacement: does obesity matter?", True),
        ("Obesity should be avoided.", True),
        ("According to one theory, obesity makes cells form HO.", True),
        ("HO forms after obesity, as is presumed, or after injury.", True),
        ("These lesions strongly implicate obesity, injury aside.", True),
        ("What causes HO is unknown, but immobility, obesity and hypoxia are involved.", True),
        ("The findings suggest that obesity drives HO.", True),
        ("We hypothesized that obesity drives HO.", True),
        ("HO, as recent work has suggested, comes from obesity.", True),
        ("Injury leads to HO, it is believed because obesity follows it.", True),
        ("Obesity drives HO, and leptin is involved.", False),
        ("In theory it was simple, and obesity made HO commoner.", False),
        ("HO formed after obesity as was seen before.", False),
        ("Obesity raised the odds of HO, and it is thought to act through leptin.", False),
        ("Obesity caused HO, which may be due to leptin.", False),
        ("Obesity may be followed by HO.", False),
        ("Obesity was a risk factor for HO.", False),
    ],
)
def test_what_is_asked_or_thought_is_no_result(sentence: str, guess: bool) -> None:
    context, span = factor(sentence.replace("Obesity", "obesity"))
    assert is_guess(context, span) == guess


@pytest.mark.parametrize(
    ("sentence", "met_with"),
    [
        ("HO is common after surgery, obesity, and burns.", True),
        ("HO commonly develops in the muscles following obesity.", True),
        ("The pattern was identical to that of patients with immobility or obesity.", True),
        ("HO is an early complication of immobility and obesity.", True),
        ("HO is a frequent sequel of obesity and gives pain.", True),
        ("HO was more common after obesity.", False),
        ("HO, a complication of obesity, was caused by it.", False),
        ("HO is a complication of obesity; burns raise its risk.", True),
        ("Patients with obesity are at risk of HO.", False),
        ("After obesity HO is common.", False),
        ("HO is common after burns: obesity was noted.", False),
    ],
)
def test_where_the_disease_is_met_with_is_no_factor(sentence: str, met_with: bool) -> None:
    context, span = factor(sentence.replace("Obesity", "obesity"))
    assert is_met_with(context, span) == met_with


def test_a_title_alone_makes_a_setting_no_factor_and_a_guess_no_result() -> None:
    text = "HO is a rare complication of obesity. Immobility is involved."
    article = record(text.replace("Immobility", "immobility"), title="HO by obesity and immobility: a case")
    assert [f.subject_text for f in tag_one(article).findings if f.kind == "risk" and f.direction != "unclear"] == []


@pytest.mark.parametrize(
    ("sentence", "advice"),
    [
        ("Where obesity coexists, we now favour radiotherapy.", True),
        ("With obesity another drug should be considered.", True),
        ("In obesity indomethacin is contraindicated.", True),
        ("Obesity increased HO and prophylaxis should be considered.", False),
        ("Obesity is to be avoided.", False),
    ],
)
def test_advice_is_no_result_of_whom_it_is_for(sentence: str, advice: bool) -> None:
    context, span = factor(sentence.replace("Obesity", "obesity"))
    assert is_advised_on(context, span) == advice


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("Smoking and obesity were also related to nonunion.", True),
        ("In a model obesity predicted nonunion.", True),
        ("Patients with obesity were at risk of HO and obesity was related to nonunion.", False),
        ("HO was associated with nonunion and obesity.", False),
    ],
)
def test_a_factor_of_another_outcome_is_none_of_the_disease(sentence: str, other: bool) -> None:
    context, span = factor(sentence)
    assert is_of_another_outcome(context, span) == other


def test_a_short_form_of_the_disease_is_no_other_outcome() -> None:
    text = "Posterior heterotopic ossification (PHO) was looked for. Smoking and obesity were related to PHO."
    context = context_of(text, FACTOR | {"PHO": "outcome"})
    assert not is_of_another_outcome(context, named(context, "obesity"))


def test_a_factor_whose_sentences_relate_nothing_makes_no_statement() -> None:
    context = context_of("Vessels were stained for obesity. Obesity was treated.", {"obesity": "risk factor"})
    assert tells_nothing(context, context.spans)
    context = context_of("Vessels were stained for obesity. HO came with obesity.", {"obesity": "risk factor"})
    assert not tells_nothing(context, context.spans)


@pytest.mark.parametrize(
    ("title", "sentence", "silent"),
    [
        ("Disorders of a gene", "Obesity is associated with short stature.", True),
        ("Disorders of a gene", "Obesity was a risk factor of it.", False),
        ("Disorders of a gene", "Obesity is associated with heterotopic ossification.", False),
        ("Heterotopic ossification and obesity", "Obesity is associated with short stature.", False),
    ],
)
def test_where_the_title_is_about_something_else_a_sentence_must_name_the_disease(
    title: str, sentence: str, silent: bool
) -> None:
    context = context_of(sentence, {"Obesity": "risk factor"}, title)
    assert tells_nothing(context, context.spans) == silent


DRUGS = {
    "excision": "intervention", "radiotherapy": "intervention", "drug A": "intervention", "drug B": "intervention",
    "placebo": "intervention", "recurrence": "outcome", "staining": "outcome", "flare-ups": "outcome", "HO": "outcome",
    "motion": "outcome", "fever": "outcome", "graft loss": "outcome", "enzyme level": "outcome",
}  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "drug", "outcome", "silent"),
    [
        ("Drug A reduced HO and staining; drug B reduced flare-ups.", "drug B", "staining", True),
        ("Drug A reduced HO and staining; drug B reduced flare-ups.", "drug A", "flare-ups", True),
        ("Drug A reduced HO and staining; drug B reduced flare-ups.", "drug A", "staining", False),
        ("Drug A reduced HO, whereas drug B increased staining more than drug A.", "drug A", "staining", False),
        ("Drug A reduced HO, whereas drug B did not.", "drug B", "HO", False),
        ("Compared with placebo drug A reduced HO; staining was less with drug B.", "placebo", "HO", False),
        ("There was no less recurrence with excision plus radiotherapy than excision alone.", "excision", "recurrence",
         True),
        ("There was no less recurrence with excision plus radiotherapy than excision alone.", "radiotherapy",
         "recurrence", False),
        ("HO followed 43% of flare-ups treated with drug A.", "drug A", "flare-ups", True),
        ("HO did not follow early excision, and neither did an elevated enzyme level.", "excision", "enzyme level",
         True),
        ("After radiotherapy recurrence was reported in 3 to 14% of hips.", "radiotherapy", "recurrence", True),
        ("Fever occurred in 11 patients given drug A.", "drug A", "fever", True),
        ("Fever occurred in 11 patients given drug A and in 3 others.", "drug A", "fever", False),
        ("After radiotherapy recurrence was seen in only 3% of hips.", "radiotherapy", "recurrence", False),
        ("All had radiotherapy-related fever.", "radiotherapy", "fever", True),
        ("With radiotherapy fever was more common.", "radiotherapy", "fever", False),
    ],
)  # fmt: skip
def test_a_sentence_says_nothing_of_treatments_and_outcomes_that_it_does_not_relate(
    sentence: str, drug: str, outcome: str, silent: bool
) -> None:
    context = context_of(sentence[0].lower() + sentence[1:], DRUGS, "heterotopic ossification")
    assert says_nothing(context, Pair(named(context, drug), named(context, outcome), "here")) == silent


def test_a_significant_p_denies_that_an_outcome_did_not_differ() -> None:
    text = "The range of motion was better in the later cohort (p = 0.01), with no increase in graft loss (p = 0.8)."
    context = context_of(text, DRUGS)
    assert is_denied_by_p(context, named(context, "motion"))
    assert not is_denied_by_p(context, named(context, "graft loss"))


def test_the_clauses_of_a_sentence_are_found_outside_brackets() -> None:
    text = "a fell (b; c) with d; e rose, with no change of f, but g did not"
    assert text[slice(*main_clause(text, 0, 1))] == "a fell (b; c) with d"
    place = text.index("f,")
    assert text[slice(*main_clause(text, place, place + 1))] == "e rose, with no change of f"
    assert text[slice(*own_stretch(text, place, place + 1))] == " change of f"


def test_factors_are_found_at_every_place_of_their_name() -> None:
    text = {
        "RESULTS": "Prolonged ventilation was an independent risk factor for HO (OR 3.1, 95% CI 1.4 to 6.0).",
        "CONCLUSIONS": "HO is common, and prolonged ventilation matters.",
    }
    tagged = tag_one(record(text, title="Heterotopic ossification after intensive care"))
    places = [m for m in tagged.mentions if m.text.lower() == "prolonged ventilation"]
    assert len(places) == 2


@pytest.mark.parametrize(
    ("sentence", "event"),
    [
        ("The posterior approach reduced the risk of gait trouble and of obesity.", True),
        ("The rate of obesity was 3%.", True),
        ("Obesity, however, was rarer in the anterior group.", True),
        ("Obesity was more frequent among patients with HO.", False),
        ("Obesity was commoner in cases than in controls.", False),
        ("Obesity raised the risk of HO.", False),
    ],
)
def test_what_happens_more_or_less_often_is_no_factor(sentence: str, event: bool) -> None:
    context, span = factor(sentence.replace("Obesity", "obesity"))
    assert is_event(context, span) == event


LEVELS = {"DAA": "risk factor", "LA": "risk factor", "HO": "outcome", "infection": "outcome"}


@pytest.mark.parametrize(
    ("sentence", "owner"),
    [
        ("No difference was seen in infection (OR 0.98) and HO [12% vs 26% (OR 0.46; 95% CI 0.2-1.1)] between the DAA "
         "and LA groups.", "DAA"),
        ("Between LA and DAA infection (OR 0.98) and HO (OR 0.46; 95% CI 0.2-1.1) did not differ.", "LA"),
        ("DAA had less infection (OR 0.98) and HO (OR 0.46; 95% CI 0.2-1.1) than LA.", None),
        ("HO (OR 0.46; 95% CI 0.2-1.1) did not differ between the DAA and LA groups.", None),
    ],
)  # fmt: skip
def test_the_ratio_of_a_list_of_outcomes_is_told_of_the_first_arm(sentence: str, owner: str | None) -> None:
    found = ratios_of_two_arms(context_of(sentence, LEVELS), 1)
    assert [span.text for span in found.values()] == ([owner] if owner else [])


def test_a_p_of_a_pair_belongs_to_that_pair_alone() -> None:
    text = (
        "HO was rarer with drug A; differences between the combined group and others (p = 0.002) and between drug A "
        "and placebo (p = 0.045) were significant."
    )
    context = context_of(text, DRUGS)
    pairs = {e.p_value: {span.text for span in a.spans} for e, a in allowed_links(context, 1).items()}
    assert pairs == {"0.002": set(), "0.045": {"drug A", "placebo"}}


def test_an_estimate_is_of_the_outcomes_of_its_own_clause() -> None:
    text = "With drug A recurrence was the same (p = 0.67); the HO that was left had not grown (p = 0.29)."
    context = context_of(text, DRUGS)
    pairs = [Pair(named(context, "drug A"), named(context, name), "here") for name in ("HO", "recurrence")]
    links = {estimate: named(context, "drug A") for estimate in context.estimates[1]}
    effects = with_estimates(context, [Effect(pair, "no difference", 0.5, None) for pair in pairs], links)
    given = {e.pair.outcome.text: e.estimate.p_value for e in effects if e.estimate}
    assert given == {"recurrence": "0.67", "HO": "0.29"}


@pytest.mark.parametrize(
    ("title", "compared"),
    [
        ("Effect of drug A combined with drug B on bone", False),
        ("Drug A plus drug B against bone", False),
        ("Drug A or drug B against bone", True),
        ("Drug A combined with drug B versus drug B alone", True),
    ],
)
def test_what_is_given_together_is_not_compared(title: str, compared: bool) -> None:
    context = context_of("HO was rare.", DRUGS, title.replace("Drug", "drug"))
    assert bool(record_arms(context).pairs) == compared


@pytest.mark.parametrize(
    ("title", "compared"),
    [
        ("drug A versus drug B after excision", ["drug A", "drug B"]),
        ("Excision, then drug A or drug B", ["drug A", "drug B"]),
        ("Drug A or no drug A after excision", ["Drug A", "no drug A"]),
        ("drug A, drug B or radiotherapy", None),
        ("drug A plus radiotherapy versus drug B", None),
        ("drug A plus drug B or no radiotherapy", None),
        ("drug A after excision or no radiotherapy", None),
    ],
)
def test_of_more_than_two_treatments_two_are_compared_where_the_words_say_so(
    title: str, compared: list[str] | None
) -> None:
    mine = ["Drug A", "no drug A", "drug A", "drug B", "excision", "Excision", "no radiotherapy", "radiotherapy"]
    named = [
        name for name in mine if name in title and not any(name in other != name and other in title for other in mine)
    ]
    context = context_of("Ossicles were rare.", dict.fromkeys(named, "intervention"), title)
    pairs = [[one.text, other.text] for one, other in record_arms(context).pairs]
    assert pairs == ([] if compared is None else [compared])


def test_a_ratio_after_several_outcomes_is_of_the_disease() -> None:
    text = (
        "HO was seen in 71 elbows; the score fell by 14 points. In all, drug A did nothing (OR 0.81, 95% CI 0.43-1.52)."
    )
    context = context_of(text, {**DRUGS, "score": "outcome"})
    [estimate] = context.estimates[2]
    outcomes = {1: [span for span in context.spans if span.kind == "outcome"]}
    assert [span.text for span in outcomes_for(context, outcomes, 2, estimate)] == ["HO"]


def test_a_sentence_with_a_ratio_of_the_disease_has_somebody_whom_it_is_told_of() -> None:
    text = (
        "The proximal ulna fracture was in all likelihood negatively correlated with HO (OR, 0.31; 95% CI, 0.12-0.78)."
    )
    tagged = tag_one(record(text, title="Heterotopic ossification after elbow trauma: a meta-analysis"))
    assert {(f.direction, f.estimate.value) for f in tagged.findings if "ulna" in f.subject_text} == {
        ("decreases", 0.31)
    }


def test_a_factor_speaks_where_it_was_not_held_constant() -> None:
    context = context_of("HO was commoner with obesity. Age mattered after adjusting for obesity.", FACTOR)
    told, held = (span for span in context.spans if span.text == "obesity")
    assert not_held(context, [told, held]) == [told]
    assert not_held(context, [held]) == [held]


def test_an_interval_between_two_events_is_no_course_of_a_treatment() -> None:
    names = {"radiotherapy": "intervention", "HO": "outcome", "age": "risk factor"}
    text = {
        "METHODS": "All had radiotherapy.",
        "RESULTS": "HO was unrelated to age and the interval from injury to surgery.",
    }
    context = context_of(text, names)
    assert says_nothing(context, Pair(named(context, "radiotherapy"), named(context, "HO"), "main"))
    moved = context_of(text | {"RESULTS": "HO fell from 20 to 5%, unrelated to age."}, names)
    assert not says_nothing(moved, Pair(named(moved, "radiotherapy"), named(moved, "HO"), "main"))


@pytest.mark.parametrize(
    ("sentence", "nothing"),
    [
        ("Matching was for age, obesity, and HO before.", True),
        ("Three contexts of HO are recognized, namely burns, obesity, and wounds.", True),
        ("There were 108 cases, obesity and HO; 27 had fever.", True),
        ("HO is a hallmark of obesity.", False),
        ("HO was seen in 40 % with obesity and 20 % without it.", False),
        ("Obesity-induced HO was seen, obesity.", False),
        ("HO could be foretold from obesity.", False),
    ],
)
def test_what_is_only_named_beside_the_disease_is_not_told(sentence: str, nothing: bool) -> None:
    context, span = factor(sentence)
    assert relates_nothing(context, [span]) == nothing


def test_the_words_of_a_name_tell_nothing_but_those_of_a_mutation() -> None:
    text = "Hips had an increased load. All had a mutation."
    context = context_of(text, {"increased load": "risk factor", "mutation": "risk factor"})
    assert [relates_nothing(context, [span]) for span in context.spans] == [True, False]
    assert not relates_nothing(context, context.spans)


def test_what_a_title_names_the_record_is_about() -> None:
    context = context_of("Hips with obesity were seen.", FACTOR, title="Obesity, obesity and HO")
    assert [relates_nothing(context, [span]) for span in context.spans if span.text == "obesity"] == [False, True]


@pytest.mark.parametrize(
    "sentence",
    [
        "Many factors have been incriminated, fever and obesity among them.",
        "Fever and obesity have to be avoided.",
        "That could be why HO was commoner with obesity.",
        "We expected HO more often with obesity.",
    ],
)
def test_more_words_of_a_guess(sentence: str) -> None:
    assert is_guess(*factor(sentence))


@pytest.mark.parametrize(
    "sentence",
    ["Data are given on what part obesity may have in HO.", "We set out to examine the role of obesity in HO."],
)
def test_what_part_a_factor_has_is_asked(sentence: str) -> None:
    assert is_asked(*factor(sentence))


@pytest.mark.parametrize(
    ("sentence", "no_cause"),
    [
        ("Surveillance: routine monitoring of weight, fever, and obesity.", True),
        ("It is a drug against gout and obesity, but whether it helps in HO is open.", True),
        ("It can lead to complications of many kinds, among them fever, obesity, and pain.", True),
        ("Causes of death in those with HO were failure (54%; median age, 42 years) and obesity (15%).", True),
        ("Fever and obesity were not significantly correlated (p = 0.4).", True),
        ("In men obesity and fever were not significantly correlated (p = 0.4).", True),
        ("In men obesity and HO were not significantly correlated (p = 0.4).", False),
        ("Obesity, obesity and it did not correlate with age.", False),
        ("In men obesity was not correlated with immobility.", False),
        ("In men obesity and age were comparable.", True),
        ("In men obesity and age were comparable with those of women.", False),
        ("A drug against gout is given where obesity causes HO.", False),
        ("It can lead to pain, increases with age and is worse with obesity.", False),
    ],
)
def test_what_is_watched_treated_or_a_consequence_is_no_cause(sentence: str, no_cause: bool) -> None:
    assert is_no_cause(*factor(sentence)) == no_cause


@pytest.mark.parametrize(
    ("name", "tool"),
    [("Abc1 promoter", True), ("Abc-iPSCs", True), ("Abc1-creERT", True), ("Abc1", False), ("creatine", False)],
)
def test_tools_of_the_laboratory_are_no_causes(name: str, tool: bool) -> None:
    context = context_of(f"Cells with {name} took part in HO.", {name: "risk factor"})
    assert is_no_cause(context, context.spans[0]) == tool
