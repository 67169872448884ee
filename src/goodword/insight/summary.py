"""A workspace in numbers: what came in, what was decided, what is booked. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from goodword.domain.money import display
from goodword.insight import ledger
from goodword.store import tenancy
from goodword.store.attempts import MAX_ATTEMPTS
from goodword.store.models import Applied, Decision, Inbox, Participant, Referral, Reward, Timer

_SIMULATED = Q(simulated=True)


@dataclass(frozen=True, slots=True)
class ReferralCount:
    program: str
    state: str
    count: int
    simulated: int


@dataclass(frozen=True, slots=True)
class RewardCount:
    """Rewards of one rule in one state. `amount` is in `unit` (minor units for a currency) and None
    for gifts without an amount; `reversed` is the part of it that was taken back."""

    program: str
    rule: str
    state: str
    count: int
    simulated: int
    unit: str
    amount: int | None
    reversed: int


@dataclass(frozen=True, slots=True)
class DecisionCount:
    program: str | None
    outcome: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`events_waiting` are recorded and not applied yet; `set_aside` are events and timers that made the engine fail,
    and wait for somebody. All but `tested` is of live programs; that is what programs
    in test mode would have given, of which nothing is owed."""

    participants: int
    events_applied: int
    events_waiting: int
    set_aside: int
    referrals: tuple[ReferralCount, ...]
    rewards: tuple[RewardCount, ...]
    tested: tuple[RewardCount, ...]
    decisions: tuple[DecisionCount, ...]
    trial_balance: ledger.TrialBalance


def summary(workspace_id: str) -> Summary:
    """The numbers of a workspace, all from one snapshot of each table."""
    with tenancy.workspace(workspace_id):
        referrals = (
            Referral.objects.filter(workspace_id=workspace_id, program__test=False)
            .values_list("program__key", "state")
            .annotate(n=Count("id"), simulated_n=Count("id", filter=_SIMULATED))
            .order_by("program__key", "state")
        )
        decisions = (
            Decision.objects.filter(Q(program__isnull=True) | Q(program__test=False), workspace_id=workspace_id)
            .values_list("program__key", "outcome", "reason")
            .annotate(n=Count("id"))
            .order_by("program__key", "-outcome", "-n", "reason")
        )
        return Summary(
            participants=Participant.objects.filter(workspace_id=workspace_id, merged_into__isnull=True).count(),
            events_applied=Applied.objects.filter(workspace_id=workspace_id).count(),
            events_waiting=Inbox.objects.filter(workspace_id=workspace_id, attempts__lt=MAX_ATTEMPTS).count(),
            set_aside=sum(
                kind.objects.filter(workspace_id=workspace_id, attempts__gte=MAX_ATTEMPTS).count()
                for kind in (Inbox, Timer)
            ),
            referrals=tuple(ReferralCount(*row) for row in referrals),
            rewards=_rewards(workspace_id, program__test=False),
            tested=_rewards(workspace_id, program__test=True),
            decisions=tuple(DecisionCount(*row) for row in decisions),
            trial_balance=ledger.trial_balance(workspace_id),
        )


def tested(workspace_id: str, program_id: str) -> tuple[RewardCount, ...]:
    """What one program in test mode would have given."""
    with tenancy.workspace(workspace_id):
        return _rewards(workspace_id, program_id=program_id, program__test=True)


def _rewards(workspace_id: str, **which: Any) -> tuple[RewardCount, ...]:
    rows = (
        Reward.objects.filter(workspace_id=workspace_id, **which)
        .values_list("program__key", "rule", "state", "unit")
        .annotate(n=Count("id"), simulated_n=Count("id", filter=_SIMULATED), total=Sum("amount"), back=Sum("reversed"))
        .order_by("program__key", "rule", "state", "unit")
    )
    return tuple(
        RewardCount(program, rule, state, n, simulated, unit, total, back or 0)
        for program, rule, state, unit, n, simulated, total, back in rows
    )


def render_text(numbers: Summary) -> str:
    """The summary as a terminal shows it."""
    lines = [
        f"participants      {numbers.participants:>12,}",
        f"events applied    {numbers.events_applied:>12,}",
    ]
    if numbers.events_waiting:
        lines.append(f"events waiting    {numbers.events_waiting:>12,}")
    if numbers.set_aside:
        lines.append(f"set aside         {numbers.set_aside:>12,}  see 'goodword aside list'")
    lines += _section(
        "referrals",
        [(row.program, row.state, f"{row.count:,}", _simulated(row.simulated)) for row in numbers.referrals],
        right=2,
    )
    lines += _section("rewards", [_reward(row) for row in numbers.rewards], right=(3, 4))
    if numbers.tested:
        rows = [_reward(row) for row in numbers.tested]
        lines += _section("rewards in test mode, of which nothing is owed", rows, right=(3, 4))
    lines += _section(
        "decisions",
        [(row.program or "who is who", row.outcome, row.reason, f"{row.count:,}") for row in numbers.decisions],
        right=3,
    )
    lines += ["", render_trial_balance(numbers.trial_balance)]
    return "\n".join(lines)


def _reward(row: RewardCount) -> tuple[str, ...]:
    back = f"{display(row.reversed, row.unit)} reversed" if row.reversed else ""
    return (
        row.program,
        row.rule,
        row.state,
        f"{row.count:,}",
        display(row.amount, row.unit) if row.amount is not None else "",
        ", ".join(note for note in (back, _simulated(row.simulated)) if note),
    )


def render_trial_balance(trial: ledger.TrialBalance) -> str:
    """A trial balance as a terminal shows it, with a last line that says whether it balances."""
    head = ("", "", "debits held", "debits posted", "credits held", "credits posted")
    rows: list[tuple[str, ...]] = [head]
    for unit in trial.units:
        for name, sums in [(row.kind, row.sums) for row in unit.kinds] + [("total", unit.totals)]:
            rows.append(
                (
                    unit.unit,
                    name,
                    display(sums.debits_pending, unit.unit),
                    display(sums.debits_posted, unit.unit),
                    display(sums.credits_pending, unit.unit),
                    display(sums.credits_posted, unit.unit),
                )
            )
    lines = _section("ledger", rows, right=(2, 3, 4, 5))[1:]
    if trial.drifting_accounts:
        lines.append(f"{trial.drifting_accounts:,} accounts differ from the sum of their transfers.")
    lines.append("The ledger balances." if trial.balanced else "THE LEDGER DOES NOT BALANCE.")
    return "\n".join(lines)


def _simulated(count: int) -> str:
    return f"{count:,} simulated" if count else ""


def _section(title: str, rows: list[tuple[str, ...]], *, right: int | tuple[int, ...]) -> list[str]:
    aligned = {right} if isinstance(right, int) else set(right)
    if not rows:
        return ["", f"{title}: none"]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "",
        title,
        *(
            "  "
            + "  ".join(
                cell.rjust(width) if column in aligned else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ),
    ]
