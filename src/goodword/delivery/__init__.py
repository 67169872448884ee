"""Workers of the outbox: what leaves the system, after commit, through one adapter per provider."""
