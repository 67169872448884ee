"""`goodword serve`: one process tree of web server and engine worker, started and ended together."""
