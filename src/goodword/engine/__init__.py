"""Record events, load the state of a batch, let the domain decide, apply the effects in one transaction."""
