"""The columns of the tables that are read in more than one place, in the order of the domain's fields."""

PARTICIPANT = "id::text, external_id, email, name, account_id::text, traits, first_seen_at, merged_into_id::text"
LINK = "id::text, program_id::text, participant_id::text, code, channel, simulated, created_at"
