"""Names and sentences that made-up articles are put together from; data only."""

#: Concepts of each kind, narrower ones indented.
CONCEPT_TREE = {
    "intervention": """
NSAIDs
  nonselective NSAIDs
    indomethacin
    ibuprofen
    naproxen
    diclofenac
  COX-2 selective NSAIDs
    celecoxib
    etoricoxib
radiotherapy
  single-dose radiotherapy
  fractionated radiotherapy
  preoperative radiotherapy
surgical excision
  early excision
bisphosphonates
  etidronate
  alendronate
  pamidronate
placebo
no prophylaxis
palovarotene
garetosmab
rapamycin
physiotherapy
""",
    "risk factor": """
patient trait
  male sex
  age
  obesity
previous HO
spasticity
pressure ulcer
surgical approach
  Kocher-Langenbeck approach
  lateral approach
delay to surgery
long ventilation
ankylosing spondylitis
DISH
ACVR1 R206H
alkaline phosphatase
""",
    "outcome": """
HO occurrence
  HO incidence
  severe HO
  recurrence
  HO volume
Brooker classification
range of motion
  hip flexion
  elbow flexion-extension
pain
function score
  Harris hip score
  MEPS
harm
  gastrointestinal bleeding
  nonunion
  wound complication
reoperation
flare-ups
""",
    "site": """
hip
elbow
knee
shoulder
spine
ankle
hand
jaw
generalised
""",
    "aetiology": """
arthroplasty
fracture/trauma
spinal cord injury
traumatic brain injury
burn
amputation
genetic
arthroscopy
""",
    "diagnostic test": """
radiograph
CT
MRI
bone scan
ultrasound
""",
    "mechanism": """
BMP signalling
TGF-beta
ACVR1
HIF-1alpha
mTOR
macrophages
""",
}
#: How many further, rarely used concepts each kind gets.
FILLER = {
    "intervention": 150,
    "risk factor": 130,
    "outcome": 90,
    "site": 8,
    "aetiology": 8,
    "diagnostic test": 20,
    "mechanism": 40,
}
#: Study design, how often, evidence level.
DESIGNS = (
    ("cohort", 26, "3"),
    ("case report", 20, "5"),
    ("case series", 14, "4"),
    ("review", 12, None),
    ("animal study", 8, None),
    ("randomized controlled trial", 5, "2"),
    ("case-control", 4, "3"),
    ("systematic review", 3, "1"),
    ("meta-analysis", 2, "1"),
    ("cross-sectional", 3, "4"),
    ("in vitro study", 2, None),
    ("non-randomized trial", 1, "3"),
    ("other", 2, None),
)
SENTENCES = (
    "Heterotopic ossification remains a frequent complication after injury, and _ was examined with respect to _ here.",
    "Patients were followed for a mean of two years with radiographs read by two observers who did not know about _.",
    "The frequency of heterotopic ossification was lower with _ than with _, and the interval excluded no effect on _.",
    "No association was seen between _ and _ after adjustment for age, sex and the length of the operation.",
    "We reviewed the records of all consecutive patients treated at one centre for ectopic bone and noted _.",
    "In the multivariable model _ stayed associated with heterotopic bone formation, whereas _ did not.",
    "Function improved in both groups, the difference in motion was small, and complications were rare.",
    "Ectopic bone was seen in about a third of the hips; most of it was low grade and gave no complaints related to _.",
    "Further studies with longer follow-up are needed before _ can be recommended for routine use against _.",
    "Heterotopic ossification was graded on radiographs at six weeks, six months and one year.",
)
AUTHORS = tuple(
    (last, initials)
    for last in "Berg Costa Dvorak Eriksen Fischer Garcia Hansen Ivanov Jansen Kim Lopez Moreau Novak Okafor Petrov "
    "Quist Rossi Sato Tanaka Ueda Varga Weber Xu Yilmaz Zhang O'Neill".split()
    for initials in ("A", "B", "CD", "JP", "M")
)
JOURNALS = (
    "International orthopaedics",
    "The Journal of arthroplasty",
    "Clinical orthopaedics and related research",
    "Injury",
    "Spinal cord",
    "Bone",
    "Journal of orthopaedic trauma",
    "Burns",
    *(f"Made-up journal {number}" for number in range(1, 700)),
)
