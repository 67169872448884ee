"""Who may ask what: one table of every route, and nothing else decides.

A secret key may do what its scopes say. A publishable key lies open in a browser, and alone may do what concerns
nobody. A participant token, alone or with a publishable key, speaks for one person, who sees and does only their own:
the routes under /v1/me and no others. A route that is not in the table cannot be served.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """What one route asks of its caller. `scope` is what a secret key needs, '' for none in particular."""

    scope: str = ""
    secret: bool = True
    publishable: bool = False
    person: bool = False
    public: bool = False
    """Nobody is asked who they are."""
    basic: bool = False
    """A key may also come by Basic authentication, as the user's name."""

    def security(self) -> list[dict[str, list[str]]]:
        """The same as OpenAPI says it: any one of these."""
        if self.public:
            return []
        ways: list[dict[str, list[str]]] = []
        if self.secret:
            ways.append({"SecretKey": [self.scope] if self.scope else []})
        if self.publishable:
            ways.append({"PublishableKey": []})
        if self.basic:
            ways.append({"BasicKey": []})
        if self.person:
            ways += [{"ParticipantToken": []}, {"PublishableKey": [], "TokenHeader": []}]
        return ways

    def needs(self) -> str:
        """One sentence for the reference."""
        if self.public:
            return "Needs no key."
        who = []
        if self.secret:
            who.append(f"a secret key with the scope `{self.scope}`" if self.scope else "any secret key")
        if self.publishable:
            who.append("a publishable key")
        if self.person:
            who.append("a participant token")
        return f"Needs {' or '.join(who)}."


def _scope(name: str, *operations: str) -> dict[str, Access]:
    return dict.fromkeys(operations, Access(name))


ROUTES: dict[str, Access] = {
    "get_program_schema": Access(public=True),
    "get_workspace": Access(),
    **_scope("workspace:read", "get_summary"),
    **_scope("workspace:write", "update_workspace", "list_workspace_changes"),
    **_scope("events:write", "record_event", "record_events"),
    **dict.fromkeys(
        (
            "segment_track",
            "segment_identify",
            "segment_page",
            "segment_screen",
            "segment_group",
            "segment_alias",
            "segment_batch",
            "segment_import",
        ),
        Access("events:write", publishable=True, basic=True),
    ),
    **_scope("events:read", "list_events", "get_event", "list_aside"),
    **_scope("events:write", "retry_aside"),
    **_scope(
        "participants:read",
        "list_participants",
        "get_participant",
        "get_participant_entitlements",
        "list_participant_terms",
        "get_participant_running",
        "get_participant_erasure",
        "export_participant",
        "list_accounts",
        "get_account",
    ),
    **_scope("participants:write", "upsert_participant", "merge_participant", "split_participant", "upsert_account"),
    **_scope("participants:erase", "erase_participant"),
    **_scope("referrals:read", "list_claims", "get_claim"),
    **_scope("referrals:write", "make_claim", "approve_claim", "reject_claim"),
    **_scope("referrals:read", "list_referrals", "get_referral", "list_participant_referrals"),
    **_scope(
        "referrals:write",
        "submit_referral",
        "qualify_referral",
        "open_opportunity_referral",
        "win_referral",
        "lose_referral",
        "disqualify_referral",
    ),
    **_scope("rewards:write", "approve_reward", "reject_reward", "issue_reward", "redeem_reward", "fail_reward"),
    **_scope("rewards:read", "list_rewards", "get_reward", "list_participant_rewards"),
    **_scope("referrals:read", "export_referrals"),
    **_scope("rewards:read", "export_rewards"),
    **_scope("ledger:read", "export_ledger"),
    **_scope("decisions:read", "list_decisions", "get_decision"),
    **_scope(
        "ledger:read",
        "get_participant_balances",
        "list_ledger_accounts",
        "get_trial_balance",
        "list_statements",
        "get_statement",
    ),
    **_scope(
        "programs:read",
        "list_programs",
        "get_program",
        "get_program_document",
        "list_program_versions",
        "get_program_version",
        "get_program_changes",
        "get_contest",
        "list_program_migrations",
        "preview_program_migration",
        "validate_program",
        "diff_program",
        "list_backtests",
        "get_backtest",
        "list_backtest_people",
        "list_backtest_decisions",
        "export_backtest",
        "list_drafts",
        "get_draft",
        "list_simulations",
        "get_simulation",
        "export_simulation",
    ),
    **_scope(
        "programs:write",
        "publish_program",
        "pause_program",
        "resume_program",
        "end_program",
        "migrate_program",
        "undo_program_migration",
        "create_backtest",
        "cancel_backtest",
        "save_draft",
        "submit_draft",
        "approve_draft",
        "send_back_draft",
        "discard_draft",
        "publish_draft",
        "create_simulation",
        "cancel_simulation",
    ),
    **_scope(
        "links:read",
        "list_links",
        "get_link",
        "get_link_qr_svg",
        "get_link_qr_png",
        "get_code",
        "list_clicks",
        "get_click",
    ),
    "check_code": Access("links:read", publishable=True),
    **_scope("links:write", "create_link", "update_link"),
    **_scope(
        "imports:write",
        "create_import",
        "list_imports",
        "get_import",
        "list_import_report",
        "export_import_report",
        "act_on_import",
        "list_import_mappings",
    ),
    **_scope("keys:admin", "list_keys", "create_key", "get_key", "rotate_key", "revoke_key"),
    **dict.fromkeys(
        (
            "get_me",
            "identify_me",
            "list_my_links",
            "create_my_link",
            "list_my_referrals",
            "submit_my_referral",
            "list_my_claims",
            "make_my_claim",
            "list_my_rewards",
            "get_my_balances",
            "list_my_movements",
            "list_my_statements",
            "get_my_entitlements",
            "get_my_running",
            "redeem_my_points",
            "list_my_terms",
            "accept_my_terms",
        ),
        Access(secret=False, person=True),
    ),
}
"""Every operation by its id."""


def of(operation: str) -> Access:
    """What a route asks of its caller. Raises `KeyError` for one that the table does not have."""
    if operation not in ROUTES:
        raise KeyError(f"{operation} is not in the table of api/access.py: say there who may call it")
    return ROUTES[operation]
