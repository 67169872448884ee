"""What is owed, issued and owed back of each reward by its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from goodword.domain.rows import Transfer


class Holdings:
    """What is owed, issued and owed back of each reward by its owner, added up from its posted transfers.

    Loading puts in what came before the batch (`put`); `of` adds what the batch has moved since, each transfer
    once, when somebody asks. Only merging asks. `transfers` are the
    batch's.
    """

    def __init__(self) -> None:
        self._nets: dict[str, dict[tuple[str, str], int]] = {}
        self._latest: dict[str, datetime] = {}
        self._past: list[Transfer] = []
        self._seen = 0

    def put(self, reward_id: str, kind: str, participant_id: str, net: int, latest: datetime) -> None:
        """Adds to what the participant has of the reward in accounts of that kind, in minor units; `latest` is
        when the last of these transfers took effect."""
        nets = self._nets.setdefault(reward_id, {})
        nets[kind, participant_id] = nets.get((kind, participant_id), 0) + net
        self._latest[reward_id] = max(latest, self._latest.get(reward_id, latest))

    def of(self, transfers: Sequence[Transfer], reward_id: str, participant_id: str) -> dict[str, int]:
        """By kind of account, on its normal side, what the participant has of the reward; zeros left out."""
        self._catch_up(transfers)
        nets = self._nets.get(reward_id, {})
        return {kind: net for (kind, owner), net in nets.items() if owner == participant_id and net}

    def by_reward(self, transfers: Sequence[Transfer]) -> Mapping[str, Mapping[tuple[str, str], int]]:
        """By reward, what each participant has of it in accounts of each kind, on its normal side."""
        self._catch_up(transfers)
        return self._nets

    def latest(self, transfers: Sequence[Transfer], reward_id: str) -> datetime | None:
        """When the last transfer of the reward took effect, if it has any."""
        self._catch_up(transfers)
        return self._latest.get(reward_id)

    def forget(self, transfers: Sequence[Transfer]) -> None:
        """The batch's transfers are about to be forgotten: keeps those not seen so far until somebody asks."""
        self._past += transfers[self._seen :]
        self._seen = 0

    def _catch_up(self, transfers: Sequence[Transfer]) -> None:
        unseen = [*self._past, *transfers[self._seen :]]
        self._past.clear()
        for row in unseen:
            for account, debit in ((row.debit, row.amount), (row.credit, -row.amount)):
                if account.participant_id:
                    posted = debit if row.phase in ("posted", "post") else 0
                    sign = 1 if account.kind == "participant_debt" else -1
                    self.put(row.reward_id, account.kind, account.participant_id, sign * posted, row.effective_at)
        self._seen = len(transfers)
