"""The walk goes on: links and clicks, imports, terms, what runs of a programme, and debts that reach another one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.integration.api.conftest import Api
from tests.integration.console.test_parts import DOCUMENT, win
from tests.integration.engine.helpers import event, friend, link, send
from tests.integration.engine.test_backtest_owed import BACK, generous, refund

from goodword.domain import ids
from goodword.domain.events import parse_time
from goodword.engine import drafts, erase, forgetting, programs, record, worker
from goodword.engine.backtest import job
from goodword.engine.imports import asking
from goodword.ops.jobs import work
from goodword.store import clicks, jobs, keys, models, staff, tenancy, workspaces
from goodword.store.sql import execute
from support.browsing import logged_in
from support.commands import run
from support.documents import self_serve
from support.imports import FRIENDS, bring, codes, counts, everything, lines

CLICKED = parse_time("2026-03-01T09:00:00Z")


def walk(folder: Path) -> None:
    """Each in a workspace of its own."""
    _links_and_clicks()
    _claims()
    _imports(folder)
    _terms()
    _pages()
    _debts()


def _made(slug: str, *documents: dict[str, Any]) -> str:
    workspace = str(workspaces.create(slug, slug).id)
    for document in documents:
        programs.publish(workspace, document, by="walk")
    return workspace


def _links_and_clicks() -> None:
    """Links by the API and the command line; a visit of one of them becomes a sign-up, and is forgotten."""
    workspace = _made("linked", self_serve())
    api = Api(keys.create_key(workspace, "walk")[1])
    chosen = api.post("/v1/links", {"participant": "ada", "program": "simple", "code": "ada-1"})
    assert chosen.status == 200
    taken = api.post("/v1/links", {"participant": "bob", "program": "simple", "code": "ada-1"})
    assert taken.errors == [("/code", "code_taken")]
    for _ in range(2):
        elsewhere = {"participant": "cyd", "program": "simple", "destination": "https://elsewhere.example/"}
        assert api.post("/v1/links", elsewhere).data["link"] is None, (
            "the second time, the program's rules are looked at"
        )
    refund = {"type": "track", "event": "Order Refunded", "userId": "ada", "properties": {"order_id": "7"}}
    assert api.post("/v1/track", refund).errors == [("/properties/order_id", "unknown_order")]
    ours = {"type": "participant.identified", "event_id": "ours", "participant": ids.public("par", workspace)}
    assert api.post("/v1/events", ours).errors == [("/participant/external_id", "unknown_participant")]
    for words in (("create", "bob", "simple", "--code", "bob-1"), ("list",), ("disable", "bob-1")):
        assert run("link", *words, "-w", "linked").code == 0, words
    settings = {"short_domain": "go.example.com", "raw_ip_days": 1, "clicks_days": 30, "ip_hash_days": 1}
    workspaces.configure(workspace, settings, by="test", door="cli")
    assert api.get("/v1/workspace/changes").data["data"][0]["by"] == "test"
    found = ids.internal("lnk", chosen.data["link"]["id"])
    rows, visitor = [], None
    for minute in range(2):
        at = CLICKED + timedelta(minutes=minute)
        id = ids.derive(at, workspace, "click")
        rows.append(clicks.Click(id, found, at, "visit", "phone", "", "", "en", {}, None, "192.0.2.1", visitor))
        visitor = visitor or id
    with tenancy.workspace(workspace):
        execute(clicks.INSERT, clicks.values(workspace, rows))
        last = clicks.find(workspace, rows[1].id)
        assert last
        assert len(clicks.of_visitor(workspace, last)) == 2
    name = ids.public("clk", last.id)
    send(workspace, event("new", "participant.signed_up", "2026-03-02T10:00:00", "new", click_id=name))
    assert len(api.get("/v1/referrals").data["data"]) == 1
    assert forgetting.forget(workspace, CLICKED + timedelta(days=40)) == 4  # two addresses, two clicks


def _claims() -> None:
    """A visitor becomes known, an order brings evidence, claims are made, decided and looked at; then somebody is
    erased."""
    workspace = _made("claimed", self_serve())
    api = Api(keys.create_key(workspace, "walk")[1])
    link = event("l", "link.created", "2026-03-01T10:00:00", "ada", program="simple", code="ada-1")
    seen = event("v", "visitor.touched", "2026-03-01T11:00:00", None, anonymous_id="b-1", code="ada-1")
    known = event("i", "participant.identified", "2026-03-01T12:00:00", "new", anonymous_id="b-1")
    money = {"value": 900, "currency": "USD", "coupon": "ada-1"}
    send(workspace, link, seen)
    send(workspace, known)
    send(workspace, event("o", "order.completed", "2026-03-02T10:00:00", "new", **money))
    for friend_of in ("x1", "x2"):
        told = {"program": "simple", "referred": {"external_id": friend_of}, "proof": "Lunch."}
        made = api.post("/v1/claims", {"participant": {"external_id": "ada"}, **told})
        assert made.data["claim"]["state"] == "waiting"
    client = logged_in(staff.create_user("claims@example.com", "correct horse battery", workspace, "owner"))
    _see(client, reverse("console:claims", args=["claimed"]))
    client.post(reverse("console:claim_step", args=["claimed", made.data["claim"]["id"], "approve"]), follow=True)
    [one] = api.get("/v1/claims", state="waiting").data["data"]
    assert api.post(f"/v1/claims/{one['id']}/reject", {"reason": "not_proven"}).status == 200
    name = ids.public("par", erase.find(workspace, "new"))
    assert api.get(f"/v1/participants/{name}/export").status == 200
    for who in ("new", "x1"):  # somebody whom an order brought, and somebody whom staff spoke of
        erase.erase(workspace, erase.find(workspace, who), by="walk")
    assert run("replay", "--verify", "-w", "claimed").code == 0


def _imports(folder: Path) -> None:
    """What another system had is tried, comes over, and is taken out again; one code comes too late."""
    workspace = _made("imported", FRIENDS)
    send(workspace)
    tried = everything(workspace, dry=True)
    made = asking.act(workspace, tried, "run", "walk")
    claim = jobs.claim(workspace)
    assert claim
    work.carry_out(claim)
    name = ids.public("imp", made.id)
    report = folder / "report.csv"
    assert run("import", "show", name, "--report", str(report), "-w", "imported").code == 0
    assert "PARTNER_NOT_FOUND" in report.read_text()
    undone = run("import", "undo", name, "--yes", "-w", "imported")
    assert "undone" in undone.out, undone
    again = everything(workspace)
    assert run("import", "list", "-w", "imported").code == 0
    _refuse_late(workspace)
    send(workspace, *friend(1, "ada-mail", "2026-03-01T10:00:00"))
    assert run("import", "undo", ids.public("imp", again.id), "--yes", "-w", "imported").code == 1, "a code was used"
    assert run("replay", "--verify", "-w", "imported").code == 0


def _refuse_late(workspace: str) -> None:
    """A code is taken by an event that the engine comes to only when the import was planned."""
    record.record(workspace, [link("friends", "zed", "late")])
    code = {"id": "l9", "token": "late", "url": "https://x.example/?via=late"}
    ada = {"id": "af1", "first_name": "Ada", "email": "ada@x.example", "state": "active", "links": [code]}
    late = bring(workspace, "rewardful", ("affiliates.jsonl", lines(ada)))
    assert codes(late, "error") == [("links", "CODE_TAKEN")]
    assert counts(late)["links"] == {"error": 1}


def _terms() -> None:
    """Somebody's word for it, told by staff."""
    words = ("participant", "accept-terms", "bo", "simple", "--how", "on paper")
    assert run(*words, "-w", "agreed").code == 0


def _pages() -> None:
    """A programme with goals, limits and campaigns on its page, stopped there; documents that a form starts from."""
    workspace = _made("spring", DOCUMENT)
    for who, team, lead, value in (("ada", "Red", "l1", 60_000), ("bo", "Red", "l2", 20_000)):
        win(workspace, who, team, lead, value)
    worker.drain(workspace)
    client = logged_in(staff.create_user("owner@example.com", "correct horse battery", workspace, "owner"))
    _see(client, reverse("console:program", args=["spring", "spring"]))
    draft = ids.public("drf", drafts.save(workspace, DOCUMENT | {"name": "Later"}, by="walk")[0].id)
    form = reverse("console:simulation_new", args=["spring"])
    for page in (form, f"{form}?program=spring", f"{form}?draft={draft}"):
        _see(client, page)
    for verb in ("pause", "resume", "end"):
        page = reverse("console:program_move", args=["spring", "spring", verb])
        _see(client, page)
        client.post(page, {"reason": "Enough.", "sure": "yes", "ending": "settle"}, follow=True)
    with tenancy.workspace(workspace):
        assert models.Program.objects.get(workspace_id=workspace).state in ("settling", "ended")
    _see(client, reverse("console:programs", args=["spring"]))


def _see(client: Client, page: str) -> None:
    assert client.get(page).status_code == 200, page


def _debts() -> None:
    """What one programme is owed is paid by another one's rewards, so that they are tried together."""
    workspace = _made("debts", generous("p", 1_000, reverse=BACK), generous("q", 700))
    send(workspace, link("p"), *friend(1))
    with tenancy.workspace(workspace):
        reward = models.Reward.objects.get(workspace_id=workspace, state="approved")
    paid = event("paid", "reward.issued", "2025-03-02T10:00:00", reward=ids.public("rwd", reward.id))
    send(workspace, paid, refund(1, "2025-03-03T10:00:00"))
    send(workspace, link("q", code="ada-q"), *friend(2, "ada-q", at="2025-04-01T10:00:00"))
    for document in (generous("p", 1_000, reverse=BACK), generous("q", 700)):
        assert job.run(workspace, job.Question(document))["changed"]["count"] == 0
