"""Pages for participants and referred people."""
