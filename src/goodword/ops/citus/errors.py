"""Why a database cannot be distributed. Every message says what to do."""

from __future__ import annotations


class CitusError(Exception):
    """The database cannot be distributed."""

    code = "citus_unusable"


class NotCitus(CitusError):
    """The server does not have the extension, or this database does not."""

    code = "citus_missing"


class TooOld(CitusError):
    """The extension or PostgreSQL is of a version that lacks what is needed."""

    code = "citus_too_old"


class NotCoordinator(CitusError):
    """The node is a worker, or the coordinator does not know itself."""

    code = "citus_not_coordinator"


class NoWorkers(CitusError):
    """The cluster has no worker, or one that does not answer this role."""

    code = "citus_no_workers"


class WrongShape(CitusError):
    """A table is distributed already, but not the way Goodword needs it."""

    code = "citus_wrong_shape"


class InUse(CitusError):
    """Somebody uses the tables."""

    code = "citus_tables_locked"


class NotTheSame(CitusError):
    """After the move a table has not as many rows as before; nothing was changed."""

    code = "citus_rows_differ"
