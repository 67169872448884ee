"""What can go wrong with the embedded server. Every message says what to do."""

from __future__ import annotations


class PostgresError(Exception):
    """The embedded server cannot be used."""

    code = "postgres_unavailable"


class NoServerAccount(PostgresError):
    """Running as root, and there is no other user to run the server as."""

    code = "postgres_no_account"


class NoBinaries(PostgresError):
    """The server's programs are not installed."""

    code = "postgres_no_binaries"


class UnsafeFolder(PostgresError):
    """A folder the server needs belongs to somebody else or cannot be reached."""

    code = "postgres_unsafe_folder"


class WrongVersion(PostgresError):
    """The data was made by another major version of PostgreSQL."""

    code = "postgres_wrong_version"


class StartFailed(PostgresError):
    """The server did not start; its log tells why."""

    code = "postgres_start_failed"


class ServerBusy(PostgresError):
    """Another process is starting or stopping the server and does not end."""

    code = "postgres_busy"


class BackupFailed(PostgresError):
    """The backup could not be written; nothing is left of it."""

    code = "backup_failed"


class BackupUnusable(PostgresError):
    """The file is no whole backup that this Goodword can use; the database is as it was."""

    code = "backup_unusable"


class DatabaseExists(PostgresError):
    """There is data already, and nobody said that it may be replaced."""

    code = "database_exists"


class DatabaseInUse(PostgresError):
    """Another process is connected to the database that is to be replaced."""

    code = "database_in_use"
