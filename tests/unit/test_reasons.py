"""The texts of reason codes."""

from __future__ import annotations

from goodword.domain.reasons import REASONS, participant_text, staff_text


def test_every_code_has_a_text_for_staff_and_a_sentence_for_the_participant() -> None:
    for code, reason in REASONS.items():
        assert code.replace("_", "").isalpha()
        assert reason.staff
        assert not reason.staff.endswith(".")
        assert reason.participant.endswith(".")
        assert (staff_text(code), participant_text(code)) == (reason.staff, reason.participant)


def test_a_documents_own_code_reads_as_its_words_and_tells_the_participant_no_more() -> None:
    assert staff_text("outside_icp") == "Outside icp"
    assert participant_text("outside_icp") == "There is no reward for this."
