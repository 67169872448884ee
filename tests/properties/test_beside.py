"""Over programmes and histories that nobody thought of: a programme in test mode beside the live ones changes nothing
of theirs, and what it gives goes nowhere."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.domain import ids
from goodword.domain.draft import Decision
from goodword.domain.events import Event
from properties.test_what_must_hold import LATER, Raw, Steady, rows
from support.random_programs import REFERRERS, Document, documents
from support.rich_programs import loyal, rich, telling

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Kept(Steady):
    """Keeps every decision that is not a test programme's."""

    def __init__(self, *documents: Document) -> None:
        self.decided: list[tuple[str, dict[str, Any]]] = []
        super().__init__(*documents)

    def _step(self, event: Event) -> dict[str, Decision]:
        found = super()._step(event)
        live = {key: one for key, one in found.items() if key != "t"}
        said = {key: (one.outcome, one.reason, one.referral_id, one.trace) for key, one in live.items()}
        if said:
            self.decided.append((f"{event.type} {event.event_id}", said))
        return found


def told(documents: list[Document], events: list[Raw]) -> Kept:
    """The events, each once; what names a referral or reward by our id names a live programme's."""
    memory = Kept(*documents)
    for event in {event["event_id"]: event for event in events}.values():
        memory.send(event)
        if event["type"] == "visit.made":
            act_on_live(memory, event)
    memory.ring(LATER)
    return memory


def act_on_live(memory: Kept, event: Raw) -> None:
    """Staff move what they see: the first referral and reward of the live programme, by our ids."""
    state = memory.state
    live = [row.id for row in state.referrals.values() if not state.versions[row.version_id].is_test]
    rewards = [row.id for row in state.rewards.values() if not state.versions[row.version_id].is_test]
    at, name = event["occurred_at"], event["event_id"]
    if live:
        properties = {"referral": ids.public("ref", min(live))}
        memory.send({"type": "referral.qualified", "event_id": f"q{name}", "occurred_at": at, "properties": properties})
    if rewards:
        properties = {"reward": ids.public("rwd", min(rewards))}
        memory.send({"type": "reward.approved", "event_id": f"a{name}", "occurred_at": at, "properties": properties})


merges = st.builds(
    lambda who, other, number, event: {
        **event, "type": "participant.identified", "event_id": f"m{number}", "participant": who,
        "properties": {"previous_id": other},
    },
    st.sampled_from([*REFERRERS, "f0", "f1"]),
    st.sampled_from(["bob", "f1", "f2", "f3"]),
    st.integers(0, 3),
    st.just({}),
)  # fmt: skip
"""Two participants turn out to be one."""


@st.composite
def beside(draw: Any) -> tuple[Document, Document, list[Raw]]:
    """A live programme, one in test mode (a copy, or any other), and a history."""
    document = draw(st.one_of(documents(), rich(), loyal()))
    flow = document.get("lifecycle", {}).get("flow")
    other = draw(st.one_of(st.just(document), documents("t", flow), documents("t"), rich("t"), loyal("t")))
    tested = other | {"program": "t", "test": True} | draw(st.sampled_from([{}, {"beside": "p"}]))
    events = draw(telling(document))
    if draw(st.booleans()):  # also what only the test listens to
        events += [
            event | {"event_id": f"t{event['event_id']}"} for event in draw(telling(tested))
            if event["type"] not in ("link.created", "contest.disqualified", "contest.reinstated")
        ]  # fmt: skip
    for merge in draw(st.lists(merges, max_size=2, unique_by=lambda event: event["event_id"])):
        place = draw(st.integers(len(events) // 2, len(events)))
        moment = events[min(place, len(events) - 1)]["occurred_at"]
        events.insert(place, merge | {"occurred_at": moment})
    return document, tested, events


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(told_of=beside())
def test_test_mode_changes_nothing(told_of: tuple[Document, Document, list[Raw]]) -> None:
    document, tested, events = told_of
    alone, memory = told([document], events), told([document, tested], events)
    live, state = alone.state.programs.keys(), memory.state
    assert memory.decided == alone.decided
    before, after = rows(alone), rows(memory)
    for name in ("participants", "accounts", "links", "transfers", "notices"):
        assert after[name] == before[name], name
    for name in ("referrals", "rewards", "early"):
        assert {id: row for id, row in after[name].items() if row.program_id in live} == before[name], name
    own = {row.id for row in (*state.referrals.values(), *state.rewards.values()) if row.program_id not in live}
    for (subject, name), count in after["counters"].items():
        of_the_test = ":t:" in name or subject in own
        assert of_the_test or count == before["counters"][subject, name], name
    assert before["counters"].keys() <= after["counters"].keys()
    merges = {id: (row.merged_id, row.survivor_id, row.split_at) for id, row in state.merges.items()}
    assert merges == {id: (row.merged_id, row.survivor_id, row.split_at) for id, row in alone.state.merges.items()}
