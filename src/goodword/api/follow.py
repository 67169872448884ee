"""What leads on from an answer: OpenAPI's links from what was made or listed to what may be asked of it next."""

from __future__ import annotations

from typing import Any

_LISTED = "$response.body#/data/0/id"
_MADE = "$response.body#/id"

LINKS: dict[str, dict[str, tuple[str, str]]] = {
    "record_event": {"get_event": ("event_id", "$response.body#/inserted/0")},
    "record_events": {"get_event": ("event_id", "$response.body#/inserted/0")},
    "segment_track": {"get_event": ("event_id", "$response.body#/inserted/0")},
    "upsert_participant": dict.fromkeys(
        (
            "get_participant",
            "list_participant_referrals",
            "list_participant_rewards",
            "get_participant_balances",
            "get_participant_entitlements",
            "merge_participant",
            "export_participant",
        ),
        ("participant_id", "$response.body#/participant/id"),
    ),
    "list_participants": {"get_participant": ("participant_id", _LISTED)},
    "upsert_account": {"get_account": ("account_id", "$response.body#/account/id")},
    "list_accounts": {"get_account": ("account_id", _LISTED)},
    "submit_referral": dict.fromkeys(
        ("get_referral", "qualify_referral", "win_referral", "lose_referral", "disqualify_referral"),
        ("referral_id", "$response.body#/referral/id"),
    ),
    "list_referrals": dict.fromkeys(("get_referral", "open_opportunity_referral"), ("referral_id", _LISTED)),
    "list_rewards": dict.fromkeys(
        ("get_reward", "approve_reward", "reject_reward", "issue_reward", "redeem_reward", "fail_reward"),
        ("reward_id", _LISTED),
    ),
    "list_events": {"get_event": ("event_id", _LISTED)},
    "list_decisions": {"get_decision": ("decision_id", _LISTED)},
    "list_statements": {"get_statement": ("statement_id", _LISTED)},
    "list_programs": dict.fromkeys(
        ("get_program", "get_program_document", "list_program_versions"), ("program", "$response.body#/data/0/key")
    ),
    "publish_program": {"get_program": ("program", "$response.body#/program")},
    "create_backtest": dict.fromkeys(("get_backtest", "cancel_backtest"), ("backtest_id", _MADE)),
    "create_import": dict.fromkeys(("get_import", "list_import_report", "act_on_import"), ("import_id", _MADE)),
    "create_simulation": dict.fromkeys(("get_simulation", "cancel_simulation"), ("simulation_id", _MADE)),
    "save_draft": dict.fromkeys(("get_draft", "submit_draft", "discard_draft"), ("draft_id", _MADE)),
    "create_key": dict.fromkeys(("get_key", "rotate_key", "revoke_key"), ("key_id", _MADE)),
    "list_keys": {"get_key": ("key_id", _LISTED)},
}
"""By operation: what may follow, which of its parameters is given, and where in the answer it stands."""


def links(operation: str) -> dict[str, Any]:
    """OpenAPI's links of one operation's good answers."""
    return {
        name: {"operationId": name, "parameters": {parameter: place}}
        for name, (parameter, place) in LINKS.get(operation, {}).items()
    }
