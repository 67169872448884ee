"""Links and their clicks, referrals, and claims of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Value

from goodword.store.models._base import NAME, SHORT, Tenant, reference


class Link(Tenant):
    """What a participant shares for one program. Its code is stored in lower case."""

    program = reference("Program", "links")
    participant = reference("Participant", "links")
    code = models.CharField(max_length=SHORT)
    channel = models.CharField(max_length=SHORT, blank=True)
    simulated = models.BooleanField(default=False)
    state = models.CharField(
        max_length=SHORT, db_default="", blank=True, help_text="off; empty while it leads somewhere."
    )
    expires_at = models.DateTimeField(null=True)
    destination = models.CharField(
        max_length=2000, db_default="", blank=True, help_text="Its own; empty for the program's."
    )
    created_at = models.DateTimeField()
    typed = models.CharField(
        max_length=SHORT,
        db_default="",
        blank=True,
        help_text="The code without what people leave out: `codes.plain`. Empty where the link is older than that.",
    )

    class Meta:
        db_table = "link"
        constraints = [models.UniqueConstraint(fields=["workspace", "code"], name="link_code")]
        indexes = [
            models.Index(fields=["workspace", "participant"], name="link_participant"),
            models.Index(fields=["workspace", "typed"], name="link_typed"),
        ]


class Click(Tenant):
    """One request of a link's address, kept before it was answered. Evidence, and no event: there are millions."""

    link = reference("Link", "clicks")
    clicked_at = models.DateTimeField()
    kind = models.CharField(max_length=SHORT, help_text="visit, preview or bot.")
    device = models.CharField(max_length=SHORT, help_text="phone, tablet, desktop or other.")
    channel = models.CharField(max_length=SHORT, help_text="The link's when it was clicked.")
    referrer = models.CharField(max_length=300, help_text="Host and path.")
    language = models.CharField(max_length=35)
    utm = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    ip_hash = models.BinaryField(max_length=16, null=True)
    ip = models.GenericIPAddressField(null=True)
    visitor_id = models.UUIDField(null=True, help_text="The same browser's first click; empty on that.")

    class Meta:
        db_table = "click"
        indexes = [
            models.Index(fields=["workspace", "link", "id"], name="click_link"),
            models.Index(
                fields=["workspace", "visitor_id"], name="click_visitor", condition=Q(visitor_id__isnull=False)
            ),
            models.Index(fields=["workspace", "id"], name="click_ip", condition=Q(ip__isnull=False)),
        ]


class Referral(Tenant):
    """One referrer, one referred, one program, under the version that was live when it began."""

    program = reference("Program", "referrals")
    version = reference("ProgramVersion", "+")
    referrer = reference("Participant", "referrals_made")
    referred = reference("Participant", "referrals_received")
    external_id = models.CharField(max_length=NAME, null=True)
    source = models.CharField(max_length=SHORT, help_text="The kind of touch that began it.")
    state = models.CharField(max_length=SHORT)
    reason = models.CharField(max_length=SHORT, blank=True)
    submitted_at = models.DateTimeField()
    qualified_at = models.DateTimeField(null=True)
    opportunity_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    value = models.BigIntegerField(null=True, help_text="Minor units of the program's currency at close.")
    properties = models.JSONField(default=dict)
    simulated = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "referral"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "program", "referred"],
                condition=~Q(state__in=["duplicate", "disqualified", "expired", "voided", "closed_lost"]),
                name="referral_one_standing",
            ),
            models.UniqueConstraint(
                fields=["workspace", "program", "external_id"],
                condition=Q(external_id__isnull=False),
                name="referral_external_id",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "referrer"], name="referral_referrer"),
            models.Index(fields=["workspace", "referred"], name="referral_referred"),
        ]


class Claim(Tenant):
    """A participant's word that they brought somebody. What they told of it, and what staff did, is in the events."""

    program = reference("Program", "+")
    participant = reference("Participant", "+")
    referred = reference("Participant", "+")
    state = models.CharField(max_length=SHORT, help_text="waiting, approved, rejected.")
    reason = models.CharField(max_length=SHORT, blank=True)
    at = models.DateTimeField(help_text="When the person was told, as the claimant says.")
    claimed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decision = reference("Event", "+", null=True, help_text="The event by which staff decided.")
    referral = reference("Referral", "+", null=True)

    class Meta:
        db_table = "claim"
        indexes = [
            models.Index(fields=["workspace", "state", "id"], name="claim_state"),
            models.Index(fields=["workspace", "participant", "id"], name="claim_participant"),
            models.Index(fields=["workspace", "referred"], name="claim_referred"),
        ]
