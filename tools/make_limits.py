"""Writes docs/reference/limits.md: every limit with its value from the code, what happens beyond it, and the tests that
try both sides.

A constant of the code whose name begins with MAX, MOST, LARGEST or LONGEST must be listed here with tests that
exist; else the tool fails. `python tools/make_limits.py` writes the file, `--check` compares it.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import written

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "goodword"
PAGE = ROOT / "docs" / "reference" / "limits.md"
LIMITED = re.compile(r"^(MAX|MOST|LARGEST|LONGEST)(_|$)")
HEAD = """<!-- Made by tools/make_limits.py from the code. Change the code, then run `make docs`. -->

# Limits

Everything has a limit, and what happens beyond it is said. Each is tried at its value and one beyond by the tests
that the last column names. Values are those of the code; what an operator can set is in
[Operations](../operations.md#settings).
"""


@dataclass(frozen=True)
class Limit:
    """Where it is (`module:CONSTANT` below goodword), what it limits, what happens beyond, and its tests."""

    where: str
    what: str
    beyond: str
    tests: tuple[str, ...]

    def value(self) -> Any:
        module, _, name = self.where.partition(":")
        return getattr(importlib.import_module(f"goodword.{module}"), name)


UNIT, API, CLI = "tests/unit", "tests/integration/api", "tests/integration/cli"
HERE = f"{UNIT}/test_limits.py::"
EVENT = (f"{HERE}test_an_event_at_a_limit_and_beyond",)
EVENT_TOO = (f"{UNIT}/test_events.py::test_everything_has_a_limit_tested_on_both_sides",)
CONDITION = (f"{UNIT}/test_conditions.py::test_the_cost_of_a_condition_is_bounded_when_it_is_published",)
LISTS = f"{API}/test_lists.py::"
KEYS = ("tests/integration/store/test_keys.py::test_what_a_key_is_made_with_has_limits",)
OPS = "tests/integration/ops/"
KEPT_LINES = f"{OPS}test_jobs.py::test_no_more_people_and_decisions_are_kept_than_the_limit_and_all_are_counted"
SIMULATED = (f"{UNIT}/test_simulation.py::test_customers_months_and_runs_have_limits",)
REFUSED = "The event is refused: `{}`."

LIMITS: dict[str, tuple[Limit, ...]] = {
    "Events": (
        Limit("domain.events:MAX_ID", "Characters of an event's, a person's or an account's id.",
              REFUSED.format("bad_event_id") + " Likewise `bad_external_id`, `bad_account`.", EVENT),
        Limit("domain.events:MAX_EVENT_BYTES", "Bytes of one event as JSON.", REFUSED.format("event_too_large"), EVENT),
        Limit("domain.events:MAX_TEXT", "Characters of one text in it.", REFUSED.format("text_too_long"), EVENT_TOO),
        Limit("domain.events:MAX_LIST", "Entries of one list or object in it.", REFUSED.format("too_many"), EVENT_TOO),
        Limit("domain.events:MAX_DEPTH", "Levels of nesting, the event itself the first.", REFUSED.format("too_deep"),
              EVENT),
        Limit("domain.events:MAX_AHEAD", "How far a sender's clock may be ahead.", REFUSED.format("time_in_future"),
              EVENT),
        Limit("domain.money:MAX_AMOUNT", "An amount, in minor units.", REFUSED.format("out_of_range"), EVENT),
        Limit("engine.record:MAX_BATCH", "Events that the engine records in one call.",
              "None is recorded: `too_many_events`.",
              ("tests/integration/engine/test_record.py::test_a_call_takes_so_many_events_and_no_more",)),
        Limit("engine.touches:MOST_TOUCHES", "Touches of one event, with the visits of the click's browser.",
              "Of the visits, the latest are taken.",
              ("tests/integration/engine/test_attribution.py::test_of_very_many_visits_the_latest_are_taken",)),
        Limit("store.attempts:MAX_ATTEMPTS", "Attempts at an event or timer that makes the engine fail.",
              "It is set aside with its error; `goodword aside` shows it.",
              ("tests/integration/engine/test_apply.py::"
               "test_an_event_that_breaks_the_engine_is_set_aside_and_the_others_go_on",)),
        Limit("domain.waiting:MAX_WAITING", "Events of one referral that wait in the lines of limits.",
              "Nothing is given for the next: `cap_reached`.",
              (f"{UNIT}/test_waitlist_events.py::test_so_many_wait_and_no_more",)),
        Limit("domain.own_waiting:MAX_WAITING",
              "Rewards of one participant that wait in the lines of a loyalty program's limits.",
              "Nothing is given for the next: `cap_reached`.",
              (f"{UNIT}/test_waitlist_own.py::test_a_hundred_of_one_participant_wait_and_one_more_is_refused",)),
        Limit("domain.early:MAX_KEPT", "Facts kept for one referral that came before what they build on.",
              "The next is not kept, and its decision says why nothing came of it.",
              (f"{UNIT}/test_early.py::test_no_more_is_kept_than_the_limit",)),
        Limit("domain.payloads.referrals:MAX_PROOF", "Characters of the proof of a claim.", "422 `invalid_request`.",
              (f"{UNIT}/test_claims.py::test_what_is_wrong_with_a_claim_is_said_at_its_place",)),
        Limit("domain.claims:MAX_WAITING", "Claims of one participant that wait in a program.",
              "No further one is made: `too_many_claims`.",
              (f"{UNIT}/test_claims.py::test_no_more_claims_wait_than_may",)),
        Limit("api.aside:MAX_IDS", "Events and timers that one call has tried again by their ids.",
              "422 `invalid_request`.",
              ("tests/integration/api/test_aside.py::test_so_many_are_named_in_one_call",)),
        Limit("console.claims:MAX_NOTE", "Characters of what staff note about a claim.", "It is cut there.",
              ("tests/integration/console/test_claims.py::test_staff_reject_with_a_reason_and_not_without",)),
        Limit("domain.evidence:MAX_KEPT", "Facts with touches kept of one visitor or person for a program.",
              "The next is not kept: `too_many_touches`.",
              (f"{UNIT}/test_evidence.py::test_no_more_is_kept_of_one_than_may_be",)),
        Limit("domain.contests:MAX_RANKED", "Participants that the result of a contest ranks.",
              "Of those at the score of the last, whoever reached it first is in.",
              (f"{UNIT}/test_contests.py::test_a_result_ranks_a_thousand",)),
        Limit("domain.merging:MAX_MOVED", "Links and referrals that one merge may move.",
              "The two stay apart: `too_much_to_merge`.",
              (f"{UNIT}/test_merges.py::test_a_merge_changes_so_much_and_no_more",)),
    ),
    "Links and clicks": (
        Limit("domain.codes:LONGEST", "Characters of a code; at least 3.", REFUSED.format("bad_value"),
              (f"{UNIT}/test_codes.py::test_a_code_of_ones_own_is_of_letters_digits_hyphens_and_underscores",)),
        Limit("api.me:MAX_LINKS", "Links of one person beyond which their page gets none for a further channel.",
              "409 `too_many_links`.",
              ("tests/integration/api/test_me.py::test_a_person_gets_no_links_without_end",)),
        Limit("edge.redirects:MAX_CODE", "Characters of a code as it is typed, with spaces and hyphens.",
              "It is unknown.",
              (f"{UNIT}/edge/test_asked.py::test_a_code_of_any_length_beyond_the_limit_is_unknown",)),
        Limit("domain.destinations:LONGEST", "Characters of an address that a link leads to.",
              "A document with it is refused; a link that asks for it opens the destination.",
              (f"{UNIT}/test_links.py::test_the_longest_address_and_the_longest_list_of_hosts_and_one_beyond",)),
        Limit("domain.destinations:MAX_HOSTS", "Hosts on one program's list.", "The document is refused.",
              (f"{UNIT}/test_links.py::test_the_longest_address_and_the_longest_list_of_hosts_and_one_beyond",)),
        Limit("store.workspaces:MAX_DOMAIN", "Characters of a short domain.", "It is refused: `bad_domain`.",
              ("tests/integration/edge/test_redirects.py::test_a_short_domain_is_a_hosts_name_and_one_workspaces",)),
        Limit("edge.asked:MAX_QUERY", "Characters of the query of a link's address.", "Nothing of it is read.",
              (f"{UNIT}/edge/test_asked.py::"
               "test_a_query_that_is_too_long_has_too_many_fields_or_is_no_text_says_nothing",)),
        Limit("edge.asked:MAX_FIELDS", "Fields of it.", "Nothing of it is read.",
              (f"{UNIT}/edge/test_asked.py::"
               "test_a_query_that_is_too_long_has_too_many_fields_or_is_no_text_says_nothing",)),
        Limit("edge.asked:MAX_VALUE", "Characters of one UTM value.", "The rest is not kept.",
              (f"{UNIT}/edge/test_asked.py::test_what_is_kept_of_a_campaign_is_short_and_printable",)),
        Limit("edge.asked:MAX_REFERRER", "Characters of the page that a visitor came from.", "The rest is not kept.",
              (f"{UNIT}/edge/test_asked.py::test_of_the_page_a_visitor_came_from_host_and_path_are_kept",)),
        Limit("edge.commits:MOST_WAITING", "Clicks that wait for the database in one process.",
              "The next visitor gets a page that asks again: 503.",
              ("tests/integration/edge/test_redirects.py::test_more_than_may_wait_are_refused_at_once",)),
        Limit("edge.known:MOST_LINKS", "Links that one process remembers.", "The one least asked for is read again.",
              (f"{UNIT}/edge/test_asked.py::"
               "test_memory_is_bounded_and_codes_that_are_asked_for_together_are_read_together",)),
    ),
    "Programmes": (
        Limit("domain.faults:MAX_FAULTS", "Faults of a document that are told at once.",
              "The last one told is `more_faults`.",
              (f"{UNIT}/test_program.py::test_of_very_many_faults_the_first_are_told",)),
        Limit("domain.reading:MAX_BYTES", "Bytes of a document.", "It is refused: `too_large`.",
              (f"{UNIT}/test_program.py::test_what_is_no_document_is_told_the_line",)),
        Limit("domain.reading:MAX_DEPTH", "Levels of nesting in it.", "It is refused: `too_deep`.",
              (f"{HERE}test_a_document_as_deep_as_may_be_and_one_deeper",)),
        Limit("domain.reading:MAX_DIGITS", "Digits of a number in it.", "It is refused: `out_of_range`.",
              (f"{UNIT}/test_program.py::test_what_is_no_document_is_told_the_line",)),
        Limit("domain.migrating:MAX_NAMED", "Referrals that one migration names.", "It is refused: 422.",
              (f"{API}/test_migrations.py::test_a_body_at_its_limits_and_beyond",)),
        Limit("domain.payloads.programs:MAX_REASON",
              "Characters of why a program is paused, resumed, ended or migrated.", "It is refused.",
              (f"{API}/test_migrations.py::test_a_body_at_its_limits_and_beyond",)),
        Limit("engine.acceptances:MAX_HOW", "Characters of how an acceptance of terms was obtained.", "It is refused.",
              (f"{CLI}/test_participant.py::test_staff_record_that_somebody_accepted_terms",)),
        Limit("engine.drafts:MAX_COMMENT", "Characters of the comment on a step of a draft.", "It is refused: 422.",
              (f"{API}/test_drafts.py::test_a_step_is_refused_for_what_it_does_not_know",)),
        Limit("engine.drafts:MAX_STEPS", "Steps in the record of one draft.",
              "A further step is refused; discard the draft and begin another.",
              (f"{API}/test_drafts.py::test_the_record_of_a_draft_does_not_grow_for_ever",)),
        Limit("domain.wording:MAX_SHOWN", "Characters of a value in what a version changes.",
              "Of a longer one what is around the first difference is told.",
              ("tests/unit/test_wording.py::test_of_long_texts_what_is_around_the_first_difference_is_told",)),
        Limit("domain.running:MAX_VOIDED", "Open referrals and held rewards that one end of a program voids.",
              "It is refused; publish it with `ending: settle` first.",
              ("tests/integration/engine/test_running.py::"
               "test_replay_agrees_with_pauses_schedules_and_an_end_that_voids",)),
        Limit("domain.fields:MAX_RULES", "Entries in each of its lists.", "It is refused.",
              (f"{UNIT}/test_program.py::test_a_list_of_a_document_has_a_limit",)),
        Limit("domain.shared:MAX_CONTESTS", "Goals, and contests, of a programme.", "It is refused.",
              (f"{UNIT}/test_contests.py::test_a_document_has_so_many_contests_and_no_more",)),
        Limit("domain.calendar:MAX_YEARS", "Years of a duration.", "It is refused.",
              (f"{HERE}test_a_duration_at_its_limit_and_beyond",)),
        Limit("domain.conditions:MAX_SOURCE", "Characters of a condition.", "It is refused: `cel_cost`.", CONDITION),
        Limit("domain.conditions:MAX_TOKENS", "Tokens of a condition.", "It is refused: `cel_cost`.", CONDITION),
        Limit("domain.conditions:MAX_NESTING", "Brackets inside brackets.", "It is refused: `cel_cost`.", CONDITION),
        Limit("domain.conditions:MAX_MACRO_NESTING", "Macros (`map`, `filter`, `all`, `exists`) inside macros.",
              "It is refused: `cel_cost`.", CONDITION),
        Limit("domain.conditions:MAX_COST", "Steps of one evaluation, reckoned before it begins.",
              "It is not run, and the decision says `condition_error`.",
              (f"{UNIT}/test_conditions.py::test_a_loop_over_lists_that_are_too_long_is_not_even_begun",)),
        Limit("domain.cel_syntax:MAX_SHAPES", "Shapes of well-formed expressions that a process remembers.",
              "They are forgotten, and read anew.",
              (f"{UNIT}/test_cel_syntax.py::test_so_many_shapes_are_remembered_and_then_forgotten",)),
        Limit("domain.cel_cost:MAX_MAPS", "`map` macros in one expression.", "It is refused: `cel_cost`.",
              (f"{UNIT}/test_cel_cost.py::test_one_map_behind_another_could_double_what_it_is_given",)),
        Limit("domain.conditions:MAX_PATTERNS", "`matches` in one expression.", "It is refused: `cel_cost`.",
              (f"{UNIT}/test_cel_cost.py::test_patterns_are_bounded_in_number",)),
        Limit("domain.cel_cost:MAX_COPIES", "Entries, and pieces of 16 characters, that macros may read and copy.",
              "It is not run, and the decision says `condition_error`.",
              (f"{UNIT}/test_cel_cost.py::test_what_would_copy_too_much_is_not_even_begun",)),
    ),
    "API": (
        Limit("api.body:MAX_BODY", "Bytes of a request's body.", "413 `body_too_large`.",
              (f"{API}/test_bad_input.py::test_a_body_may_be_as_long_as_the_limit_and_no_longer",)),
        Limit("api.body:MAX_BATCH_BODY", "Bytes of the body of a batch of events.", "413 `body_too_large`.",
              (f"{API}/test_bad_input.py::test_a_body_may_be_as_long_as_the_limit_and_no_longer",)),
        Limit("domain.unpacking:MAX_MEMBERS", "Parts of a body that came as gzip.", "400 `malformed_gzip`.",
              (f"{UNIT}/test_unpacking.py::test_so_many_members_are_read_and_no_more",)),
        Limit("ops.serving.door:MAX_HEAD", "Bytes of a request's head, and of what stands behind a body in chunks.",
              "431 `head_too_large`.", (f"{UNIT}/ops/test_door.py::test_a_head_of_64_kb_is_read_and_no_more",)),
        Limit("ops.serving.door:MOST_BEHIND", "Requests of one connection that come before the first is answered.",
              "503 `overloaded`, and the connection ends.",
              (f"{UNIT}/ops/test_door.py::test_so_many_requests_wait_behind_one_and_no_more",)),
        Limit("edge.bodies:MAX_BODY", "Bytes of any body, before anybody looks at it.", "413, and it is not read.",
              (f"{API}/test_http.py::test_a_body_in_chunks_is_measured_as_it_comes",
               f"{API}/test_http.py::test_a_body_that_says_it_is_too_large_is_not_waited_for")),
        Limit("edge.bodies:MAX_FILES_BODY", "The same of a request with files to be imported.",
              "413, and it is not read.",
              (f"{UNIT}/edge/test_bodies.py::test_files_to_be_imported_may_be_as_large_as_their_route_takes",)),
        Limit("edge.bodies:MOST_HELD", "Bytes of the bodies of all requests of one process together.",
              "503 `overloaded`.",
              (f"{UNIT}/edge/test_crowd.py::"
               "test_a_body_for_which_no_memory_is_left_is_refused_with_when_to_come_again",)),
        Limit("edge.intake:MOST_WAITING", "Requests with events of one process that wait to be recorded.",
              "503 `overloaded`.",
              (f"{UNIT}/edge/test_intake.py::test_those_beyond_the_line_are_refused_and_who_waited_too_long",)),
        Limit("ops.handler:MOST_WAITING", "Requests of one process that wait until they are worked on.",
              "503 `overloaded`.",
              (f"{UNIT}/edge/test_crowd.py::"
               "test_those_beyond_the_seats_wait_in_their_order_and_those_beyond_the_line_are_refused",)),
        Limit("api.body:MAX_DEPTH", "Levels of nesting in a body.", "422 `invalid_request`.",
              (f"{HERE}test_a_body_of_so_many_levels_and_values_and_no_more",)),
        Limit("api.body:MAX_VALUES", "Values in a body.", "422 `invalid_request`.",
              (f"{HERE}test_a_body_of_so_many_levels_and_values_and_no_more",)),
        Limit("api.schemas:MAX_BATCH", "Events in one batch.", "422, and none is recorded.",
              (f"{API}/test_events.py::test_the_largest_batch_is_taken_and_one_more_is_not",)),
        Limit("api.door:MAX_QUERY", "Characters of an address' query.", "414 `url_too_long`.",
              (f"{API}/test_limits.py::test_a_query_of_an_address_at_its_limit_and_beyond",)),
        Limit("api.paging:MAX_LIMIT", "Entries of a page.", "422 `invalid_request`.",
              (f"{LISTS}test_limits_within_bounds", f"{LISTS}test_a_limit_out_of_bounds_is_refused")),
        Limit("api.paging:MAX_CURSOR", "Characters of a cursor.", "422 `invalid_request`.",
              (f"{API}/test_limits.py::test_a_cursor_at_its_limit_and_beyond",)),
        Limit("api.programs:MAX_VERSION", "The number of a version.", "404, and the database is not asked.",
              (f"{API}/test_limits.py::test_a_versions_number_at_its_limit_and_beyond",)),
        Limit("api.problems:MAX_ERRORS", "Errors that one answer lists.", "The answer says how many there are.",
              (f"{API}/test_limits.py::test_so_many_errors_are_listed_and_the_rest_counted",)),
        Limit("api.idempotency:MAX_KEY", "Characters of an `Idempotency-Key`.", "422 `bad_idempotency_key`.",
              (f"{API}/test_idempotency.py::test_the_longest_key_is_taken",
               f"{API}/test_idempotency.py::test_a_key_that_is_no_key_is_refused")),
        Limit("store.keys:MAX_KEYS", "Keys of a workspace that are in use, token secrets among them.",
              "409 `too_many_keys`.", (f"{API}/test_keys.py::test_a_workspace_has_so_many_keys_and_no_more",)),
        Limit("store.keys:MAX_ORIGINS", "Origins of a key.", "422: `bad_origin` or `out_of_range`.", KEYS),
        Limit("store.keys:MAX_ORIGIN", "Characters of an origin.", "422: `bad_origin` or `out_of_range`.", KEYS),
        Limit("store.keys:MAX_OVERLAP", "How long a rotated key lives on.", "422: `out_of_range`.", KEYS),
        Limit("store.keys:MAX_LIFE", "How far ahead a key may end.", "422: `bad_expiry`.", KEYS),
        Limit("api.tokens:MAX_TOKEN", "Characters of a participant token.", "401 `bad_token`.",
              (f"{UNIT}/test_tokens.py::test_a_token_has_a_length",)),
        Limit("api.tokens:MAX_LIFETIME", "Seconds that a participant token lives, and a minute for clocks that differ.",
              "401 `bad_token`.", (f"{UNIT}/test_tokens.py::test_a_token_lives_a_day_at_most",)),
        Limit("api.tokens:MAX_SUBJECT", "Characters of a token's `sub` and `name`.", "401 `bad_token`.",
              (f"{UNIT}/test_tokens.py::test_a_claim_that_is_missing_or_odd_is_named",)),
        Limit("api.keys:MAX_KEY", "Characters of what is sent as a key.", "401 `bad_key`, and nobody looks it up.",
              (f"{API}/test_limits.py::test_a_key_at_its_limit_is_looked_up_and_a_longer_one_is_not",)),
    ),
    "Files and the command line": (
        Limit("ops.intake.rows:MAX_LINE", "Bytes of a line that `goodword load` reads, with its end.",
              "A bad row: `line_too_long`.",
              (f"{CLI}/test_load.py::test_a_line_that_is_no_event_is_a_bad_row",
               f"{CLI}/test_limits.py::test_a_line_at_its_limit_is_read")),
        Limit("ops.intake.csv_rows:MAX_COLUMNS", "Columns of a CSV file.", "The file is refused: `too_many_columns`.",
              (f"{CLI}/test_limits.py::test_columns_at_their_limits_and_beyond",)),
        Limit("ops.intake.csv_rows:MAX_PARTS", "Parts of a column's name, `properties.a.b`.", "The file is refused.",
              (f"{CLI}/test_limits.py::test_columns_at_their_limits_and_beyond",)),
        Limit("ops.intake.load:MAX_SHOWN", "Bad rows that are shown.", "The rest is counted.",
              (f"{CLI}/test_load.py::test_only_the_first_bad_rows_are_shown",)),
        Limit("engine.imports.reading:MAX_FILE", "Bytes of one file that is imported.",
              "The file is refused: `file_too_large`.",
              (f"{CLI}/test_import.py::test_what_cannot_be_imported_is_refused_whole",)),
        Limit("api.body:MAX_IMPORT_BODY", "Bytes of a request with files to be imported.", "413 `body_too_large`.",
              (f"{API}/test_imports.py::test_a_body_has_its_limit",)),
        Limit("engine.imports.store:MAX_FILES", "Files of one import.", "The import is refused: `too_many_files`.",
              (f"{CLI}/test_import.py::test_what_cannot_be_imported_is_refused_whole",)),
        Limit("engine.imports.reading:MAX_ROWS", "Rows of one file that is imported.",
              "The file is refused: `too_many_rows`.",
              (f"{UNIT}/test_import_files.py::test_a_table_has_so_many_columns_and_rows",)),
        Limit("engine.imports.reading:MAX_COLUMNS", "Columns of one.", "The file is refused: `too_many_columns`.",
              (f"{UNIT}/test_import_files.py::test_a_table_has_so_many_columns_and_rows",)),
        Limit("engine.imports.reading:MAX_CELL", "Characters of a cell, or of a text in JSON.",
              "The row is refused: `CELL_TOO_LONG`.",
              (f"{UNIT}/test_import_files.py::test_a_row_that_is_wrong_is_told_and_the_next_is_read",)),
        Limit("engine.imports.reading:MAX_DOCUMENT", "Characters of a JSON document, or a JSON line, that is imported.",
              "The file is refused: `document_too_large`, `line_too_long`.",
              (f"{UNIT}/test_import_files.py::test_a_json_document_and_a_line_have_a_length",)),
        Limit("engine.imports.records:MAX_EACH", "Entries of one list that are imported.", "The others are left out.",
              (f"{UNIT}/test_import_files.py::test_each_entry_of_a_list_is_one_and_when_leaves_rows_out",)),
        Limit("engine.imports.mapping:MAX_TEXT", "Characters of a text in a mapping.", "A fault: `wrong_type`.",
              (f"{UNIT}/test_import_mapping.py::test_limits_are_reached_and_not_passed",
               f"{UNIT}/test_import_mapping.py::test_a_fault_has_its_place")),
        Limit("store.jobs:MAX_OPEN", "Backtests and simulations of a workspace that wait or run.",
              "409 `too_many_jobs`.",
              (f"{API}/test_backtests.py::test_so_many_wait_and_no_more_and_one_that_is_cancelled_makes_room",)),
        Limit("insight.simulations:MAX_WORK", "Customers × months × runs × programs of a simulation over the API.",
              "422 `invalid_request`.",
              (f"{API}/test_simulations.py::test_a_bad_question_is_refused_with_every_fault_at_its_place",)),
        Limit("store.jobs:MAX_ATTEMPTS", "Processes that may die at one of them.", "It has failed: `process_died`.",
              (f"{OPS}test_jobs.py::test_who_gives_no_sign_of_life_loses_the_question_and_after_three_it_is_given_up",)),
        Limit("store.jobs:MAX_DETAIL", "Characters that say why one has failed.", "The rest is left out.",
              (f"{OPS}test_jobs.py::test_what_breaks_is_said_and_not_what_it_read",)),
        Limit("ops.jobs.work:LONGEST", "Seconds that one of them may take.",
              "It is stopped, and has failed: `too_long`.",
              (f"{OPS}test_jobs.py::test_work_that_was_cancelled_or_takes_too_long_is_stopped",)),
        Limit("ops.jobs.work:MAX_DECISIONS", "Changed decisions of a backtest that are kept with their traces.",
              "The rest is counted.", (KEPT_LINES,)),
        Limit("ops.jobs.work:MAX_PEOPLE", "People of a backtest who are kept.", "The rest is counted.", (KEPT_LINES,)),
        Limit("insight.simulation.runs:MAX_CUSTOMERS", "Customers who join by themselves in a simulation.",
              "The command is refused.", SIMULATED),
        Limit("insight.simulation.runs:MAX_MONTHS", "Months of a simulation.", "The command is refused.", SIMULATED),
        Limit("insight.simulation.runs:MAX_RUNS", "Runs of a simulation.", "The command is refused.", SIMULATED),
        Limit("insight.simulation.runs:MAX_PLAYED", "Customers × months × runs × programmes of a simulation.",
              "The command is refused.", (f"{UNIT}/test_simulation.py::test_what_is_played_in_all_has_a_limit",)),
        Limit("insight.simulation.world:MAX_PEOPLE", "People of one run, friends of friends included.",
              "The simulation stops and says which parameters to lower.",
              (f"{UNIT}/test_simulation.py::test_friends_of_friends_have_a_limit",)),
        Limit("insight.simulation.world:MAX_GROWTH", "People of one run for each customer who joins by themselves.",
              "The simulation stops and says which parameters to lower.",
              (f"{UNIT}/test_simulation.py::test_people_have_a_limit_for_each_customer",)),
        Limit("insight.simulation.world:LEAST_GROWTH", "Customers from which on that counts; fewer are taken for so "
              "many.", "The simulation stops and says which parameters to lower.",
              (f"{UNIT}/test_simulation.py::test_people_have_a_limit_for_each_customer",)),
        Limit("engine.backtest.survey:MOST_PARTS", "Parts into which a backtest is cut.",
              "There are no more, also where more processors could work.",
              (f"{UNIT}/test_backtest_parts.py::test_there_are_no_more_parts_than_the_limit",)),
        Limit("engine.aside:MOST", "Events and timers set aside that are listed at once.", "The oldest are listed.",
              (f"{CLI}/test_limits.py::test_so_many_that_are_set_aside_are_listed",)),
        Limit("ops.citus.run:MOST_SHARDS", "Shards of a table.", "The command is refused.",
              (f"{CLI}/test_limits.py::test_shards_at_their_limit_and_beyond",)),
        Limit("domain.erasure:MAX_ALSO", "Further texts of one erasure.", "Refused: `bad_also`.",
              ("tests/integration/engine/test_erase.py::test_a_further_text_has_its_limits",)),
        Limit("domain.erasure:MAX_TEXTS", "Texts by which an erasure finds a person.", "The longest are taken.",
              (f"{UNIT}/test_erasure.py::test_the_longest_texts_are_looked_for_when_there_are_too_many",)),
    ),
    "Operating": (
        Limit("ops.database:LARGEST_POOL", "Connections of one process, `GOODWORD_DB_POOL`.", "It does not start.",
              (f"{HERE}test_the_largest_pool_and_one_more",)),
        Limit("ops.figures:MOST_READ", "Workspaces that one look for the metrics reads.",
              "The next look reads the others.",
              (f"{OPS}test_probes.py::test_a_look_lasts_some_seconds_and_reads_a_bounded_number_of_workspaces",)),
        Limit("ops.figures:MOST_COUNTED", "Rows of one kind that a look counts in a workspace.",
              "More are told as this many.", (f"{OPS}test_probes.py::test_a_look_counts_a_bounded_number_of_rows",)),
        Limit("engine.watch:MAX_REQUESTS", "Requests that one batch's line in the log names.", "More are counted.",
              (f"{HERE}test_a_batch_names_so_many_requests_and_counts_the_rest",)),
        Limit("ops.postgres.paths:LONGEST_SOCKET", "Bytes of a Unix socket's path.",
              "The socket is put into a shorter folder.",
              (f"{OPS}test_embedded_postgres.py::test_a_deep_home_puts_its_socket_into_a_short_private_folder",)),
    ),
}  # fmt: skip
NO_LIMITS = {"ops.serving.supervisor:LONGEST_BACKOFF": "a pause: nothing is beyond it"}


def unlisted(source: Path = SOURCE) -> list[str]:
    """Constants that are limits by their name and are not in the list."""
    known = {limit.where for limits in LIMITS.values() for limit in limits} | NO_LIMITS.keys()
    found = []
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text()).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            found += [f"{module}:{name}" for name in names if LIMITED.match(name)]
    return [where for where in found if where not in known]


def untested(limit: Limit) -> list[str]:
    """What is wrong with the tests of a limit."""
    if not limit.tests:
        return [f"{limit.where} names no test"]
    return [f"{limit.where}: there is no test {test}" for test in limit.tests if not _exists(test)]


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return (ROOT / path).exists() and f"def {name}(" in (ROOT / path).read_text()


def faults() -> list[str]:
    """Why the page cannot be written; empty when all is well."""
    found = [f"{where} is not in the list of tools/make_limits.py" for where in unlisted()]
    return found + [fault for limits in LIMITS.values() for limit in limits for fault in untested(limit)]


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for name, limits in LIMITS.items():
        parts += [f"\n## {name}\n", "\n| limit | value | beyond it | where | tests |\n|---|---|---|---|---|\n"]
        for limit in limits:
            tests = ", ".join(f"[{test.partition('::')[2]}](../../{test.partition('::')[0]})" for test in limit.tests)
            where = f"`goodword.{limit.where.replace(':', '.')}`"
            parts.append(f"| {limit.what} | {_shown(limit.value())} | {limit.beyond} | {where} | {tests} |\n")
    return "".join(parts)


def _shown(value: Any) -> str:
    return f"{value.total_seconds() / 3600:g} hours" if isinstance(value, timedelta) else f"{value:,}"


def made() -> dict[Path, str]:
    """The file as it should be; ends the tool where a limit is missing."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("GOODWORD_HOME", home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodword.ops.settings")
        os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
        import django

        django.setup()
        if found := faults():
            sys.exit("\n".join(found))
        return {PAGE: page()}


if __name__ == "__main__":
    sys.exit(written.main(sys.argv[1:], made, __doc__))
