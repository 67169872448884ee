"""Read-only questions: summaries, explanations, balances. Never writes."""
