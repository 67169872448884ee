"""Every ready mapping takes a realistic file of each of its kinds, and what comes of it is what the vendor meant."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.engine.helpers import send

from goodword.engine import programs, replay
from goodword.engine.imports import mapping
from goodword.store import models, tenancy
from support import imports
from support.imports import bring, codes, counts, report, rewards
from support.vendors import SAMPLES

Counts = dict[str, dict[str, int]]
EXPECTED: dict[str, tuple[Counts, list[tuple[str, str]], set[str], list[Any]]] = {
    "rewardful": (
        {"participants": {"accepted": 4}, "links": {"accepted": 4},
         "referrals": {"accepted": 2, "skipped": 1, "error": 1}, "rewards": {"accepted": 4, "skipped": 1}},
        [("referrals", "PARTNER_NOT_FOUND")],
        {"ada", "ada-mail", "ada20", "mary"},
        [("pending", 700, "USD"), ("cancelled", 800, "USD"), ("approved", 900, "JPY"), ("issued", 1000, "USD")],
    ),
    "firstpromoter": (
        {"participants": {"accepted": 2}, "links": {"accepted": 2}, "referrals": {"accepted": 1},
         "rewards": {"accepted": 3}},
        [], {"ada", "kæy"},
        [("rejected", 500, "USD"), ("pending", 1000, "USD"), ("issued", 2000, "USD")],
    ),
    "tapfiliate": (
        {"participants": {"accepted": 2}, "links": {"accepted": 1}, "referrals": {"accepted": 3},
         "rewards": {"accepted": 4, "error": 1}},
        [("rewards", "AMOUNT_TOO_FINE")], {"ada-l"},
        [("issued", 12, "JPY"), ("rejected", 100, "EUR"), ("approved", 999, "EUR"), ("pending", 1125, "KWD")],
    ),
    "partnerstack": (
        {"participants": {"accepted": 1}, "links": {"accepted": 1}, "referrals": {"accepted": 1},
         "rewards": {"accepted": 1, "error": 1}},
        [("rewards", "CUSTOMER_NOT_FOUND")], {"ada"}, [("pending", 2500, "USD")],
    ),
    "tolt": (
        {"participants": {"accepted": 1}, "links": {"accepted": 1}, "referrals": {"accepted": 1, "error": 1},
         "rewards": {"accepted": 1}},
        [("referrals", "STATE_UNKNOWN")], {"ada"}, [("issued", 1999, "USD")],
    ),
    "dub": (
        {"participants": {"accepted": 3}, "links": {"accepted": 2}, "referrals": {"accepted": 2},
         "rewards": {"accepted": 5, "error": 1}},
        [("rewards", "AMOUNT_TOO_FINE")], {"ada", "mary"},
        [("rejected", 10, "USD"), ("pending", 200, "USD"), ("approved", 900, "JPY"), ("reversed", 2050, "USD"),
         ("issued", 2050, "USD")],
    ),
    "dub-labels": (
        {"participants": {"accepted": 2}, "referrals": {"accepted": 2}, "rewards": {"accepted": 4, "error": 1}},
        [("rewards", "AMOUNT_TOO_FINE")], set(),
        [("rejected", 10, "USD"), ("pending", 200, "USD"), ("approved", 900, "JPY"), ("issued", 2050, "USD")],
    ),
    "referralcandy": (
        {"participants": {"accepted": 1}, "links": {"accepted": 1}, "referrals": {"accepted": 1}}, [], {"ada"}, [],
    ),
    "viral-loops": (
        {"participants": {"accepted": 3}, "links": {"accepted": 2}, "referrals": {"accepted": 2}}, [], {"ada", "gra"},
        [],
    ),
    "referral-rock": ({"participants": {"accepted": 2}, "links": {"accepted": 1}}, [], {"ada"}, []),
    "saasquatch": (
        {"participants": {"accepted": 4}, "links": {"accepted": 5}, "referrals": {"accepted": 2, "error": 1},
         "rewards": {"accepted": 2}, "balances": {"accepted": 1, "skipped": 1}},
        [("referrals", "LINK_NOT_FOUND")], {"ada1", "adavip", "grace1", "joan1", "kay1"},
        [("issued", None, ""), ("cancelled", 500, "USD"), ("approved", 2500, "USD")],
    ),
}  # fmt: skip


def test_every_mapping_has_its_samples() -> None:
    assert set(SAMPLES) == set(EXPECTED)
    assert {name.partition("-labels")[0] for name in SAMPLES} == set(mapping.names())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_vendor_s_files_come_over(workspace: str, name: str) -> None:
    vendor = name.removesuffix("-labels")
    programs.publish(workspace, imports.FRIENDS, by="tests")
    send(workspace)
    expected, errors, links, given = EXPECTED[name]
    tried = bring(workspace, vendor, *SAMPLES[name], dry=True)
    assert (counts(tried), codes(tried, "error")) == (expected, errors), report(tried)
    done = bring(workspace, vendor, *SAMPLES[name])
    assert (counts(done), codes(done, "error")) == (expected, errors), report(done)
    with tenancy.workspace(workspace):
        assert set(models.Link.objects.filter(workspace_id=workspace).values_list("code", flat=True)) == links
    assert sorted(rewards(workspace), key=str) == sorted(given, key=str)
    assert replay.verify(workspace).differences == ()
    kinds = {file["is"] for file in done.files}
    assert kinds == {kind.name for kind in mapping.ready(vendor).files} - _WITHOUT_SAMPLE.get(name, set())


_WITHOUT_SAMPLE = {
    "dub-labels": {"partners", "links", "commissions"},
    "saasquatch": {"referral-export"},
}
"""Kinds of which another sample is the same but for names."""
