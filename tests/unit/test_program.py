"""The programme document: what is read, and the answer to everything that cannot be a programme."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from goodword.domain import faults, reading
from goodword.domain.faults import ProgramError
from goodword.domain.fields import MAX_RULES
from goodword.domain.program import compile_program, json_schema, read
from support.cases import NAMES, source

MINIMAL: Mapping[str, Any] = {
    "program": "simple",
    "name": "Simple",
    "currency": "USD",
    "lifecycle": {"flow": "self_serve", "closed_won": {"on": "order.completed"}},
    "rewards": [
        {"id": "thanks", "on": "referral.closed_won", "to": "referrer", "give": {"type": "cash", "amount": 500}},
    ],
}
RULE = MINIMAL["rewards"][0]
TIERS = [
    {"id": "t1", "from": 1, "metric": "qualified_referrals"},
    {"id": "t2", "from": 3, "metric": "qualified_referrals"},
]


def rule(**changes: Any) -> dict[str, Any]:
    """The document with its rule changed."""
    changed = {key: value for key, value in {**RULE, **changes}.items() if value is not ...}
    return {**MINIMAL, "rewards": [changed]}


def refusal(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert all(fault.message for fault in caught.value.faults)
    return [(fault.path, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_read_from_text_bytes_and_data_alike(name: str) -> None:
    document, plain = read(source(name))
    assert document.program == name
    assert read(source(name).encode())[1] == plain == read(plain)[1] == read(json.dumps(plain))[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_fits_the_published_schema_key_by_key(name: str) -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(read(source(name))[1]) <= set(schema["properties"])


def test_yaml_words_stay_words() -> None:
    text = """
        {program: no-1, name: "yes", currency: USD, lifecycle: {flow: self_serve, closed_won: {on: order.completed}},
         rewards: [{id: on, on: referral.closed_won, to: referrer, give: {type: cash, amount: 1}}],
         campaigns: [{id: may, from: 2026-05-01, to: 2026-05-02, rewards: {on: {add: 1}}}]}
    """
    document, plain = read(text)
    assert document.rewards[0].id == "on"
    assert plain["campaigns"][0]["from"] == "2026-05-01"


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("", "", "not_an_object"),
        ("- a\n- b", "", "not_an_object"),
        ("a: [1, 2", "line 2", "not_yaml"),
        ("a: b\n c: d", "line 2", "not_yaml"),
        ("a: !!python/object:os.system {}", "line 1", "bad_tag"),
        ("a: !!binary aGk=", "line 1", "bad_tag"),
        ('a: "b\\0c"', "line 1", "bad_text"),
        ('a: "\\ud800"', "line 1", "not_yaml"),
        ("a: 1\n---\nb: 2", "line 2", "several_documents"),
        ("{a: 1}: 2", "line 1", "bad_key"),
        (b"\xff\xfe\x00", "line 1", "not_yaml"),
        ("a: \x00", "line 1", "not_yaml"),
        ("a: &x 1\nb: *x", "line 2", "alias"),
        ("a: 1\na: 2", "line 2", "duplicate_key"),
        ("1: 2", "line 1", "bad_key"),
        ("[a]: 2", "line 1", "bad_key"),
        ("a:\n  <<: {b: 1}", "line 2", "alias"),
        ("a: 1\nb: " + "9" * 5000, "line 2", "out_of_range"),
        (b"a: 1\nb: \xe5", "line 2", "not_yaml"),
        ("a: 1\nb: \x07", "line 2", "not_yaml"),
        ("a: " + "[" * 20 + "]" * 20, "line 1", "too_deep"),
        ("a: " + "x" * reading.MAX_BYTES, "", "too_large"),
    ],
)
def test_what_is_no_document_is_told_the_line(text: str | bytes, path: str, code: str) -> None:
    assert refusal(text) == [(path, code)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"a: 1\nb: bl\xe5", "the byte E5 is not UTF-8; save the document as UTF-8"),
        ("a: b\0", "has the character U+0000, which no document can have; leave it out"),
        ("a: b\0".encode("utf-16"), "has the character U+0000"),
        (b"\xff\xfea", "the byte 61 is not UTF-8"),
        ("a: {amount: 200,00}", "'00' is not a name; keys are texts, and in { } a comma begins the next one"),
        ("{a}: 1", "a list or a set of parts is not a name"),
        ("? \n: 1", "a name is missing before the colon"),
        ("true: 1", "'true' is not a name; keys are texts"),
        ("a:\n\u00a0\u00a0b: 1\n  c: 2", "line 2: is indented with U+00A0"),
    ],
)
def test_what_is_no_document_is_told_what_to_change(text: str | bytes, says: str) -> None:
    with pytest.raises(faults.ProgramError, match=re.escape(says)):
        reading.plain(text)


def test_what_yaml_1_1_takes_for_a_number_in_another_base_is_a_text() -> None:
    assert reading.plain("a: [010, -07, 1:30, 1:30.5, 20_000, 0, -5, 0.5]") == {
        "a": ["010", "-07", "1:30", "1:30.5", 20_000, 0, -5, 0.5]
    }


def test_signs_of_yaml_that_mean_something_elsewhere_are_texts() -> None:
    assert reading.plain("a: [=, <<]") == {"a": ["=", "<<"]}


def test_scalars_are_those_of_yaml_1_2() -> None:
    said = "a: [on, yes, true, false, null, ~, 12, 0x1f, 1.5, .5, 2026-01-01, '12', \"true\", !!str 5, !!int '7', '']\n"
    assert reading.plain(said + "b: {}") == {
        "a": ["on", "yes", True, False, None, None, 12, 31, 1.5, 0.5, "2026-01-01", "12", "true", "5", 7, ""],
        "b": {},
    }


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ('{"a": 1,\n "a": 2}', "line 2", "duplicate_key"),
        ('{"a": ' + "[" * 16 + "]" * 16 + "}", "line 1", "too_deep"),
        ('{"a": [1, 2}', "line 1", "not_yaml"),
        ('{"a": "b\\u0000c"}', "line 1", "bad_text"),
        ('{"a": ' + "9" * 5000 + "}", "line 1", "out_of_range"),
    ],
)
def test_what_is_no_document_in_json_is_told_the_line_too(text: str, path: str, code: str) -> None:
    assert refusal(text) == [(path, code)]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, -2, 1.5, 12.0, true, false, null, "on", "12", "", "x\\ty", "\\"q\\"", "å — ✓"], "b": {}}',
        '  {"a": "\\u00e5", "b": {"c": [[], [{}]]}}\n',
        '{"a": ' + "[" * 15 + "]" * 15 + "}",
        '{"a": NaN, "b": 1}',
    ],
)
def test_json_means_what_it_means_as_yaml(text: str) -> None:
    found = reading.plain(text)
    assert found == reading.plain("# as YAML\n" + text) == reading.plain(text.encode())
    assert json.dumps(found) == json.dumps(reading.plain("# as YAML\n" + text))


@pytest.mark.parametrize("slip", [{}, {"kind": "referal"}], ids=["of the schema no fault", "and one of the schema"])
def test_of_very_many_faults_the_first_are_told(slip: dict[str, Any]) -> None:
    rules = [RULE | {"id": f"r{number}", "release_on": ["order.completed"] * 5} for number in range(11)]
    limits = [{"per": "referrer", "count": 1, "rules": ["nothing"]}] * (faults.MAX_FAULTS + 9)
    told = refusal({**MINIMAL, "rewards": rules, "limits": limits, **slip})
    assert len(told) == faults.MAX_FAULTS + 1
    assert told[-1] == ("", "more_faults")
    assert told[-2][1] == "unknown_rule"
    few = refusal({**MINIMAL, "limits": limits[: faults.MAX_FAULTS - 1], **slip})
    assert ("", "more_faults") not in few


def test_of_very_many_faults_of_the_schema_the_first_are_told() -> None:
    keys = {f"strange{number}": 1 for number in range(faults.MAX_FAULTS)}
    assert refusal(MINIMAL | keys) == [(key, "unknown_key") for key in keys]
    assert refusal(MINIMAL | keys | {"more": 1})[-1] == ("", "more_faults")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, [(key, "missing") for key in ("program", "name", "currency", "rewards", "lifecycle")]),
        ({**MINIMAL, "limts": []}, [("limts", "unknown_key")]),
        ({**MINIMAL, "lifecycle": {**MINIMAL["lifecycle"], "wen": 1}}, [("lifecycle.wen", "unknown_key")]),
        ({**MINIMAL, "kind": "referal"}, [("kind", "not_allowed")]),
        ({**MINIMAL, "kind": 7}, [("kind", "not_allowed")]),
        ({**MINIMAL, "program": "Simple one"}, [("program", "bad_text")]),
        ({**MINIMAL, "name": ""}, [("name", "wrong_type")]),
        ({**MINIMAL, "currency": "USDT"}, [("currency", "unknown_currency")]),
        ({**MINIMAL, "timezone": "Europe/Olso"}, [("timezone", "unknown_timezone")]),
        ({**MINIMAL, "calendar": "ZZ"}, [("calendar", "unknown_calendar")]),
        ({**MINIMAL, "units": ["usd"]}, [("units", "unit_is_currency")]),
        ({**MINIMAL, "rewards": []}, [("rewards", "missing")]),
        ({**MINIMAL, "rewards": [RULE, RULE]}, [("rewards.1.id", "duplicate")]),
        ({**MINIMAL, "rewards": "thanks"}, [("rewards", "wrong_type")]),
        (rule(on="referral.closed"), [("rewards.0.on", "not_allowed")]),
        (rule(hold="30 days"), [("rewards.0.hold", "wrong_type")]),
        (rule(hold="5 business days"), [("rewards.0.hold", "wrong_type")]),
        (rule(hold=30), [("rewards.0.hold", "wrong_type")]),
        (rule(when="history.orders >"), [("rewards.0.when", "cel_syntax")]),
        (rule(when="histry.orders > 1"), [("rewards.0.when", "cel_unknown_name")]),
        (rule(when="history.orders"), [("rewards.0.when", "cel_not_boolean")]),
        (rule(when="history.orders == '3'"), [("rewards.0.when", "cel_mixed_kinds")]),
        (rule(when="[1].exists(event, event > 0)"), [("rewards.0.when", "cel_hidden_name")]),
        (rule(when="true" + " && true" * 400), [("rewards.0.when", "cel_cost")]),
        (rule(give=...), [("rewards.0.give", "missing")]),
        (rule(give={"type": "cash", "amount": -1}), [("rewards.0.give.amount", "negative_amount")]),
        (rule(give={"type": "cash", "amount": 10**16}), [("rewards.0.give.amount", "out_of_range")]),
        (rule(give={"type": "cash", "amount": 4.8}), [("rewards.0.give.amount", "wrong_type")]),
        (rule(give={"type": "cash", "amount": "5"}), [("rewards.0.give.amount", "wrong_type")]),
        (rule(give={"type": "cash", "amont": 5}), [("rewards.0.give.amont", "unknown_key")]),
        (rule(give={"type": "cash"}), [("rewards.0.give.amount", "missing")]),
        (rule(give={"type": "cash", "amount": 5, "unit": "stars"}), [("rewards.0.give.unit", "unknown_unit")]),
        (rule(give={"type": "points", "amount": 5}), [("rewards.0.give.unit", "missing")]),
        (rule(give={"type": "discount"}), [("rewards.0.give", "missing")]),
        (rule(give={"type": "discount", "percent": 101}), [("rewards.0.give.percent", "out_of_range")]),
        (
            rule(give={"type": "cash", "amount": 5, "percent": 10}),
            [("rewards.0.give.percent", "not_allowed")],
        ),
        (
            rule(give={"type": "cash", "amount": {"by_tier": {"t9": 5}}}),
            [("rewards.0.give.amount.by_tier", "unknown_tier")],
        ),
        (
            rule(give={"type": "cash", "amount": {"by_teer": {"t9": 5}}}),
            [("rewards.0.give.amount.by_teer", "unknown_key")],
        ),
        (
            rule(give={"type": "cash", "amount": {"by_tier": {"t1": -5}}}),
            [("rewards.0.give.amount.by_tier.t1", "negative_amount")],
        ),
        (
            rule(give={"type": "cash", "amount": {"by_tier": {"Tier one": 5}}}),
            [("rewards.0.give.amount.by_tier.Tier one", "bad_text")],
        ),
        (
            rule(give={"type": "access"}, approval={"by": "finance", "above": 5}),
            [("rewards.0.approval.above", "not_allowed")],
        ),
        (rule(reverse={"on": []}), [("rewards.0.reverse.on", "wrong_type")]),
        ({**MINIMAL, "tiers": [TIERS[1], TIERS[0]]}, [("tiers.1.from", "tiers_not_rising")]),
        (
            {**MINIMAL, "tiers": [TIERS[0], TIERS[0]]},
            [("tiers.1.id", "duplicate"), ("tiers.1.from", "tiers_not_rising")],
        ),
        ({**MINIMAL, "tiers": [{**TIERS[0], "from": 0}]}, [("tiers.0.from", "out_of_range")]),
        ({**MINIMAL, "tiers": [{**TIERS[0], "after": "t3"}]}, [("tiers.0.after", "unknown_tier")]),
        (
            {**MINIMAL, "tiers": [{**TIERS[0], "after": "t2"}, {**TIERS[1], "after": "t1"}]},
            [("tiers.0.after", "tier_cycle"), ("tiers.1.after", "tier_cycle")],
        ),
        (
            {
                **MINIMAL,
                "tiers": [
                    {**TIERS[0], "after": "t2"},
                    {**TIERS[1], "after": "t2"},
                ],
            },
            [("tiers.1.after", "tier_cycle")],
        ),
        ({**MINIMAL, "limits": [{"per": "referrer"}]}, [("limits.0", "count_or_budget")]),
        ({**MINIMAL, "limits": [{"per": "referrer", "count": 1, "budget": 1}]}, [("limits.0", "count_or_budget")]),
        ({**MINIMAL, "limits": [{"per": "referrer", "count": {}}]}, [("limits.0.count", "wrong_type")]),
        (rule(give={"type": "cash", "amount": {}}), [("rewards.0.give.amount.by_tier", "missing")]),
        (rule(give={"type": "cash", "amount": []}), [("rewards.0.give.amount", "wrong_type")]),
        (rule(give={"type": "discount", "percent": {}}), [("rewards.0.give.percent", "wrong_type")]),
        ({**MINIMAL, "limits": [{"per": "referrer", "count": 0}]}, [("limits.0.count", "out_of_range")]),
        ({**MINIMAL, "limits": [{"per": "program", "budget": -1}]}, [("limits.0.budget", "negative_amount")]),
        (
            {**MINIMAL, "limits": [{"per": "program", "count": 1, "rules": ["thank"]}]},
            [("limits.0.rules", "unknown_rule")],
        ),
        (
            {**MINIMAL, "limits": [{"per": "program", "count": 1, "when_reached": "partial"}]},
            [("limits.0.when_reached", "not_allowed")],
        ),
        (
            {**MINIMAL, "limits": [{"per": "program", "count": 1, "every": "day", "within": "P2D", "unit": "USD"}]},
            [("limits.0.unit", "not_allowed"), ("limits.0.within", "not_allowed")],
        ),
        (
            {
                **MINIMAL,
                "limits": [{"id": "cap", "per": "program", "count": 1}, {"id": "cap", "per": "referrer", "count": 1}],
                "campaigns": [
                    {"id": "a", "from": "2026-03-01", "to": "2026-03-01"},
                    {"id": "b", "from": "2026-03-01", "to": "2026-03-01", "extend": {"capp": 1}, "limit": {}},
                    {
                        "id": "c",
                        "from": "2026-03-01",
                        "to": "2026-03-01",
                        "rewards": {"thanks": {"set": 1, "add": 1}},
                        "limit": {"budget": 1, "unit": "gold"},
                    },
                ],
            },
            [
                ("limits.1.id", "duplicate"),
                ("campaigns.0", "empty_campaign"),
                ("campaigns.1.extend", "unknown_limit"),
                ("campaigns.1.limit", "count_or_budget"),
                ("campaigns.2.rewards.thanks.set", "not_allowed"),
                ("campaigns.2.limit.unit", "unknown_unit"),
            ],
        ),
        ({**MINIMAL, "overlap": "worst"}, [("overlap", "not_allowed")]),
        ({**MINIMAL, "priority": 1_001}, [("priority", "out_of_range")]),
        ({**MINIMAL, "exclusive": "Some Name"}, [("exclusive", "bad_text")]),
        *(
            (
                {**MINIMAL, "limits": [{"per": "program", "count": 1, "within": within}]},
                [("limits.0.within", "not_allowed")],
            )
            for within in ("P1M", "PT24H", "P1DT1H")
        ),
        (
            {**MINIMAL, "limits": [{"per": "program", "budget": 1, "unit": "point"}]},
            [("limits.0.unit", "unknown_unit")],
        ),
        (
            {**MINIMAL, "limits": [{"per": "program", "budget": 1, "campaigns": ["c"]}]},
            [("limits.0.campaigns", "not_allowed"), ("limits.0.campaigns", "unknown_campaign")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [{"id": "c", "from": "2026-03-31", "to": "2026-03-01", "rewards": {"thanks": {}}}],
            },
            [("campaigns.0.to", "ends_before_start"), ("campaigns.0.rewards.thanks", "empty_change")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [{"id": "c", "from": "2026-03-01", "to": "2026-03-01", "rewards": {"x": {"add": 1}}}],
            },
            [("campaigns.0.rewards", "unknown_rule")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [
                    {"id": "c", "from": "2026-03-01", "to": "2026-03-01", "rewards": {"thanks": {"multiply": "2"}}},
                ],
            },
            [("campaigns.0.rewards.thanks.multiply", "wrong_type")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [{"id": "c", "from": "1 March", "to": "2026-02-30", "rewards": {"thanks": {"add": 1}}}],
            },
            [("campaigns.0.from", "wrong_type"), ("campaigns.0.to", "wrong_type")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [
                    {"id": "c", "from": "2026-03-01", "to": "2026-03-01", "rewards": {"thanks": {"multply": 2}}},
                ],
            },
            [("campaigns.0.rewards.thanks.multply", "unknown_key")],
        ),
        (
            {
                **MINIMAL,
                "campaigns": [
                    {"id": "c", "from": "2026-03-01", "to": "2026-03-01", "rewards": {"thanks": {"multiply": 0}}}
                ],
            },
            [("campaigns.0.rewards.thanks.multiply", "out_of_range")],
        ),
        (
            {**MINIMAL, "eligibility": {"refer": [{"code": "a", "when": "true"}] * 2, "be_referred": []}},
            [("eligibility.refer.1.code", "duplicate")],
        ),
        ({**MINIMAL, "lifecycle": {"flow": "self_serve"}}, [("lifecycle", "no_step")]),
        ({**MINIMAL, "terms": {"url": "http://x"}}, [("terms.url", "bad_text")]),
        ({**MINIMAL, "terms": {"urll": "http://x"}}, [("terms.urll", "unknown_key"), ("terms.urll", "bad_text")]),
    ],
)
def test_a_fault_is_named_by_its_path_and_code(document: Mapping[str, Any], expected: list[tuple[str, str]]) -> None:
    assert refusal(document) == expected


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({**MINIMAL, "limts": []}, "unknown key 'limts'; did you mean limits? Allowed here: program, kind, name"),
        ({**MINIMAL, "zzz": []}, "unknown key 'zzz'; Allowed here: program"),
        (rule(give={"type": "cash", "amont": 5}), "did you mean amount? Allowed here: type, amount, unit"),
        (rule(give={"type": "cash", "amount": {"by_tier": {"t": 1}, "x": 5}}), "Allowed here: by_tier"),
        (
            rule(give={"type": "csh", "amount": 5}),
            "'csh' is not allowed; did you mean cash? Allowed: account_credit, cash",
        ),
        (rule(give={"type": "cash", "amount": 4.8}), "4.8: expected a whole number of minor units: 1250 for 12.50"),
        (rule(give={"type": "cash", "amount": -1}), "-1 is not allowed; it must be at least 0"),
        (rule(give={"type": "cash", "amount": 5, "unit": "US"}), "unknown unit 'US'; did you mean USD?"),
        (rule(when="history.ordrs > 1"), "did you mean orders?"),
        (rule(give={"type": "zzz", "amount": 5}), "'zzz' is not allowed. Allowed: account_credit, cash"),
        (rule(hold="soon"), "expected an ISO 8601 duration such as P30D, P12M or PT24H"),
        (rule(promise={"fulfil": "soon"}), "P12M or PT24H; or business days, such as '5 business days'"),
        (rule(hold="5 business days"), "business days are for promises; use calendar days here, such as P7D"),
        ({**MINIMAL, "timezone": "Europe/Olso"}, "did you mean Europe/Oslo?"),
        ({**MINIMAL, "timezone": "Qqq"}, "use an IANA name such as Europe/Oslo"),
        (
            {**MINIMAL, "tiers": [{**TIERS[0], "after": "t2"}, {**TIERS[1], "after": "t1"}]},
            "tiers go round in a circle: t1 → t2 → t1; let one of them stand alone",
        ),
        (
            {
                **MINIMAL,
                "campaigns": [
                    {"id": "c", "from": "2026-03-01", "to": "2026-03-01", "rewards": {"thanks": {"multply": 2}}},
                ],
            },
            "did you mean multiply? Allowed here: multiply, add",
        ),
    ],
)
def test_a_fault_says_what_is_allowed(document: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        read(document)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("part", "many"),
    [("limits", {"per": "program", "count": 1}), ("units", None)],
)
def test_a_list_of_a_document_has_a_limit(part: str, many: Any) -> None:
    longest = {"limits": MAX_RULES, "units": 20}[part]
    entries = [many or f"unit_{number}" for number in range(longest + 1)]
    read({**MINIMAL, part: entries[:-1]})
    assert refusal({**MINIMAL, part: entries}) == [(part, "wrong_type")]


def test_a_compiled_program_answers_what_decisions_ask() -> None:
    compiled = compile_program("p", "v", 3, read(source("b2b-sales"))[1])
    assert (compiled.key, compiled.zone, compiled.number) == ("b2b-sales", "America/New_York", 3)
    assert set(compiled.rules) == {"qualified", "closed", "welcome"}
    assert [found.id for found in compiled.rules_on["closed_won"]] == ["closed", "welcome"]
    assert compiled.rules_on["opportunity"] == ()
    assert {name: [state for state, _ in steps] for name, steps in compiled.steps.items()} == {
        "crm.deal_opened": ["opportunity"],
        "crm.deal_won": ["closed_won"],
        "crm.deal_lost": ["closed_lost"],
    }
    assert compiled.reversals == {"order.refunded", "subscription.cancelled"}
    [(campaign, start, end)] = compiled.campaign_spans
    assert campaign.id == "double-march"
    assert (start, end) == (datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "concerned", "not_concerned"),
    [
        (
            "b2b-sales",
            ["referral.submitted", "crm.deal_won", "order.refunded", "subscription.cancelled"],
            ["participant.signed_up", "order.completed", "invoice.paid"],
        ),
        (
            "credit-after-threshold",
            ["participant.signed_up", "order.completed", "order.refunded"],
            ["referral.submitted", "crm.deal_won"],
        ),
    ],
)
def test_a_program_knows_which_events_could_concern_it(
    name: str, concerned: list[str], not_concerned: list[str]
) -> None:
    compiled = compile_program("p", "v", 1, read(source(name))[1])
    assert all(compiled.concerns(kind) for kind in concerned)
    assert not any(compiled.concerns(kind) for kind in not_concerned)


def test_a_limit_per_campaign_names_campaigns_that_there_are() -> None:
    drive = {"id": "drive", "from": "2026-03-01", "to": "2026-03-31", "rewards": {"thanks": {"multiply": 2}}}
    limit = {"per": "campaign", "count": 5, "campaigns": ["drive", "week"]}
    document, _ = read({**MINIMAL, "campaigns": [drive, {**drive, "id": "week"}], "limits": [limit]})
    assert document.limits[0].campaigns == ["drive", "week"]


def test_a_tier_may_want_another_one_held() -> None:
    tiers: list[dict[str, Any]] = [
        {"id": "a", "from": 1, "metric": "submitted_referrals"},
        {"id": "b", "from": 1, "metric": "qualified_referrals", "after": "a"},
        {"id": "c", "from": 1, "metric": "closed_won_referrals", "after": "b"},
    ]
    document, _ = read({**MINIMAL, "tiers": tiers})
    assert [tier.after for tier in document.tiers] == [None, "a", "b"]


@pytest.mark.parametrize(
    ("hold", "meant"),
    [("30D", "P30D"), ("30 days", "P30D"), ("P2 weeks", "P2W"), ("PT30D", "P30D"), ("6 months", "P6M"),
     ("24 hours", "PT24H"), ("5min", "PT5M"), ("1Y", "P1Y"), ("3 moons", ""), ("soon", "")],
)  # fmt: skip
def test_a_duration_is_told_how_it_is_written(hold: str, meant: str) -> None:
    with pytest.raises(ProgramError) as refused:
        read({**MINIMAL, "rewards": [{**RULE, "hold": hold}]})
    [fault] = refused.value.faults
    assert fault.message.startswith(f"{hold!r}: expected an ISO 8601 duration")
    assert fault.message.partition("did you mean ")[2] == (f"{meant}?" if meant else "")


def test_a_fault_says_the_value_and_what_is_expected() -> None:
    faulty = {**MINIMAL, "timezone": "Europe/Olso", "description": 7}
    with pytest.raises(ProgramError) as refused:
        read({**faulty, "rewards": [{**RULE, "give": {"type": "cash", "amount": {"percent": "abc"}}}]})
    assert {fault.path: fault.message for fault in refused.value.faults} == {
        "description": "7: expected a text",
        "timezone": "unknown time zone 'Europe/Olso'; use an IANA name such as Europe/Oslo; did you mean Europe/Oslo?",
        "rewards.0.give.amount.percent": "'abc': expected a number, without quotes or %",
    }
    with pytest.raises(ProgramError) as refused:
        read({**MINIMAL, "timezone": "Europe/Olso"})
    assert [fault.message for fault in refused.value.faults] == [
        "unknown time zone 'Europe/Olso'; use an IANA name such as Europe/Oslo; did you mean Europe/Oslo?"
    ]


def test_what_a_document_may_not_say_any_more_stops_no_version_that_runs() -> None:
    old = rule(when="history.orders == '3'")
    assert compile_program("prg", "ver", 1, old).document.rewards[0].when
