"""What a document of each kind may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from goodword.domain.faults import ProgramError
from goodword.domain.program import read
from support.documents import self_serve, thanks
from support.loyalty import MUG, earns, shop

LIMIT = {"per": "participant", "count": 1}


def without(document: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != part}


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (without(self_serve(), "lifecycle"), "lifecycle", "how a referral moves"),
        (self_serve(units=["points"], catalogue=[dict(MUG)]), "catalogue", "kind loyalty"),
        (self_serve(rewards=[thanks(on="referral.close_won")]), "rewards.0.on", "did you mean referral.closed_won?"),
        (self_serve(rewards=[thanks(to="participant")]), "rewards.0.to", "referrer or referred"),
        (self_serve(limits=[LIMIT]), "limits.0.per", "referrer, referred, account, program"),
        (shop(lifecycle={"flow": "sales"}), "lifecycle", "leave it out"),
        (shop(eligibility={}), "eligibility", "leave it out"),
        (shop(rewards=[earns(on="referral.closed_won")]), "rewards.0.on", "order.completed"),
        (shop(rewards=[earns(to="referrer")]), "rewards.0.to", "goes to the participant"),
        (shop(limits=[{"per": "account", "count": 1}]), "limits.0.per", "participant, program"),
        (shop(rewards=[earns(when="referrer.country == 'NO'")]), "rewards.0.when", "there is no referrer"),
        (
            shop(rewards=[earns(reverse={"on": ["a.b"], "when": "referral.state == 'x'"})]),
            "rewards.0.reverse.when",
            "there is no referral",
        ),
        (shop(catalogue=[{**MUG, "when": "referred.country == 'NO'"}]), "catalogue.0.when", "there is no referred"),
        (
            shop(
                campaigns=[
                    {"id": "c", "from": "2026-01-01", "to": "2026-01-02", "when": "referral.value > 1",
                     "rewards": {"order": {"add": 1}}},
                ]
            ),
            "campaigns.0.when",
            "there is no referral",
        ),
        (shop(catalogue=[{**MUG, "id": "order"}]), "catalogue.0.id", "used twice"),
        (shop(catalogue=[dict(MUG), dict(MUG)]), "catalogue.1.id", "used twice"),
        (shop(catalogue=[{**MUG, "unit": "pints"}]), "catalogue.0.unit", "did you mean points?"),
        (shop(units=["points", "stars"]), "catalogue.0.unit", "Units: points, stars"),
        (
            shop(catalogue=[{**MUG, "gift": {"type": "points", "amount": 1, "unit": "points"}}]),
            "catalogue.0.gift.type",
            "points do not buy points",
        ),
        (shop(catalogue=[{**MUG, "gift": {"type": "cash"}}]), "catalogue.0.gift.amount", "needs amount"),
    ],
)  # fmt: skip
def test_what_a_kind_does_not_have_is_refused_with_what_to_do(document: Any, path: str, words: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    [fault] = caught.value.faults
    assert (fault.path, words in fault.message) == (path, True), fault


def test_what_a_loyalty_programme_may_have_is_read() -> None:
    campaign = {"id": "c", "from": "2026-01-01", "to": "2026-01-02", "rewards": {"order": {"add": 1}}}
    limits = [LIMIT, {"per": "program", "count": 9, "rules": ["mug"]}]
    document, _ = read(shop(campaigns=[campaign], limits=limits, rewards=[earns(when="participant.country == 'NO'")]))
    assert document.catalogue[0].rule.give.name == "Mug"
