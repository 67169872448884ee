"""The best of a contest, read by the index of what is counted together (counter_shared)."""

from __future__ import annotations

from goodword.store.sql import fetch


def best(workspace_id: str, name: str, limit: int) -> list[tuple[str, int, int]]:
    """In order: participant, score, when they got there (microseconds since 1970). `name` is the counter's; whoever
    is disqualified is left out. Needs the workspace's transaction."""
    return fetch(
        """
        SELECT subject_id::text, count, amount
        FROM counter AS score
        WHERE workspace_id = %(own)s
          AND name = %(name)s
          AND (name LIKE 'contest:%%' OR name LIKE 'goal:%%')
          AND count > 0
          AND NOT EXISTS (
              SELECT FROM counter
              WHERE workspace_id = %(own)s AND subject_id = score.subject_id AND name = %(out)s AND count > 0
          )
        ORDER BY count DESC, amount, subject_id
        LIMIT %(limit)s
        """,
        {"own": workspace_id, "name": name, "out": f"out:{name}", "limit": limit},
    )
