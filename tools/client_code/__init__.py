"""What writes the client libraries' types and methods."""
