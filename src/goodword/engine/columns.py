"""The columns of the tables that are read in more than one place, in the order of the domain's fields."""

PARTICIPANT = "id::text, external_id, email, name, account_id::text, traits, first_seen_at, merged_into_id::text"
LINK = (
    "id::text, program_id::text, participant_id::text, code, channel, simulated, created_at, state, expires_at,"
    " destination, typed"
)
REFERRAL = (
    "id::text, program_id::text, version_id::text, referrer_id::text, referred_id::text, external_id, source, state,"
    " reason, submitted_at, qualified_at, opportunity_at, closed_at, expires_at, value, properties, simulated"
)
REWARD = (
    "id::text, program_id::text, version_id::text, rule, subject_id::text, occurrence, referral_id::text,"
    " participant_id::text, gift, amount, unit, reversed, state, reason, needs_approval, hold_until,"
    " pending_transfer_id::text, granted_at, approved_at, issued_at, ended_at, expires_at, notify_by, fulfil_by,"
    " simulated, basis"
)
CLAIM = (
    "claim.id::text, claim.program_id::text, claim.participant_id::text, claim.referred_id::text, claim.state,"
    " claim.reason, claim.at, claim.claimed_at, claim.decided_at, claim.decision_id::text, claim.referral_id::text"
)
