"""The tests' own databases: isolated from each other, committed for real, owned by a role RLS applies to."""

from __future__ import annotations

import threading

from django.db import connection, transaction


def test_the_tests_role_is_subject_to_row_level_security(db: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


def test_what_a_test_commits_is_seen_by_another_thread(db: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE seen (name text)")
        cursor.execute("INSERT INTO seen VALUES (current_database())")
    seen: list[str] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM seen")
            seen.extend(row[0] for row in cursor.fetchall())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [db]


def test_what_another_test_committed_is_not_here(db: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('seen')")
        assert cursor.fetchone() == (None,)
