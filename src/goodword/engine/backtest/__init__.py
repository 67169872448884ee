"""Backtest: what a programme's document would have made of the workspace's own history.

`log` reads, `past` decides again in memory, `books` adds up, `compare` puts the two sides beside each other.
Everything is read in one read-only transaction; nothing that stands is touched.
"""
