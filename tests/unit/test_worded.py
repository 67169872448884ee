"""Sentences that are told in the reader's language."""

from __future__ import annotations

from django.utils.translation import override

from goodword.engine.programs import NOT_LIVE, StateError
from goodword.store.worded import Worded


def test_a_refusal_is_english_where_it_is_written_down_and_the_readers_where_it_is_shown() -> None:
    refused = StateError(NOT_LIVE, key="simple")
    with override("da"):
        assert (str(refused), refused.said()) == ("No version of simple is live.", "Ingen version af simple er aktiv.")
    assert refused.said() == str(refused)


def test_a_finished_sentence_is_taken_as_it_is() -> None:
    refused = Worded("100% of %(this)s is somebody's own text")
    assert str(refused) == refused.said() == "100% of %(this)s is somebody's own text"
