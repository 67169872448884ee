"""A trace leaves the house with public ids, wherever it has some."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from goodword.domain import ids
from goodword.insight import traces

_IDS = [str(UUID(int=number)) for number in range(9)]
_KEPT: dict[str, Any] = {
    "referral": {"id": _IDS[0], "from": None, "to": "submitted"},
    "rewards": [
        {"rule": "r", "ok": True, "reward": _IDS[1], "participant": _IDS[2], "hold_until": "2026-01-02T03:04:05+00:00"},
        {"rule": "s", "ok": False, "reason": "cap_reached"},
    ],
    "contest": {"id": "c", "ranking": [{"place": 1, "participant": _IDS[3]}]},
    "merge": {"how": "email", "merged": _IDS[4], "survivor": None, "event": _IDS[5],
              "moves": [{"referral": _IDS[6], "to": "voided"}]},
    "spent": {"item": "mug", "lots": [{"reward": _IDS[7], "amount": 5}]},
    "checks": [{"code": "g", "ok": True, "read": {"referrer.traits.team": "red", "group": _IDS[8]}}],
    "kept_version": 2,
}  # fmt: skip


def test_no_inner_id_is_left_wherever_it_stood() -> None:
    shown = traces.public(_KEPT)
    assert not [id for id in _IDS if id in str(shown)]
    assert shown["spent"] == {"item": "mug", "lots": [{"reward": ids.public("rwd", _IDS[7]), "amount": 5}]}
    assert shown["merge"]["survivor"] is None
    assert shown["rewards"][0]["hold_until"] == "2026-01-02T03:04:05Z"
    assert shown["checks"] == [{"code": "g", "ok": True, "read": {"referrer.traits.team": "red"}}]
    assert (shown["kept_version"], shown["rewards"][1]) == (2, _KEPT["rewards"][1])


def test_a_contest_without_a_result_is_shown_as_it_is() -> None:
    assert traces.public({"contest": {"id": "c"}, "rewards": []}) == {"contest": {"id": "c"}, "rewards": []}
