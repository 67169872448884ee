"""An import of 100,000 rows: people with a code each from one file, their referrals and commissions from two others.

The floor: the processor time that reading the same bytes as CSV takes, with no mapping and no database.
"""

from __future__ import annotations

import csv
import io
import resource
import time
from collections.abc import Iterator

from bench._figures import Figure
from bench._house import house
from bench._options import Options

PEOPLE = 30_000
REFERRALS = 20_000
PROGRAM = """
program: friends
kind: referral
name: Friends
currency: USD
lifecycle: {flow: self_serve, closed_won: {on: order.completed}}
rewards:
  - {id: thanks, on: referral.closed_won, to: referrer, give: {type: cash, amount: 1000}}
"""
MAPPING = """
mapping: bench
files:
  people:
    has: [token]
    makes:
      - {kind: participants, fields: {source_id: id, email: email, name: name, created_at: at}}
      - {kind: links, fields: {participant.source_id: id, code: token}}
  referrals:
    has: [friend, amount]
    makes:
      - kind: referrals
        fields:
          {source_id: id, referrer.source_id: by, referred.email: friend, state: {value: closed_won}, created_at: at}
      - kind: rewards
        fields: {source_id: id, referral: id, state: {value: issued}, amount: amount, created_at: at}
"""


def run(_options: Options) -> Iterator[Figure]:
    """Imports, tries and takes out again."""
    people = "id,email,name,token,at\n" + "".join(
        f"a{n},p{n}@x.example,Person {n},code-{n},2024-01-05T10:00:00Z\n" for n in range(PEOPLE)
    )
    referrals = "id,by,friend,amount,at\n" + "".join(
        f"r{n},a{n},f{n}@x.example,1000,2024-02-05T10:00:00Z\n" for n in range(REFERRALS)
    )
    rows = 2 * PEOPLE + 2 * REFERRALS
    began = time.process_time()
    for text in (people, people, referrals, referrals):
        for _ in csv.reader(io.StringIO(text)):
            pass
    floor = time.process_time() - began
    with house():
        from goodword.engine import programs, worker
        from goodword.engine.imports import mapping, running, store, undoing
        from goodword.store import workspaces

        workspace_id = str(workspaces.create("bench", "Bench").id)
        programs.publish(workspace_id, PROGRAM, by="bench")
        worker.drain(workspace_id)
        read = mapping.read(MAPPING)
        for name, dry in (("import, dry run", True), ("import", False)):
            sent = [
                store.Sent("people.csv", "", iter([people.encode()])),
                store.Sent("referrals.csv", "", iter([referrals.encode()])),
            ]
            made = store.create(workspace_id, read, "friends", "", sent, dry_run=dry, by="bench")
            wall, began = time.monotonic(), time.process_time()
            done = running.run(workspace_id, str(made.id))
            used, wall = time.process_time() - began, time.monotonic() - wall
            assert done.state == "done"
            yield Figure(f"{name}: processor time of 100,000 rows", used * 100_000 / rows, "s", used / floor)
            yield Figure(f"{name}: 100,000 rows, wall", wall * 100_000 / rows, "s", wall / floor)
        began = time.process_time()
        undoing.undo(workspace_id, str(made.id))
        used = time.process_time() - began
        yield Figure("import undone: processor time of 100,000 rows", used * 100_000 / rows, "s", used / floor)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
        yield Figure("import: peak memory", peak, "MB", peak)
