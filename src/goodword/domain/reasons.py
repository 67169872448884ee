"""The reason codes: what staff read, and the plain, safe sentence for the participant.

Codes are stable; texts are English message ids, translated where they are shown. A document's own
codes are shown as they are to staff and with the general sentence to participants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Both texts of a reason code."""

    staff: str
    participant: str


_NOT_THIS_TIME = "There is no reward for this."
_TERMS_STAY = "The terms of your referral stay as they are."
_NOT_COUNTED = "This does not count as a new referral."

REASONS: Mapping[str, Reason] = {
    # Something came of it.
    "opened": Reason("A referral began", "Your referral has been received."),
    "advanced": Reason("The referral moved on", "Your referral moved on."),
    "rewarded": Reason("A reward was earned", "You earned a reward."),
    "netted": Reason(
        "It paid what is owed from a reward that was taken back after it was handed over",
        "A reward you had before was taken back; this one made up for it first. You pay nothing.",
    ),
    "recorded": Reason("The reward moved on", "Your reward moved on."),
    "reversed": Reason("A reward was taken back", "A reward was taken back because of a refund."),
    "ended": Reason("The referral ended", "Your referral has ended."),
    "linked": Reason("A link was made", "Your link is ready."),
    "link_changed": Reason("A link was changed", "Your link has changed."),
    "redeemed": Reason("Points were spent on something of the catalogue", "You spent points."),
    "tier_reached": Reason("A tier was reached", "You reached a new tier."),
    "tier_lost": Reason("A tier was lost: its count is no longer reached", "Your tier has changed."),
    "counted": Reason("It counts towards a tier", "This counts towards your tier."),
    "tallied": Reason("It counts towards a goal or contest", "This counts towards a goal or contest."),
    "anniversaries_begun": Reason("Anniversaries are counted from this day on", "We count the years from this day on."),
    "published": Reason("A version went live", "The program has new terms."),
    "scheduled": Reason("A version goes live later", "The program gets new terms."),
    "paused": Reason("The program is paused: nothing new begins", "The program takes a break."),
    "resumed": Reason("The program runs again", "The program runs again."),
    "program_over": Reason("The program was ended", "The program has ended."),
    "migrating": Reason("Running referrals move to another version", "Your referral gets other terms."),
    "migrated": Reason("Running referrals are moved to another version", "Your referral has other terms now."),
    "migrating_back": Reason(
        "Referrals go back to the version they had before", "Your referral gets its earlier terms back."
    ),
    "migration_undone": Reason(
        "Referrals are back under the version they had before", "Your referral has its earlier terms again."
    ),
    "merged": Reason("Two participants are one from now on", "Your two accounts with us are one now."),
    "split": Reason("Two merged participants are two again", "Your accounts with us are two again."),
    "goal_reached": Reason("A shared goal was reached; its members get the rewards", "You reached the goal together."),
    "contest_decided": Reason("The contest is decided; the prizes are given", "The contest is decided."),
    "contest_disqualified": Reason("The participant is out of the contest", "You are not part of this contest."),
    "contest_reinstated": Reason("The participant is part of the contest again", "You are part of this contest again."),
    "imported": Reason("It was taken over from another system as it stood", "This was brought over from before."),
    "import_undone": Reason("What an import brought was taken out again", "This was taken back."),
    "terms_accepted": Reason("The participant accepted the terms", "You accepted the terms."),
    "statement_payable": Reason(
        "The statement is closed; its balance is payable", "Your statement is ready. Its balance will be paid to you."
    ),
    "statement_carried": Reason(
        "The statement is closed; its balance is below the minimum payout and is carried over",
        "Your statement is ready. Its balance is carried over to the next one.",
    ),
    "touch_kept": Reason(
        "Kept as evidence of who brought the person, until they sign up or order", "We have noted this."
    ),
    "claim_waiting": Reason("The claim waits for staff to decide", "We have your claim and will look at it."),
    "claim_approved": Reason("The claim was approved", "Your claim was approved."),
    "claim_rejected": Reason("The claim was rejected", "Your claim was not approved."),
    # Nothing came of it.
    "not_referred": Reason("Nobody referred this person in this program", _NOT_THIS_TIME),
    "no_submissions": Reason(
        "Nobody is put forward in this program: its referrals begin when somebody signs up with a code",
        "Nobody is put forward here: share your link or your code with them.",
    ),
    "unknown_code": Reason("No link of this program has this code", "We do not know this code."),
    "test_has_no_codes": Reason(
        "A program in test mode has no codes of its own; it takes those of live programs", "We do not know this code."
    ),
    "unknown_in_test": Reason(
        "Nobody but this program in test mode would know the person; it makes nobody known", _NOT_COUNTED
    ),
    "code_off": Reason("The link was switched off before", "This code is not in use any more."),
    "code_expired": Reason("The link had expired before", "This code has expired."),
    "destination_not_allowed": Reason(
        "The link's destination is on none of the program's hosts", "The link cannot lead there."
    ),
    "code_taken": Reason("Another link has this code", "This code is taken."),
    "touch_weaker": Reason("Kept as evidence: a stronger kind of touch won", _NOT_COUNTED),
    "touch_earlier": Reason("Kept as evidence: a later touch won", _NOT_COUNTED),
    "touch_later": Reason("Kept as evidence: an earlier touch won", _NOT_COUNTED),
    "touch_not_counted": Reason("The program does not count this kind of touch", _NOT_COUNTED),
    "touch_outside_window": Reason(
        "The touch is older than the program's window, or later than the event",
        "The invitation was too long ago to count.",
    ),
    "already_claimed": Reason("The participant has claimed this person before", "You have claimed this already."),
    "claim_too_late": Reason(
        "The claim was made longer after the person came than the program's window", "It is too late to claim this."
    ),
    "too_many_claims": Reason(
        "As many claims of the participant wait as may", "Many of your claims wait already. Please try again later."
    ),
    "unknown_claim": Reason("No claim has this id", _NOT_THIS_TIME),
    "test_takes_no_claims": Reason("A program in test mode takes no claims; claim in the live one", _NOT_COUNTED),
    "not_proven": Reason("What was told does not show it", "What you sent does not show that you brought this person."),
    "brought_by_another": Reason("Somebody else brought the person", "Somebody else brought this person."),
    "known_before": Reason("The person was known or a customer before", "We knew this person before."),
    "claim_refused": Reason("Refused for another reason; see the note", "We cannot approve this claim."),
    "too_many_touches": Reason("As much evidence is kept of this person or visitor as may be", _NOT_COUNTED),
    "ordered_before": Reason("The person had ordered before there was evidence of who brought them", _NOT_COUNTED),
    "self_referral": Reason("Referrer and referred are the same person", "You cannot refer yourself."),
    "already_referred": Reason("The person has a standing referral in this program", _NOT_COUNTED),
    "already_submitted": Reason("A referral with this id exists", "You have already sent this referral."),
    "already_in_state": Reason("The referral is in this state already", _NOT_THIS_TIME),
    "wrong_state": Reason("The referral or reward cannot move there from its state", _NOT_THIS_TIME),
    "referral_expired": Reason("The referral had expired by then", "Your referral had expired by then."),
    "condition_not_met": Reason("The rule's condition does not hold", _NOT_THIS_TIME),
    "condition_error": Reason(
        "A condition could not be evaluated; see the check for the missing fact",
        "We are checking this and will come back to you.",
    ),
    "cap_reached": Reason("A limit is reached", "The limit of this program is reached."),
    "waitlisted": Reason(
        "A limit is reached; it stands in line for a place",
        "The limit is reached for now. Your reward is on the waiting list.",
    ),
    "excluded_by_program": Reason(
        "Another program gave something for the same event, and excludes this one",
        "You already have a reward for this.",
    ),
    "no_tier": Reason("The referrer has reached no tier with an amount", _NOT_THIS_TIME),
    "no_value": Reason("The amount depends on a value that is not known", _NOT_THIS_TIME),
    "no_band": Reason("The value is below the first band", _NOT_THIS_TIME),
    "deal_refunded": Reason("What won the referral was paid back whole", "The time of this reward is over."),
    "still_active": Reason("Its owner did something since; it lapses later", "Your reward stays as it is."),
    "bad_period": Reason(
        "What the payment is for is no part of its billing period: period_from, covers_from, covers_to and period_to "
        "must be days in this order",
        "We are checking this and will come back to you.",
    ),
    "amount_zero": Reason("The amount comes to nothing", _NOT_THIS_TIME),
    "amount_error": Reason(
        "The amount could not be reckoned; see the check for the missing fact",
        "We are checking this and will come back to you.",
    ),
    "no_exchange_rate": Reason(
        "No exchange rate of that day or before is known for the value's currency",
        "We are checking this and will come back to you.",
    ),
    "stacked_out": Reason("Another reward of this decision excludes it", "You get another reward for this instead."),
    "already_granted": Reason("This rule has paid for this referral before", "You already have this reward."),
    "unknown_referral": Reason("No referral has this id", _NOT_THIS_TIME),
    "unknown_reward": Reason("No reward has this id", _NOT_THIS_TIME),
    "not_enough_points": Reason("They have fewer points than it costs", "You do not have enough points for this yet."),
    "unknown_item": Reason("The catalogue has nothing of this id", "This is not in the catalogue."),
    "unknown_order": Reason("The order has earned nothing here, or is not named", "Your points stay as they are."),
    "points_are_kept": Reason("Points are kept here and spent, not handed over", _NOT_THIS_TIME),
    "no_referrals": Reason("A loyalty program has no referrals and no links", _NOT_THIS_TIME),
    "tier_kept": Reason("The tier is kept", "Your tier stays as it is."),
    "outside_window": Reason("Too long after the reward was granted", "Your reward stays as it is."),
    "nothing_to_reverse": Reason("No reward of this referral can be taken back", "Your reward stays as it is."),
    "kept_for_later": Reason(
        "Nothing is earned yet that it takes back; kept, and told again when that comes",
        "We have noted this and will count it when the order is known.",
    ),
    "reversed_while_waiting": Reason(
        "It was taken back while it waited for its turn", "A reward was taken back because of a refund."
    ),
    "before_referral": Reason("It happened before the referral began", _NOT_THIS_TIME),
    "held": Reason("The hold is still running", "Your reward is reserved until the waiting time is over."),
    "awaiting_approval": Reason("The hold is over; a person must approve", "Your reward is being checked."),
    "unknown_participant": Reason("No participant has this id", _NOT_THIS_TIME),
    "same_participant": Reason("Both ids are this participant's", _NOT_THIS_TIME),
    "already_merged": Reason("The two are one participant already", _NOT_THIS_TIME),
    "needs_external_id": Reason(
        "Who has an external id cannot be merged into who has none; name the one who has",
        _NOT_THIS_TIME,
    ),
    "kept_apart": Reason(
        "The two were merged and taken apart before; only previous_id merges them again",
        _NOT_THIS_TIME,
    ),
    "too_much_to_merge": Reason("More links and referrals than one merge moves", _NOT_THIS_TIME),
    "not_merged": Reason("The participant is not merged into another", _NOT_THIS_TIME),
    "merged_further": Reason("The one who stands for both was merged too; take that back first", _NOT_THIS_TIME),
    "not_its_turn": Reason("The rule counts such events, and does not pay for this one", _NOT_THIS_TIME),
    "before_commission": Reason("Before the first month the rule pays for", _NOT_THIS_TIME),
    "after_commission": Reason("After the last moment the rule pays for", "The time of this reward is over."),
    "commission_ended": Reason("From this moment on the rule pays no more", "The time of this reward is over."),
    "nothing_held": Reason("No reward waits for this", _NOT_THIS_TIME),
    "not_registered": Reason(
        "The deal was not accepted in time, before it was won", "This deal was not registered in time."
    ),
    "nobody_won": Reason("The contest is decided; nobody won a prize", _NOT_THIS_TIME),
    "unknown_contest": Reason("The program has no contest of this id", _NOT_THIS_TIME),
    "contest_final": Reason("The contest is decided; its result stays", _NOT_THIS_TIME),
    "program_paused": Reason("The program is paused: nothing new begins", "The program takes a break just now."),
    "program_ended": Reason("The program has ended; no referral or reward begins", "The program has ended."),
    "terms_not_accepted": Reason(
        "The participant has not accepted the terms that the program asks for",
        "The terms of the program must be accepted first.",
    ),
    "unknown_terms": Reason("No version of the program has terms of this number", "We do not know these terms."),
    "unknown_version": Reason("The program has no version of this number", _NOT_THIS_TIME),
    "unknown_migration": Reason("The program has no migration of this id", _NOT_THIS_TIME),
    "already_undone": Reason("The migration is taken back already", _NOT_THIS_TIME),
    "other_version": Reason("The referral is not under a version that is migrated", _TERMS_STAY),
    "not_running": Reason("The referral runs no more; it keeps its version", _TERMS_STAY),
    "other_currency": Reason("The versions count in different currencies; the referral keeps its own", _TERMS_STAY),
    "moved_further": Reason("The referral has another version by now; it keeps that", _TERMS_STAY),
    "reward_depends": Reason("A reward was given under the new version; the referral keeps it", _TERMS_STAY),
    "unknown_rule": Reason("The version of the referral or program has no such rule", _NOT_THIS_TIME),
    "not_theirs": Reason("The rule rewards the other side of the referral", _NOT_THIS_TIME),
    "wrong_unit": Reason("The rule gives in another unit, or an amount without a unit", _NOT_THIS_TIME),
    "test_takes_no_imports": Reason("A program in test mode has no past; import into the live one", _NOT_THIS_TIME),
    "not_imported": Reason("No import brought it, or it was taken out before", _NOT_THIS_TIME),
    "has_rewards": Reason("The referral has rewards; it stays", "Your referral stays as it is."),
    "changed_since": Reason("Something became of it since it was imported; it stays", "Your reward stays as it is."),
    "superseded": Reason("The timer's subject has moved on", _NOT_THIS_TIME),
}


def staff_text(code: str) -> str:
    """What staff read; a code of the document's own reads as its words."""
    reason = REASONS.get(code)
    return reason.staff if reason else code.replace("_", " ").capitalize()


def participant_text(code: str) -> str:
    """What a participant may read; a document's own code says no more than that there is no reward."""
    reason = REASONS.get(code)
    return reason.participant if reason else _NOT_THIS_TIME
