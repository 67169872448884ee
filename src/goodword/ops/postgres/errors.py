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
