"""Tortures the engine: rounds of `tests/support/torture.py`, as `make torture` runs them.

Not part of `make test`, which runs ten rounds. Prints each round, and ends with the first broken promise.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.environment import isolate

isolate()

from support.torture import torture


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="make torture ARGS=…", description="Kill -9, over and over.")
    parser.add_argument("--rounds", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=1_000, help="the first round's seed (1000)")
    chosen = parser.parse_args()
    # Asked to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    strikes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    with torture() as victim:
        for seed in range(chosen.seed, chosen.seed + chosen.rounds):
            done = victim.round(seed)
            strikes.update(done.strikes)
            counts += done.counts
            print(done, flush=True)
    print(f"{chosen.rounds} rounds held. Killed: {dict(strikes)}. Applied and compared: {dict(counts)}.")


if __name__ == "__main__":
    main()
