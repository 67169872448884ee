# Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.
# mypy: disable-error-code="no-any-return"

"""Every operation of the API, awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

from goodword_client import types as t
from goodword_client._call import AsyncCaller, Call


class AsyncOperations(AsyncCaller):
    """One method for each operation; `idempotency_key` is made for you where you give none."""

    async def record_event(
        self,
        body: t.SentEvent,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.Recorded:
        """Record one event."""
        return await self._json(Call("POST", "/v1/events", query={"wait": wait}, body=body, key=idempotency_key))

    def list_events(
        self,
        *,
        event_id: str | None = None,
        source: str | None = None,
        participant: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Event]:
        """List events; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/events",
                query={
                    "event_id": event_id,
                    "source": source,
                    "participant": participant,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def record_events(
        self,
        body: t.SentBatch,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.Recorded:
        """Record up to 1,000 events."""
        return await self._json(Call("POST", "/v1/events/batch", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_event(self, event_id: str) -> t.Event:
        """Get an event with its decisions."""
        return await self._json(Call("GET", "/v1/events/{event_id}", path={"event_id": event_id}))

    def list_aside(self, *, limit: int | None = None, cursor: str | None = None) -> AsyncIterator[t.Aside]:
        """List what is set aside; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/aside", query={"limit": limit, "cursor": cursor}))

    async def retry_aside(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Retried:
        """Have what is set aside tried again."""
        return await self._json(Call("POST", "/v1/aside/retry", body=body, key=idempotency_key))

    def list_participants(
        self,
        *,
        external_id: str | None = None,
        email: str | None = None,
        account: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Participant]:
        """List participants; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/participants",
                query={
                    "external_id": external_id,
                    "email": email,
                    "account": account,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def upsert_participant(
        self,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ParticipantAct:
        """Make or change a participant."""
        return await self._json(Call("POST", "/v1/participants", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_participant(self, participant_id: str) -> t.Participant:
        """Get a participant."""
        return await self._json(
            Call("GET", "/v1/participants/{participant_id}", path={"participant_id": participant_id})
        )

    def list_participant_referrals(
        self,
        participant_id: str,
        *,
        side: Literal["referrer", "referred"] | None = None,
        test: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Referral]:
        """List a participant's referrals; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/participants/{participant_id}/referrals",
                path={"participant_id": participant_id},
                query={"side": side, "test": test, "limit": limit, "cursor": cursor},
            )
        )

    def list_participant_rewards(
        self,
        participant_id: str,
        *,
        test: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Reward]:
        """List a participant's rewards; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/participants/{participant_id}/rewards",
                path={"participant_id": participant_id},
                query={"test": test, "limit": limit, "cursor": cursor},
            )
        )

    async def get_participant_balances(self, participant_id: str, *, at: str | None = None) -> t.Balances:
        """Get a participant's balances."""
        return await self._json(
            Call(
                "GET",
                "/v1/participants/{participant_id}/balances",
                path={"participant_id": participant_id},
                query={"at": at},
            )
        )

    async def get_participant_entitlements(self, participant_id: str, *, at: str | None = None) -> t.Entitlements:
        """Get a participant's entitlements."""
        return await self._json(
            Call(
                "GET",
                "/v1/participants/{participant_id}/entitlements",
                path={"participant_id": participant_id},
                query={"at": at},
            )
        )

    async def list_participant_terms(self, participant_id: str) -> t.Acceptances:
        """List the terms a participant accepted."""
        return await self._json(
            Call("GET", "/v1/participants/{participant_id}/terms", path={"participant_id": participant_id})
        )

    async def get_participant_running(
        self,
        participant_id: str,
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        at: str | None = None,
    ) -> t.RunningList:
        """Get what runs for a participant."""
        return await self._json(
            Call(
                "GET",
                "/v1/participants/{participant_id}/running",
                path={"participant_id": participant_id},
                query={"locale": locale, "at": at},
            )
        )

    async def merge_participant(
        self,
        participant_id: str,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ParticipantAct:
        """Merge a participant into this one."""
        return await self._json(
            Call(
                "POST",
                "/v1/participants/{participant_id}/merge",
                path={"participant_id": participant_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def split_participant(
        self,
        participant_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ParticipantAct:
        """Take a merged participant apart again."""
        return await self._json(
            Call(
                "POST",
                "/v1/participants/{participant_id}/split",
                path={"participant_id": participant_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def erase_participant(
        self,
        participant_id: str,
        body: t.SentErasure,
        *,
        idempotency_key: str | None = None,
    ) -> t.ErasureReceipt:
        """Erase a participant."""
        return await self._json(
            Call(
                "POST",
                "/v1/participants/{participant_id}/erase",
                path={"participant_id": participant_id},
                body=body,
                key=idempotency_key,
            )
        )

    async def get_participant_erasure(self, participant_id: str) -> t.Erasure:
        """Get the receipt of an erasure."""
        return await self._json(
            Call("GET", "/v1/participants/{participant_id}/erasure", path={"participant_id": participant_id})
        )

    async def export_participant(self, participant_id: str) -> dict[str, Any]:
        """Export everything held about a participant."""
        return await self._json(
            Call("GET", "/v1/participants/{participant_id}/export", path={"participant_id": participant_id})
        )

    def list_referrals(
        self,
        *,
        program: str | None = None,
        state: Literal[
            "submitted",
            "qualified",
            "opportunity",
            "closed_won",
            "closed_lost",
            "disqualified",
            "nurture",
            "expired",
            "duplicate",
            "voided",
        ]
        | None = None,
        referrer: str | None = None,
        referred: str | None = None,
        external_id: str | None = None,
        test: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Referral]:
        """List referrals; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/referrals",
                query={
                    "program": program,
                    "state": state,
                    "referrer": referrer,
                    "referred": referred,
                    "external_id": external_id,
                    "test": test,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def submit_referral(
        self,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Submit a referral."""
        return await self._json(Call("POST", "/v1/referrals", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_referral(self, referral_id: str) -> t.Referral:
        """Get a referral."""
        return await self._json(Call("GET", "/v1/referrals/{referral_id}", path={"referral_id": referral_id}))

    async def qualify_referral(
        self,
        referral_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Qualify a referral."""
        return await self._json(
            Call(
                "POST",
                "/v1/referrals/{referral_id}/qualify",
                path={"referral_id": referral_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def open_opportunity_referral(
        self,
        referral_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Open the opportunity of a referral."""
        return await self._json(
            Call(
                "POST",
                "/v1/referrals/{referral_id}/open-opportunity",
                path={"referral_id": referral_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def win_referral(
        self,
        referral_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Win a referral."""
        return await self._json(
            Call(
                "POST",
                "/v1/referrals/{referral_id}/win",
                path={"referral_id": referral_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def lose_referral(
        self,
        referral_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Lose a referral."""
        return await self._json(
            Call(
                "POST",
                "/v1/referrals/{referral_id}/lose",
                path={"referral_id": referral_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def disqualify_referral(
        self,
        referral_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ReferralAct:
        """Disqualify a referral."""
        return await self._json(
            Call(
                "POST",
                "/v1/referrals/{referral_id}/disqualify",
                path={"referral_id": referral_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    def list_rewards(
        self,
        *,
        program: str | None = None,
        rule: str | None = None,
        state: Literal[
            "pending", "approved", "issued", "redeemed", "rejected", "cancelled", "expired", "reversed", "failed"
        ]
        | None = None,
        participant: str | None = None,
        referral: str | None = None,
        test: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Reward]:
        """List rewards; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/rewards",
                query={
                    "program": program,
                    "rule": rule,
                    "state": state,
                    "participant": participant,
                    "referral": referral,
                    "test": test,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def get_reward(self, reward_id: str) -> t.Reward:
        """Get a reward."""
        return await self._json(Call("GET", "/v1/rewards/{reward_id}", path={"reward_id": reward_id}))

    async def approve_reward(
        self,
        reward_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.RewardAct:
        """Approve a reward."""
        return await self._json(
            Call(
                "POST",
                "/v1/rewards/{reward_id}/approve",
                path={"reward_id": reward_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def reject_reward(
        self,
        reward_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.RewardAct:
        """Reject a reward."""
        return await self._json(
            Call(
                "POST",
                "/v1/rewards/{reward_id}/reject",
                path={"reward_id": reward_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def issue_reward(
        self,
        reward_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.RewardAct:
        """Say that a reward was handed over."""
        return await self._json(
            Call(
                "POST",
                "/v1/rewards/{reward_id}/issue",
                path={"reward_id": reward_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def redeem_reward(
        self,
        reward_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.RewardAct:
        """Say that a reward was used."""
        return await self._json(
            Call(
                "POST",
                "/v1/rewards/{reward_id}/redeem",
                path={"reward_id": reward_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def fail_reward(
        self,
        reward_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.RewardAct:
        """Say that a reward could not be handed over."""
        return await self._json(
            Call(
                "POST",
                "/v1/rewards/{reward_id}/fail",
                path={"reward_id": reward_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    def list_accounts(
        self,
        *,
        external_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Account]:
        """List accounts; every page of it, as you go on."""
        return self._pages(
            Call("GET", "/v1/accounts", query={"external_id": external_id, "limit": limit, "cursor": cursor})
        )

    async def upsert_account(
        self,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.AccountAct:
        """Make or change an account."""
        return await self._json(Call("POST", "/v1/accounts", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_account(self, account_id: str) -> t.Account:
        """Get an account."""
        return await self._json(Call("GET", "/v1/accounts/{account_id}", path={"account_id": account_id}))

    def list_decisions(
        self,
        *,
        event: str | None = None,
        participant: str | None = None,
        referral: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Decision]:
        """List decisions; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/decisions",
                query={
                    "event": event,
                    "participant": participant,
                    "referral": referral,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def get_decision(self, decision_id: str) -> t.Decision:
        """Get a decision."""
        return await self._json(Call("GET", "/v1/decisions/{decision_id}", path={"decision_id": decision_id}))

    async def list_ledger_accounts(
        self,
        *,
        participant: str | None = None,
        at: str | None = None,
    ) -> t.LedgerAccounts:
        """List ledger accounts."""
        return await self._json(Call("GET", "/v1/ledger/accounts", query={"participant": participant, "at": at}))

    async def get_trial_balance(self, *, at: str | None = None) -> t.TrialBalance:
        """Get the trial balance."""
        return await self._json(Call("GET", "/v1/ledger/trial-balance", query={"at": at}))

    def list_statements(
        self,
        *,
        program: str | None = None,
        participant: str | None = None,
        period: str | None = None,
        state: Literal["payable", "carried"] | None = None,
        format: Literal["json", "csv"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Statement]:
        """List statements of partners; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/statements",
                query={
                    "program": program,
                    "participant": participant,
                    "period": period,
                    "state": state,
                    "format": format,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def get_statement(
        self,
        statement_id: str,
        *,
        format: Literal["json", "csv"] | None = None,
    ) -> t.StatementWhole:
        """Get a statement with its movements."""
        return await self._json(
            Call("GET", "/v1/statements/{statement_id}", path={"statement_id": statement_id}, query={"format": format})
        )

    def list_programs(self, *, limit: int | None = None, cursor: str | None = None) -> AsyncIterator[t.Program]:
        """List programs; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/programs", query={"limit": limit, "cursor": cursor}))

    async def publish_program(
        self,
        body: t.ProgramSource | str,
        *,
        at: str | None = None,
        idempotency_key: str | None = None,
    ) -> t.ProgramVersion:
        """Publish a program."""
        return await self._json(
            Call("POST", "/v1/programs", query={"at": at}, body=body, key=idempotency_key, media="application/yaml")
        )

    async def validate_program(
        self,
        body: t.ProgramSource | str,
        *,
        idempotency_key: str | None = None,
    ) -> t.ValidProgram:
        """Check a program."""
        return await self._json(
            Call("POST", "/v1/programs/validate", body=body, key=idempotency_key, media="application/yaml")
        )

    async def diff_program(
        self,
        body: t.ProgramSource | str,
        *,
        against: int | None = None,
        idempotency_key: str | None = None,
    ) -> t.ProgramChanges:
        """Say what a document changes."""
        return await self._json(
            Call(
                "POST",
                "/v1/programs/diff",
                query={"against": against},
                body=body,
                key=idempotency_key,
                media="application/yaml",
            )
        )

    async def get_program_schema(self) -> dict[str, Any]:
        """Get the JSON Schema of a program."""
        return await self._json(Call("GET", "/v1/programs/schema"))

    async def get_program(self, program: str) -> t.Program:
        """Get a program."""
        return await self._json(Call("GET", "/v1/programs/{program}", path={"program": program}))

    async def get_program_document(self, program: str) -> t.ProgramDocument:
        """Get a program's live document."""
        return await self._json(Call("GET", "/v1/programs/{program}/document", path={"program": program}))

    def list_program_versions(
        self,
        program: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.ProgramVersion]:
        """List a program's versions; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/programs/{program}/versions",
                path={"program": program},
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def get_program_version(self, program: str, number: int) -> t.ProgramDocument:
        """Get a version with its document."""
        return await self._json(
            Call("GET", "/v1/programs/{program}/versions/{number}", path={"program": program, "number": number})
        )

    async def get_program_changes(self, program: str, number: int, *, against: int | None = None) -> t.ProgramChanges:
        """Say what a version changed."""
        return await self._json(
            Call(
                "GET",
                "/v1/programs/{program}/versions/{number}/changes",
                path={"program": program, "number": number},
                query={"against": against},
            )
        )

    async def get_contest(self, program: str, contest: str) -> t.Contest:
        """See how a contest stands."""
        return await self._json(
            Call("GET", "/v1/programs/{program}/contests/{contest}", path={"program": program, "contest": contest})
        )

    async def pause_program(
        self,
        program: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Program:
        """Pause a program."""
        return await self._json(
            Call("POST", "/v1/programs/{program}/pause", path={"program": program}, body=body, key=idempotency_key)
        )

    async def resume_program(
        self,
        program: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Program:
        """Resume a program."""
        return await self._json(
            Call("POST", "/v1/programs/{program}/resume", path={"program": program}, body=body, key=idempotency_key)
        )

    async def end_program(
        self,
        program: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Program:
        """End a program."""
        return await self._json(
            Call("POST", "/v1/programs/{program}/end", path={"program": program}, body=body, key=idempotency_key)
        )

    async def list_program_migrations(self, program: str) -> t.MigrationList:
        """List a program's migrations."""
        return await self._json(Call("GET", "/v1/programs/{program}/migrations", path={"program": program}))

    async def migrate_program(
        self,
        program: str,
        body: dict[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> t.Migration:
        """Move running referrals to a version."""
        return await self._json(
            Call("POST", "/v1/programs/{program}/migrations", path={"program": program}, body=body, key=idempotency_key)
        )

    async def preview_program_migration(
        self,
        program: str,
        body: dict[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> t.MigrationPreview:
        """See what a migration would do."""
        return await self._json(
            Call(
                "POST",
                "/v1/programs/{program}/migrations/preview",
                path={"program": program},
                body=body,
                key=idempotency_key,
            )
        )

    async def undo_program_migration(
        self,
        program: str,
        migration: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Migration:
        """Take a migration back."""
        return await self._json(
            Call(
                "POST",
                "/v1/programs/{program}/migrations/{migration}/undo",
                path={"program": program, "migration": migration},
                body=body,
                key=idempotency_key,
            )
        )

    async def create_backtest(self, body: t.SentBacktest, *, idempotency_key: str | None = None) -> t.Backtest:
        """Try a program on the past."""
        return await self._json(Call("POST", "/v1/backtests", body=body, key=idempotency_key))

    def list_backtests(
        self,
        *,
        program: str | None = None,
        state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Backtest]:
        """List backtests; every page of it, as you go on."""
        return self._pages(
            Call("GET", "/v1/backtests", query={"program": program, "state": state, "limit": limit, "cursor": cursor})
        )

    async def get_backtest(self, backtest_id: str) -> t.BacktestAnswer:
        """Get a backtest."""
        return await self._json(Call("GET", "/v1/backtests/{backtest_id}", path={"backtest_id": backtest_id}))

    async def cancel_backtest(self, backtest_id: str, *, idempotency_key: str | None = None) -> t.Backtest:
        """Cancel a backtest."""
        return await self._json(
            Call(
                "POST",
                "/v1/backtests/{backtest_id}/cancel",
                path={"backtest_id": backtest_id},
                body={},
                key=idempotency_key,
            )
        )

    def list_backtest_people(
        self,
        backtest_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.BacktestPerson]:
        """List who gains and loses; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/backtests/{backtest_id}/people",
                path={"backtest_id": backtest_id},
                query={"limit": limit, "cursor": cursor},
            )
        )

    def list_backtest_decisions(
        self,
        backtest_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.ChangedDecision]:
        """List changed decisions; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/backtests/{backtest_id}/decisions",
                path={"backtest_id": backtest_id},
                query={"limit": limit, "cursor": cursor},
            )
        )

    async def export_backtest(self, backtest_id: str, table: str) -> bytes:
        """Export a table of a backtest."""
        return await self._bytes(
            Call("GET", "/v1/backtests/{backtest_id}/{table}.csv", path={"backtest_id": backtest_id, "table": table})
        )

    def list_drafts(
        self,
        *,
        program: str | None = None,
        state: Literal["draft", "review", "approved", "published", "discarded"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Draft]:
        """List drafts; every page of it, as you go on."""
        return self._pages(
            Call("GET", "/v1/drafts", query={"program": program, "state": state, "limit": limit, "cursor": cursor})
        )

    async def save_draft(self, body: dict[str, Any] | str, *, idempotency_key: str | None = None) -> t.DraftWhole:
        """Save a draft."""
        return await self._json(Call("POST", "/v1/drafts", body=body, key=idempotency_key, media="application/yaml"))

    async def get_draft(self, draft_id: str) -> t.DraftWhole:
        """Get a draft."""
        return await self._json(Call("GET", "/v1/drafts/{draft_id}", path={"draft_id": draft_id}))

    async def submit_draft(
        self,
        draft_id: str,
        body: t.SentStep | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.DraftWhole:
        """Submit a draft for review."""
        return await self._json(
            Call("POST", "/v1/drafts/{draft_id}/submit", path={"draft_id": draft_id}, body=body, key=idempotency_key)
        )

    async def approve_draft(
        self,
        draft_id: str,
        body: t.SentStep | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.DraftWhole:
        """Approve a draft."""
        return await self._json(
            Call("POST", "/v1/drafts/{draft_id}/approve", path={"draft_id": draft_id}, body=body, key=idempotency_key)
        )

    async def send_back_draft(
        self,
        draft_id: str,
        body: t.SentStep | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.DraftWhole:
        """Send a draft back."""
        return await self._json(
            Call("POST", "/v1/drafts/{draft_id}/send-back", path={"draft_id": draft_id}, body=body, key=idempotency_key)
        )

    async def discard_draft(
        self,
        draft_id: str,
        body: t.SentStep | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.DraftWhole:
        """Discard a draft."""
        return await self._json(
            Call("POST", "/v1/drafts/{draft_id}/discard", path={"draft_id": draft_id}, body=body, key=idempotency_key)
        )

    async def publish_draft(
        self,
        draft_id: str,
        body: t.SentStep | None = None,
        *,
        at: str | None = None,
        idempotency_key: str | None = None,
    ) -> t.DraftWhole:
        """Publish an approved draft."""
        return await self._json(
            Call(
                "POST",
                "/v1/drafts/{draft_id}/publish",
                path={"draft_id": draft_id},
                query={"at": at},
                body=body,
                key=idempotency_key,
            )
        )

    async def create_simulation(self, body: t.SentSimulation, *, idempotency_key: str | None = None) -> t.Simulation:
        """Play a program forward."""
        return await self._json(Call("POST", "/v1/simulations", body=body, key=idempotency_key))

    def list_simulations(
        self,
        *,
        program: str | None = None,
        state: Literal["waiting", "running", "done", "failed", "cancelled"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Simulation]:
        """List simulations; every page of it, as you go on."""
        return self._pages(
            Call("GET", "/v1/simulations", query={"program": program, "state": state, "limit": limit, "cursor": cursor})
        )

    async def get_simulation(self, simulation_id: str) -> t.SimulationAnswer:
        """Get a simulation."""
        return await self._json(Call("GET", "/v1/simulations/{simulation_id}", path={"simulation_id": simulation_id}))

    async def cancel_simulation(self, simulation_id: str, *, idempotency_key: str | None = None) -> t.Simulation:
        """Cancel a simulation."""
        return await self._json(
            Call(
                "POST",
                "/v1/simulations/{simulation_id}/cancel",
                path={"simulation_id": simulation_id},
                body={},
                key=idempotency_key,
            )
        )

    async def export_simulation(self, simulation_id: str) -> bytes:
        """Export the figures of a simulation."""
        return await self._bytes(
            Call("GET", "/v1/simulations/{simulation_id}/figures.csv", path={"simulation_id": simulation_id})
        )

    async def export_rewards(
        self,
        *,
        program: str | None = None,
        state: Literal[
            "pending", "approved", "issued", "redeemed", "rejected", "cancelled", "expired", "reversed", "failed"
        ]
        | None = None,
        test: bool | None = None,
        format: Literal["jsonl", "csv"] | None = None,
    ) -> bytes:
        """Export rewards."""
        return await self._bytes(
            Call(
                "GET", "/v1/exports/rewards", query={"program": program, "state": state, "test": test, "format": format}
            )
        )

    async def export_referrals(
        self,
        *,
        program: str | None = None,
        state: Literal[
            "submitted",
            "qualified",
            "opportunity",
            "closed_won",
            "closed_lost",
            "disqualified",
            "nurture",
            "expired",
            "duplicate",
            "voided",
        ]
        | None = None,
        test: bool | None = None,
        format: Literal["jsonl", "csv"] | None = None,
    ) -> bytes:
        """Export referrals."""
        return await self._bytes(
            Call(
                "GET",
                "/v1/exports/referrals",
                query={"program": program, "state": state, "test": test, "format": format},
            )
        )

    async def export_ledger(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        format: Literal["jsonl", "csv"] | None = None,
    ) -> bytes:
        """Export the ledger."""
        return await self._bytes(
            Call("GET", "/v1/exports/ledger", query={"since": since, "until": until, "format": format})
        )

    def list_links(
        self,
        *,
        participant: str | None = None,
        program: str | None = None,
        channel: str | None = None,
        state: Literal["on", "off"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Link]:
        """List links; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/links",
                query={
                    "participant": participant,
                    "program": program,
                    "channel": channel,
                    "state": state,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def create_link(
        self,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.LinkAct:
        """Make a link."""
        return await self._json(Call("POST", "/v1/links", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_link(self, link_id: str) -> t.Link:
        """Get a link."""
        return await self._json(Call("GET", "/v1/links/{link_id}", path={"link_id": link_id}))

    async def update_link(
        self,
        link_id: str,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.LinkAct:
        """Change a link."""
        return await self._json(
            Call(
                "PATCH",
                "/v1/links/{link_id}",
                path={"link_id": link_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def get_link_qr_svg(self, link_id: str, *, scale: int | None = None) -> bytes:
        """Get a link's QR code as SVG."""
        return await self._bytes(
            Call("GET", "/v1/links/{link_id}/qr.svg", path={"link_id": link_id}, query={"scale": scale})
        )

    async def get_link_qr_png(self, link_id: str, *, scale: int | None = None) -> bytes:
        """Get a link's QR code as PNG."""
        return await self._bytes(
            Call("GET", "/v1/links/{link_id}/qr.png", path={"link_id": link_id}, query={"scale": scale})
        )

    async def get_code(self, code: str) -> t.Link:
        """Get the link of a code."""
        return await self._json(Call("GET", "/v1/codes/{code}", path={"code": code}))

    async def check_code(self, code: str) -> t.CodeCheck:
        """Check a code."""
        return await self._json(Call("GET", "/v1/codes/{code}/check", path={"code": code}))

    def list_clicks(
        self,
        *,
        link: str | None = None,
        visitor: str | None = None,
        kind: Literal["visit", "preview", "bot"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Click]:
        """List clicks; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/clicks",
                query={"link": link, "visitor": visitor, "kind": kind, "limit": limit, "cursor": cursor},
            )
        )

    async def get_click(self, click_id: str) -> t.Click:
        """Get a click."""
        return await self._json(Call("GET", "/v1/clicks/{click_id}", path={"click_id": click_id}))

    async def create_import(
        self,
        body: t.SentImport | bytes,
        *,
        mapping: str | None = None,
        program: str | None = None,
        rule: str | None = None,
        dry_run: bool | None = None,
        kind: str | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
        content_type: str | None = None,
    ) -> t.Import:
        """Import files."""
        return await self._json(
            Call(
                "POST",
                "/v1/imports",
                query={
                    "mapping": mapping,
                    "program": program,
                    "rule": rule,
                    "dry_run": dry_run,
                    "kind": kind,
                    "name": name,
                },
                body=body,
                key=idempotency_key,
                media=content_type,
            )
        )

    def list_imports(
        self,
        *,
        state: Literal["waiting", "running", "done", "failed", "cancelled", "undoing", "undone"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Import]:
        """List imports; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/imports", query={"state": state, "limit": limit, "cursor": cursor}))

    async def list_import_mappings(self) -> t.MappingList:
        """List mappings."""
        return await self._json(Call("GET", "/v1/imports/mappings"))

    async def get_import(self, import_id: str) -> t.Import:
        """Get an import."""
        return await self._json(Call("GET", "/v1/imports/{import_id}", path={"import_id": import_id}))

    def list_import_report(
        self,
        import_id: str,
        *,
        status: Literal["accepted", "skipped", "error", "undone", "kept"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.ImportLine]:
        """Read an import's report; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/imports/{import_id}/report",
                path={"import_id": import_id},
                query={"status": status, "limit": limit, "cursor": cursor},
            )
        )

    async def export_import_report(
        self,
        import_id: str,
        *,
        status: Literal["accepted", "skipped", "error", "undone", "kept"] | None = None,
    ) -> bytes:
        """Export an import's report."""
        return await self._bytes(
            Call("GET", "/v1/imports/{import_id}/report.csv", path={"import_id": import_id}, query={"status": status})
        )

    async def act_on_import(self, import_id: str, act: str, *, idempotency_key: str | None = None) -> t.Import:
        """Run, undo, resume or cancel an import."""
        return await self._json(
            Call(
                "POST",
                "/v1/imports/{import_id}/{act}",
                path={"import_id": import_id, "act": act},
                body={},
                key=idempotency_key,
            )
        )

    def list_claims(
        self,
        *,
        program: str | None = None,
        state: Literal["waiting", "approved", "rejected"] | None = None,
        participant: str | None = None,
        referred: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Claim]:
        """List claims; every page of it, as you go on."""
        return self._pages(
            Call(
                "GET",
                "/v1/claims",
                query={
                    "program": program,
                    "state": state,
                    "participant": participant,
                    "referred": referred,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    async def make_claim(
        self,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ClaimAct:
        """Claim a referral."""
        return await self._json(Call("POST", "/v1/claims", query={"wait": wait}, body=body, key=idempotency_key))

    async def get_claim(self, claim_id: str) -> t.Claim:
        """Get a claim."""
        return await self._json(Call("GET", "/v1/claims/{claim_id}", path={"claim_id": claim_id}))

    async def approve_claim(
        self,
        claim_id: str,
        body: dict[str, Any] | None = None,
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ClaimAct:
        """Approve a claim."""
        return await self._json(
            Call(
                "POST",
                "/v1/claims/{claim_id}/approve",
                path={"claim_id": claim_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def reject_claim(
        self,
        claim_id: str,
        body: dict[str, Any],
        *,
        wait: bool | None = None,
        idempotency_key: str | None = None,
    ) -> t.ClaimAct:
        """Reject a claim."""
        return await self._json(
            Call(
                "POST",
                "/v1/claims/{claim_id}/reject",
                path={"claim_id": claim_id},
                query={"wait": wait},
                body=body,
                key=idempotency_key,
            )
        )

    async def get_me(self) -> t.Me:
        """Who am I."""
        return await self._json(Call("GET", "/v1/me"))

    async def identify_me(
        self,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Me | t.MyAct:
        """Introduce me."""
        return await self._json(Call("POST", "/v1/me", body=body, key=idempotency_key))

    def list_my_links(self, *, limit: int | None = None, cursor: str | None = None) -> AsyncIterator[t.MyLink]:
        """My links; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/me/links", query={"limit": limit, "cursor": cursor}))

    async def create_my_link(
        self,
        body: dict[str, Any],
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        idempotency_key: str | None = None,
    ) -> t.MyNewLink:
        """A link of mine."""
        return await self._json(Call("POST", "/v1/me/links", query={"locale": locale}, body=body, key=idempotency_key))

    def list_my_referrals(
        self,
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.MyReferral]:
        """My referrals; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/me/referrals", query={"locale": locale, "limit": limit, "cursor": cursor}))

    async def submit_my_referral(
        self,
        body: dict[str, Any],
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        idempotency_key: str | None = None,
    ) -> t.MySubmission:
        """Refer somebody."""
        return await self._json(
            Call("POST", "/v1/me/referrals", query={"locale": locale}, body=body, key=idempotency_key)
        )

    def list_my_rewards(
        self,
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.MyReward]:
        """My rewards; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/me/rewards", query={"locale": locale, "limit": limit, "cursor": cursor}))

    async def get_my_balances(self) -> t.Balances:
        """My balances."""
        return await self._json(Call("GET", "/v1/me/balances"))

    async def list_my_movements(self) -> t.MyMovements:
        """My movements."""
        return await self._json(Call("GET", "/v1/me/movements"))

    def list_my_statements(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Statement]:
        """My statements; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/me/statements", query={"limit": limit, "cursor": cursor}))

    async def get_my_entitlements(self) -> t.Entitlements:
        """My entitlements."""
        return await self._json(Call("GET", "/v1/me/entitlements"))

    async def get_my_running(self, *, locale: Literal["en", "nb", "da", "ms"] | None = None) -> t.RunningList:
        """What runs for me."""
        return await self._json(Call("GET", "/v1/me/running", query={"locale": locale}))

    async def redeem_my_points(
        self,
        body: dict[str, Any],
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        idempotency_key: str | None = None,
    ) -> t.MyAct:
        """Redeem points."""
        return await self._json(
            Call("POST", "/v1/me/redemptions", query={"locale": locale}, body=body, key=idempotency_key)
        )

    async def list_my_terms(self) -> t.Acceptances:
        """Terms I accepted."""
        return await self._json(Call("GET", "/v1/me/terms"))

    async def accept_my_terms(
        self,
        body: dict[str, Any],
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        idempotency_key: str | None = None,
    ) -> t.MyAct:
        """Accept terms."""
        return await self._json(Call("POST", "/v1/me/terms", query={"locale": locale}, body=body, key=idempotency_key))

    def list_my_claims(
        self,
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.MyClaim]:
        """My claims; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/me/claims", query={"locale": locale, "limit": limit, "cursor": cursor}))

    async def make_my_claim(
        self,
        body: dict[str, Any],
        *,
        locale: Literal["en", "nb", "da", "ms"] | None = None,
        idempotency_key: str | None = None,
    ) -> t.MyClaimAct:
        """Claim a referral of mine."""
        return await self._json(Call("POST", "/v1/me/claims", query={"locale": locale}, body=body, key=idempotency_key))

    def list_keys(
        self,
        *,
        kind: Literal["secret", "publishable", "token"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.Key]:
        """List keys; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/keys", query={"kind": kind, "limit": limit, "cursor": cursor}))

    async def create_key(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.KeyMade:
        """Make a key."""
        return await self._json(Call("POST", "/v1/keys", body=body, key=idempotency_key))

    async def get_key(self, key_id: str) -> t.Key:
        """Get a key."""
        return await self._json(Call("GET", "/v1/keys/{key_id}", path={"key_id": key_id}))

    async def rotate_key(
        self,
        key_id: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.KeyMade:
        """Rotate a key."""
        return await self._json(
            Call("POST", "/v1/keys/{key_id}/rotate", path={"key_id": key_id}, body=body, key=idempotency_key)
        )

    async def revoke_key(
        self,
        key_id: str,
        body: dict[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> t.Key:
        """Revoke a key."""
        return await self._json(
            Call("POST", "/v1/keys/{key_id}/revoke", path={"key_id": key_id}, body=body, key=idempotency_key)
        )

    async def segment_track(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """Something happened."""
        return await self._json(Call("POST", "/v1/track", body=body, key=idempotency_key))

    async def segment_identify(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """Who somebody is."""
        return await self._json(Call("POST", "/v1/identify", body=body, key=idempotency_key))

    async def segment_page(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """A page was seen."""
        return await self._json(Call("POST", "/v1/page", body=body, key=idempotency_key))

    async def segment_screen(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """A screen was seen."""
        return await self._json(Call("POST", "/v1/screen", body=body, key=idempotency_key))

    async def segment_group(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """Which account somebody is of."""
        return await self._json(Call("POST", "/v1/group", body=body, key=idempotency_key))

    async def segment_alias(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """Two ids are one person."""
        return await self._json(Call("POST", "/v1/alias", body=body, key=idempotency_key))

    async def segment_batch(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """Up to 1,000 calls of Segment's."""
        return await self._json(Call("POST", "/v1/batch", body=body, key=idempotency_key))

    async def segment_import(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Taken:
        """The same as /v1/batch."""
        return await self._json(Call("POST", "/v1/import", body=body, key=idempotency_key))

    async def get_workspace(self) -> t.Workspace:
        """Get the workspace."""
        return await self._json(Call("GET", "/v1/workspace"))

    async def update_workspace(self, body: dict[str, Any], *, idempotency_key: str | None = None) -> t.Workspace:
        """Change the workspace."""
        return await self._json(Call("PATCH", "/v1/workspace", body=body, key=idempotency_key))

    def list_workspace_changes(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AsyncIterator[t.SettingChange]:
        """List changes of the workspace; every page of it, as you go on."""
        return self._pages(Call("GET", "/v1/workspace/changes", query={"limit": limit, "cursor": cursor}))

    async def get_summary(self) -> t.Summary:
        """Get the workspace in numbers."""
        return await self._json(Call("GET", "/v1/summary"))
