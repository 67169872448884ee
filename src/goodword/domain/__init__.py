"""What things mean: pure functions over frozen values. No Django, no clock, no database, no network."""

from goodword import compiled

compiled.use(__path__)
