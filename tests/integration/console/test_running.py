"""Pausing, resuming and ending a program in the console: what it will do, who may, and what the pages say after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client

from goodword.engine import apply, drafts, programs, record
from support.browsing import Page, logged_in
from support.documents import self_serve, thanks

HERE = "/w/test/programs/simple/"


def look(client: Client, path: str = HERE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer
    page = Page(answer.content.decode())
    assert page.forbidden == []
    return page.text


def act(client: Client, verb: str, **values: str) -> str:
    answer = client.post(f"{HERE}{verb}/", values, follow=True)
    assert answer.status_code == 200, answer
    return Page(answer.content.decode()).text


def refused(client: Client, verb: str, **values: str) -> str:
    answer = client.post(f"{HERE}{verb}/", values)
    assert answer.status_code == 422, answer
    return Page(answer.content.decode()).text


def one_open_and_one_held(workspace: str) -> None:
    sent = (
        ("link.created", "ada", {"program": "simple", "code": "ada"}),
        ("participant.signed_up", "bo", {"code": "ada"}),
        ("participant.signed_up", "cy", {"code": "ada"}),
        ("order.completed", "bo", {"value": 3000, "currency": "USD"}),
    )
    record.record(
        workspace,
        [
            {"type": kind, "event_id": f"{kind}{who}", "occurred_at": datetime.now(UTC), "participant": who,
             "properties": properties}
            for kind, who, properties in sent
        ],
    )  # fmt: skip
    apply.apply_pending(workspace)


def test_a_program_is_paused_resumed_and_ended_with_who_and_why(workspace: str, visit: Client) -> None:
    programs.publish(workspace, self_serve(ending="void", rewards=[thanks(hold="P30D")]), by="Ada")
    one_open_and_one_held(workspace)
    assert "Say why" in refused(visit, "pause")
    paused = act(visit, "pause", reason="The <b>offer</b> changes.")
    assert "Paused by owner@example.com" in paused
    assert "The <b>offer</b> changes." in paused
    assert "Paused" in look(visit, "/w/test/programs/")
    assert "Simple simple Referral Paused v1" in look(visit, "/w/test/"), "the overview says so too"
    assert visit.get(f"{HERE}pause/").status_code == 302, "it is paused already"
    assert "It runs again." in act(visit, "resume")
    told = look(visit, f"{HERE}end/")
    assert "1 open referral is voided. 1 held reward is cancelled" in told
    for why, told in (
        ("Tick that you mean it", refused(visit, "end", reason="Over.", ending="void")),
        ("look again", refused(visit, "end", reason="Over.", ending="settle", sure="yes")),  # another ending was seen
    ):
        assert (why in told, "Over." in told) == (True, True), "the reason need not be typed again"
    ended = act(visit, "end", reason="Over.", ending="void", sure="yes")
    assert "Ended by owner@example.com" in ended
    assert "open referrals were voided · Over." in ended
    assert "Ended v1" in ended
    assert "1 referral voided, 1 reward cancelled" in ended
    assert "Write a draft" not in ended
    assert "Simple simple Referral Ended v1" in look(visit, "/w/test/")


def test_an_end_that_settles_says_what_may_finish(workspace: str, visit: Client) -> None:
    programs.publish(workspace, self_serve(rewards=[thanks(hold="P30D")]), by="Ada")
    one_open_and_one_held(workspace)
    told = look(visit, f"{HERE}end/")
    assert "1 open referral may go on and finish" in told
    assert "1 held reward keeps its hold" in told
    assert "open referrals may still finish" in act(visit, "end", reason="Over.", ending="settle", sure="yes")
    assert "nothing can be done with it any more" in act(visit, "pause", reason="Too late.")


def test_who_may_not_publish_may_not_stop_a_program(workspace: str, hire: Callable[..., User]) -> None:
    programs.publish(workspace, self_serve(), by="Ada")
    support = logged_in(hire("support"))
    for verb in ("pause", "resume", "end"):
        assert support.get(f"{HERE}{verb}/").status_code == 403
        assert support.post(f"{HERE}{verb}/", {"reason": "x", "sure": "yes"}).status_code == 403
    assert "Pause" not in look(support)
    assert visit_unknown(logged_in(hire("manager"))) == 404


def visit_unknown(client: Client) -> int:
    return client.get("/w/test/programs/nothing/pause/").status_code


def test_a_version_says_when_it_goes_live_and_a_program_keeps_its_name_until_then(
    workspace: str, visit: Client, hire: Callable[..., User]
) -> None:
    hire("manager")
    later = datetime.now(UTC) + timedelta(days=9)
    programs.publish(workspace, self_serve(name="Next year"), by="Ada", at=later)
    assert "Next year simple Referral Scheduled –" in look(visit, "/w/test/programs/")
    programs.publish(workspace, self_serve(name="Now"), by="Ada")
    row, _ = drafts.save(workspace, self_serve(name="Later"), by="owner@example.com")
    assert "Open draft Draft" in look(visit)
    drafts.submit(workspace, str(row.id), by="owner@example.com")
    drafts.approve(workspace, str(row.id), by="manager@example.com")
    drafts.publish(workspace, str(row.id), by="manager@example.com", at=later)
    shown = look(visit)
    assert "Later simple" not in shown
    assert "Now simple · Referral · Live" in shown
    assert f"v3 {later.day} {later:%b %Y}".replace(" ", "") not in shown.replace(" ", ""), "not live: it says from when"
    assert "v3 live from" in shown
    assert "Written by owner@example.com · approved by manager@example.com" in shown
    assert "v2 Live" in shown
    assert "v1 never live" in shown, "a later version is live already"
    assert "Now simple Referral Live v2" in look(visit, "/w/test/programs/")
