"""The `/v1` REST interface."""
