"""A trial has one number, however it is printed; what stands for a number to come is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.pubmed.values.registries import databank_number, find_registry_numbers, may_hold_registry_number


@pytest.mark.parametrize(
    ("printed", "registry", "number"),
    [
        ("nct01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT 01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT-01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT: 01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT#01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT number: NCT01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("NCT No. 01234571", "ClinicalTrials.gov", "NCT01234571"),
        ("isrctn12345679", "ISRCTN", "ISRCTN12345679"),
        ("ISRCTN: ISRCTN12345679", "ISRCTN", "ISRCTN12345679"),
        ("chictr1800012345", "ChiCTR", "ChiCTR1800012345"),
        ("ChiCTR-1800012345", "ChiCTR", "ChiCTR1800012345"),
        ("ChiCTR-trc-13003412", "ChiCTR", "ChiCTR-TRC-13003412"),
        ("CHICTR-IPR-15006812", "ChiCTR", "ChiCTR-IPR-15006812"),
        ("ITMCTR2022000012", "ITMCTR", "ITMCTR2022000012"),
        ("EU CT number 2022-501234-12-00", "CTIS", "2022-501234-12-00"),
        ("EU CT 2022-501234-12-00", "CTIS", "2022-501234-12-00"),
        ("EUCT: 2023-503456-11-02", "CTIS", "2023-503456-11-02"),
        ("EU CT number 2022-501234-12", "CTIS", "2022-501234-12-00"),
        ("EudraCT No. 2004–000446–20", "EudraCT", "2004-000446-20"),
        ("EUCTR2004-000446-20-GB", "EudraCT", "2004-000446-20"),
        ("2022-001234-12", "EudraCT", "2022-001234-12"),
        ("ACTRN 12605000013606", "ANZCTR", "ACTRN12605000013606"),
        ("ANZCTR12605000013606", "ANZCTR", "ACTRN12605000013606"),
        ("actrn12605000013606p", "ANZCTR", "ACTRN12605000013606"),
        ("drks00012345", "DRKS", "DRKS00012345"),
        ("DRKS-ID: DRKS00012345", "DRKS", "DRKS00012345"),
        ("UMIN-CTR 000012346", "UMIN-CTR", "UMIN000012346"),
        ("UMIN CTR: UMIN000012346", "UMIN-CTR", "UMIN000012346"),
        ("UMIN-CTR ID: UMIN000012346", "UMIN-CTR", "UMIN000012346"),
        ("JPRN-UMIN000012346", "UMIN-CTR", "UMIN000012346"),
        ("umin000012346", "UMIN-CTR", "UMIN000012346"),
        ("JapicCTI142345", "JapicCTI", "JapicCTI-142345"),
        ("JPRN-JapicCTI-142345", "JapicCTI", "JapicCTI-142345"),
        ("JMA-IIA00123", "JMACCT", "JMA-IIA00123"),
        ("JPRN-JMA-IIA00123", "JMACCT", "JMA-IIA00123"),
        ("JRCTS031180001", "jRCT", "jRCTs031180001"),
        ("jRCT1031180001", "jRCT", "jRCT1031180001"),
        ("JPRN-jRCTs031180001", "jRCT", "jRCTs031180001"),
        ("CTRI/2012/05/002658", "CTRI", "CTRI/2012/05/002658"),
        ("ctri-2012-05-002658", "CTRI", "CTRI/2012/05/002658"),
        ("NL-OMON12345", "NL-OMON", "NL-OMON12345"),
        ("NL1234", "NTR", "NL1234"),
        ("NTR NL1234", "NTR", "NL1234"),
        ("NTR 1234", "NTR", "NTR1234"),
        ("NTR-1234", "NTR", "NTR1234"),
        ("irct20130812014333n9", "IRCT", "IRCT20130812014333N9"),
        ("KCT 0001234", "CRiS", "KCT0001234"),
        ("PACTR201105000123456", "PACTR", "PACTR201105000123456"),
        ("RBR-8Z9WQH", "ReBec", "RBR-8z9wqh"),
        ("TCTR20160225001", "TCTR", "TCTR20160225001"),
        ("SLCTR/2012/003", "SLCTR", "SLCTR/2012/003"),
        ("RPCEC00000123", "RPCEC", "RPCEC00000123"),
        ("PER-010-19", "REPEC", "PER-010-19"),
        ("LBCTR2019030219", "LBCTR", "LBCTR2019030219"),
        ("CRD 42020123456", "PROSPERO", "CRD42020123456"),
        ("crd42020123456", "PROSPERO", "CRD42020123456"),
    ],
)
def test_every_form_of_a_number_is_one_number(printed: str, registry: str, number: str) -> None:
    for text in (printed, f"(registered: {printed})", f"No {printed}. Funding: none."):
        assert may_hold_registry_number(text)
        assert [(n.registry, n.number) for n in find_registry_numbers(text, "abstract")] == [(registry, number)]
    [(kept)] = find_registry_numbers(number, "abstract")
    assert (kept.registry, kept.number) == (registry, number)


def test_a_number_in_two_forms_counts_once() -> None:
    text = "UMIN-CTR 000012346 (UMIN000012346, JPRN-UMIN000012346); nct01234571 and NCT 01234571"
    assert [n.number for n in find_registry_numbers(text, "abstract")] == ["UMIN000012346", "NCT01234571"]


@pytest.mark.parametrize(
    "text",
    [
        "NCT00000000 and ISRCTN00000000",
        "NCT12345678",
        "NCT99999999",
        "NCTXXXXXXXX",
        "ISRCTN11111111",
        "UMIN000000000",
        "ChiCTR0000000000",
        "CTRI/0000/00/000000",
        "DRKS00000000",
        "NTR0000",
        "HCoV-NL63 and pNL4-3",
        "file NL12345.041.06",
        "paper-010-19",
        "PER-010-195",
        "center 1234 and control 12345",
        "2004-000446-201",
        "tel. 2004-0004-20",
    ],
)
def test_placeholders_and_other_numbers_are_none(text: str) -> None:
    assert find_registry_numbers(text, "abstract") == []


def test_data_banks_give_the_same_form() -> None:
    for bank, accession, expected in [
        ("ClinicalTrials.gov", "nct01234571", ("ClinicalTrials.gov", "NCT01234571")),
        ("JPRN", "JPRN-UMIN000012347", ("UMIN-CTR", "UMIN000012347")),
        ("GENBANK", "AF123456", ("GENBANK", "AF123456")),
        ("figshare", "10.6084/m9.figshare.1", ("figshare", "10.6084/m9.figshare.1")),
    ]:
        number = databank_number(bank, accession)
        assert number is not None
        assert (number.registry, number.number, number.found_in) == (*expected, "databank")
    assert databank_number("ClinicalTrials.gov", "NCT00000000") is None


@given(st.text(st.sampled_from("NCTISRUMLPEOD-/ 0123456789nctl")))
def test_a_found_number_is_found_again_as_itself(text: str) -> None:
    for number in find_registry_numbers(text, "title"):
        assert find_registry_numbers(number.number, "title") == [number]
