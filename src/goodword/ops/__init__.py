"""Settings, command line, embedded PostgreSQL, health: what an operator touches."""
