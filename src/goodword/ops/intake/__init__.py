"""Events from files: reading CSV and JSON lines, checking them, and loading what is good."""
