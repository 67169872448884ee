"""Every statement of the product names its workspace: on a cluster each goes to one shard.

A walk through the engine, the API, the console and the command line on the stand-in, whose server tells the plan
of each statement. The walk must come to every place in the code that asks the database.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from django.db import connection
from django.urls import reverse
from tests.integration.api.conftest import STORY, Api
from tests.integration.api.test_tenancy import DRAFT, MINE, _addresses, _things
from tests.integration.api.test_tenancy import ELSEWHERE as ASKED_APART
from tests.integration.api.test_tenancy import ask as ask_long
from tests.integration.api.test_terms import accept, begin
from tests.integration.cluster import further
from tests.integration.engine.helpers import event, friend, link, publish, recipe, send
from tests.integration.engine.test_beside import LIVE, TESTED
from tests.integration.engine.test_beside import told as told_beside
from tests.integration.engine.test_erase import story
from tests.integration.engine.test_merges import PROGRAM, by_mail, joined, split
from tests.integration.engine.test_rates import DOCUMENT as RATED
from tests.integration.engine.test_rates import STORY as RATES
from tests.integration.engine.test_tier_rewards import history as revenue
from tests.integration.engine.test_tier_rewards import programme as tiers
from tests.integration.engine.test_waitlist import make_room, raise_the_limit, stand_in_line

from goodword.api import openapi
from goodword.domain import ids
from goodword.domain.events import parse_time
from goodword.engine import apply, drafts, erase, history, programs, record, worker
from goodword.engine.backtest import log, survey
from goodword.engine.replay import COMPARED
from goodword.ops import figures
from goodword.ops.demo import loading, setting_up
from goodword.store import clicks, jobs, keys, models, staff, tenancy, workspaces
from goodword.store.sql import execute
from support.askers import Seen, places, watched
from support.browsing import logged_in
from support.browsing import stranger as browser
from support.cases import cases
from support.commands import run
from support.databases import TestServer
from support.loyalty import earns, shop
from support.shards import Listener, Told, listen, standin

ORDER = event("api-1", "order.completed", "2026-01-08T00:00:00", "ada", value=1, currency="USD")
NOW = parse_time("2026-01-08T00:00:00Z")
OUT_OF_ORDER = [
    # Told before the sign-up that explains it; taken back before it was paid; taken back while it is held.
    [event("mary-order", "order.completed", "2026-01-06T00:00:00", "mary", value=3000, currency="USD")],
    [event("mary-signup", "participant.signed_up", "2026-01-05T00:00:00", "mary", code="ada")],
    [event("bob-signup", "participant.signed_up", "2026-01-05T00:00:00", "bob", code="ada")],
    [event("bob-refund", "order.refunded", "2026-01-06T01:00:00", "bob", value=3000, currency="USD")],
    [event("bob-order", "order.completed", "2026-01-06T00:00:00", "bob", value=3000, currency="USD")],
    [event("mary-refund", "order.refunded", "2026-01-07T00:00:00", "mary", value=3000, currency="USD")],
]
POINTS = [
    event("earns", "order.completed", "2026-01-06T00:00:00", "zoe", order_id="z", value=5000, currency="USD"),
    event("refund", "order.refunded", "2026-01-07T00:00:00", "zoe", order_id="z", value=5000, currency="USD"),
]
Walk = tuple[list[Told], Seen]
ELSEWHERE = {
    # These ask the catalogue or the server, not a table of a workspace.
    "ops/checks.py": {"_rows"},
    "ops/citus/look.py": {"_rows"},
    "ops/citus/schema.py": {"_rows"},
    "ops/citus/run.py": {"_run", "_rows"},
    "ops/citus/tables.py": {"_tables", "_references"},
    "ops/health.py": {"_database"},
    "ops/walls.py": {"power_of_role", "loose_policies", "loose_books", "_names"},
    "ops/migrations.py": {"_ask"},
    "ops/demo/loading.py": {"_gather_statistics"},
    "ops/postgres/cluster.py": {"_make_role_and_database"},
    "ops/postgres/backup.py": {"_holds_data", "_migrations_in", "_remove_left", "_swap", "restore"},
    "engine/history.py": {"loading"},
    "store/cluster.py": {"note"},
    "engine/worker.py": {"_listen"},
    "ops/jobs/runner.py": {"_listen"},
    "engine/backtest/log.py": {"snapshot"},
    # A session behind a coordinator keeps no statement that it could be made to forget (tests/integration/store).
    "store/trip.py": {"_undo"},
    # What is compared at once, and the second look where it differs, is of one server alone.
    "engine/replay.py": {"_same", "verify"},
    # These ask nothing of a database: they run a condition, and write a page.
    "domain/conditions.py": {"_run"},
    "api/reference.py": {"_lines"},
}
"""Places that are not walked to, and why that is right."""


@pytest.fixture(scope="module")
def walk(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """What the server told of the walk, and the places that asked."""
    with pytest.MonkeyPatch.context() as patch, standin(database_server) as name:
        patch.setenv("DATABASE_URL", database_server.url(name))
        assert run("citus", "distribute").code == 0
        listener = listen(database_server, name)
        with watched() as seen:
            _walk(tmp_path_factory.mktemp("walk"))
        yield _told(listener), seen


def _told(listener: Listener) -> list[Told]:
    connection.close()
    return listener.told()


def _walk(folder: Path) -> None:
    assert run("workspace", "create", "test").code == 0
    workspace = str(workspaces.everything()[0].id)
    other = str(workspaces.create("other", "Other").id)
    api, stranger = (Api(keys.create_key(id, "walk")[1]) for id in (workspace, other))
    for name in ("credit-after-threshold", "bronze-silver-gold", "b2b-sales", "quarter-contest"):
        (folder / f"{name}.yaml").write_text(recipe(name))
        assert run("program", "publish", str(folder / f"{name}.yaml"), "-w", "test").code == 0
        assert run("program", "publish", str(folder / f"{name}.yaml"), "-w", "test").code == 0
    record.record(workspace, STORY, now=NOW)
    while apply.apply_pending(workspace, now=NOW).more:
        pass
    for _ in range(3):
        apply.apply_pending(workspace, now=NOW + timedelta(days=400))
    assert record.record(workspace, STORY, now=NOW).duplicates
    for facts in OUT_OF_ORDER:
        record.record(workspace, facts)
        while apply.apply_pending(workspace, ring=False).more:
            pass
    _fail_once(workspace)
    _long(api, workspace)
    _read(api, stranger)
    _write(api)
    _own(api)
    _do(api)
    _look(workspace)
    _type(workspace, folder)
    _merge()
    _erase()
    _others(folder)
    further.walk(folder)
    worker._workspaces()
    worker.drain(workspace)
    figures.Watch().figures()
    with history.loading(workspace):
        apply.apply_pending(workspace)
    loading.is_loaded(workspace)
    loading.pace(workspace)
    setting_up.publish_programs(workspace)


def _fail_once(workspace: str) -> None:
    """One event and one timer are set aside, looked at and tried again."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(apply, "step", lambda *_: 1 / 0)
        record.record(
            workspace, [event("poison", "order.completed", "2026-01-08T00:00:00", "ada", value=1, currency="USD")]
        )
        for _ in range(apply.MAX_ATTEMPTS + 1):
            apply.apply_pending(workspace, ring=False)
    assert run("aside", "list", "-w", "test").out
    assert run("aside", "retry", "--all", "-w", "test").code == 0
    worker.drain(workspace)


def _long(api: Api, workspace: str) -> None:
    """Long questions: answered, given up, left and forgotten."""
    ask_long(api, workspace)
    for _ in range(3):
        assert api.post("/v1/backtests", {"document": recipe("credit-after-threshold")}).status == 202
    newest = str(jobs.newest(workspace, "backtest")[0].id)
    jobs.cancel(workspace, "backtest", newest)
    claim = jobs.claim(workspace)
    assert claim
    assert jobs.beat(claim, 1, 2)
    assert jobs.put_back(claim, died=False)
    claim = jobs.claim(workspace)
    assert claim
    assert jobs.fail(claim, "refused", "tests")
    with tenancy.workspace(workspace):
        rows = models.Job.objects.filter(workspace_id=workspace, id=newest)
        rows.update(ended_at=parse_time("2025-01-01T00:00:00Z"))
    jobs.sweep(workspace)
    assert jobs.find(workspace, "backtest", newest) is None


def _merge() -> None:
    """Two who turn out to be one, with standing referrals and rewards; and it is taken back."""
    workspace = str(workspaces.create("merged", "Merged").id)
    publish(workspace, PROGRAM)
    send(workspace, link(PROGRAM, "ann", "ann-1"), link(PROGRAM, "ben", "ben-1"))
    send(workspace, *by_mail(1, "ann-1", 1), *friend(1, "ben-1", "2025-03-02T10:00:00"))
    send(workspace, joined("friend-1", "friend-1@x.example", 3))
    with tenancy.workspace(workspace):
        merged = models.Participant.objects.get(workspace_id=workspace, merged_into__isnull=False)
    name = ids.public("par", merged.id)
    assert run("ledger", "statement", "--participant", name, "-w", "merged").code == 0
    assert run("participant", "export", "friend-1", "-w", "merged").code == 0
    with tenancy.workspace(workspace):
        told = models.Decision.objects.get(workspace_id=workspace, reason="merged").event_id
    assert run("explain", str(told), "-w", "merged").code == 0
    send(workspace, split("split-1", name, 4))
    with tenancy.workspace(workspace):
        models.Participant.objects.filter(workspace_id=workspace, external_id="ann").update(name="Somebody else")
    assert run("replay", "--verify", "-w", "merged").code == 1


def _erase() -> None:
    """A person of a workspace of their own is erased, and one of their events is sent again."""
    workspace = str(workspaces.create("erased", "Erased").id)
    story(workspace)
    assert erase.find(workspace, "erna-4711")
    at, click = datetime(2026, 1, 1, tzinfo=UTC), ids.derive(datetime(2026, 1, 1, tzinfo=UTC), workspace, "click")
    with tenancy.workspace(workspace):
        shared = models.Link.objects.filter(workspace_id=workspace).order_by("id")[0]
        campaign = {"source": "erna-4711"}
        made = clicks.Click(click, str(shared.id), at, "visit", "phone", "", "", "", campaign, None, None, None)
        execute(clicks.INSERT, clicks.values(workspace, [made]))
    told = {"click_id": ids.public("clk", click)}
    told_as_one = {"external_id": "erna-4711", "email": "erna-told@x.example"}
    at_last = "2026-01-08T00:00:0{}".format
    record.record(
        workspace,
        [
            event("erna-click", "participant.signed_up", at_last(0), "erna-4711", **told),
            event("stands", "participant.identified", at_last(1), "stand-in", previous_id="erna-4711"),
            event("as-one", "participant.identified", at_last(2), told_as_one),
            event("apart", "participant.split", at_last(3), previous_id="erna-4711"),
        ],
    )
    worker.drain(workspace)
    for _ in range(2):
        assert run("participant", "export", "rep", "-w", "erased").code == 0
        assert run("participant", "erase", "erna-4711", "--also", "Buxtehude", "--yes", "-w", "erased").code == 0
    again = event("signup-erna-4711", "participant.identified", "2025-03-02T10:00:00", "somebody")
    assert record.record(workspace, [again]).duplicates
    assert run("replay", "--verify", "-w", "erased").code == 0


def _others(folder: Path) -> None:
    """Programmes of every kind, as the worked cases of their recipes have them; rates; what becomes of a programme."""
    for name in (
        "points-shop",
        "b2b-perks",
        "shared-goal",
        "quarter-contest",
        "ride-credit",
        "b2b-sales",
        "partner-first-year",
    ):
        for number, case in enumerate(cases(name)[:4] + cases(name)[-1:]):
            workspace = str(workspaces.create(f"{name}-{number}", name).id)
            publish(workspace, name)
            for rows, _ in case.stages:
                # Rewards are named by ids that only those who play the case look up.
                record.record(workspace, [row.raw for row in rows if not row.raw["type"].startswith("reward.")])
                while apply.apply_pending(workspace, limit=50, ring=False).more:
                    pass
            for _ in range(4):
                apply.apply_pending(workspace, now=NOW + timedelta(days=1_000))
    _look_at_statements()
    workspace = str(workspaces.create("rates", "Rates").id)
    programs.publish(workspace, RATED, by="test")
    for one in RATES:
        send(workspace, one)
    _test_beside()
    _forget_keys()
    workspace = str(workspaces.create("line", "Line").id)
    for step in (stand_in_line, make_room, raise_the_limit):
        step(workspace, 2)
    assert not apply._any_waiting(workspace, [ids.internal("evt", "evt_01jq8x5e4me8k9d3v0h2r6t7wy")])
    with log.snapshot(workspace):
        assert len(survey.cut(workspace, folder, 2, orders=True)) == 2
        assert len(log.rows_at(workspace, [1, 2])) == 2
        names = [ids.public(kind, str(row.id)) for kind, row in (
            ("ref", models.Referral.objects.filter(workspace_id=workspace)[0]),
            ("rwd", models.Reward.objects.filter(workspace_id=workspace)[0]),
        )]  # fmt: skip
        assert len(survey._owners(workspace, names)) == 2
    (folder / "after.yaml").write_text(recipe("credit-after-threshold"))
    assert run("backtest", str(folder / "after.yaml"), "-w", "erased").code == 0
    file = folder / "ending.yaml"
    file.write_text(f"{recipe('b2b-sales')}\nending: void\n")
    for words in (
        ("program", "apply", str(file)),
        ("program", "diff", str(file)),
        ("program", "export", "b2b-sales"),
        ("program", "migrate", "b2b-sales", "--to", "2", "--preview"),
        ("program", "migrate", "b2b-sales", "--to", "2", "--yes"),
        ("program", "migrations", "b2b-sales"),
        ("program", "pause", "b2b-sales"),
        ("program", "resume", "b2b-sales"),
        ("backtest", str(file)),
        ("program", "end", "b2b-sales", "--yes"),
    ):
        ran = run(*words, "-w", "b2b-sales-0")
        assert ran.code == 0, (words, ran)
        if words[1] == "migrations":
            _take_back(ran.out.split()[0])


def _look_at_statements() -> None:
    """Statements of partners, listed and one whole, by each way that shows them."""
    at = "partner-first-year-0"
    workspace = next(str(row.id) for row in workspaces.everything() if row.slug == at)
    api = Api(keys.create_key(workspace, "walk")[1])
    rows = api.get("/v1/statements").data["data"]
    assert rows, "no statement was closed"
    for query in ({}, {"participant": rows[0]["participant"]}, {"state": "payable"}, {"format": "csv"}):
        assert api.get("/v1/statements", **query).status == 200
    assert api.get(f"/v1/statements/{rows[0]['id']}").status == 200
    for words in (("ledger", "statements"), ("ledger", "statements", rows[0]["id"])):
        assert run(*words, "-w", at).code == 0, words


def _forget_keys() -> None:
    """Idempotency keys that are a day old make room for the next one."""
    workspace = str(workspaces.create("keyed", "Keyed").id)
    api = Api(keys.create_key(workspace, "walk")[1])
    for number in range(2):
        event = {"type": "ride.finished", "event_id": f"ride-{number}", "participant": "ada"}
        assert api.post("/v1/events", event, Idempotency_Key=f"key-{number}").status == 202
        with tenancy.workspace(workspace):
            execute("UPDATE idempotency_key SET started_at = started_at - interval '25 hours' WHERE workspace_id = %s",
                    [workspace])  # fmt: skip


def _test_beside() -> None:
    """A programme in test mode; tiers by revenue; terms that were accepted; what runs for somebody."""
    beside, tiered, agreed = (str(workspaces.create(name, name).id) for name in ("beside", "tiered", "agreed"))
    told_beside(beside, LIVE, TESTED)
    programs.publish(tiered, tiers(), by="test")
    for one in revenue(1, 4):
        if one["type"] != "reward.issued":
            send(tiered, one)
    back = [earns(reverse={"on": ["order.refunded"]})]
    for document in (shop(rewards=back), shop(program="shop-next", test=True, beside="shop", rewards=back)):
        programs.publish(beside, document, by="test")
    for one in POINTS:
        send(beside, one)
    with tenancy.workspace(beside):
        earned = models.Reward.objects.filter(workspace_id=beside, unit="points").order_by("id")[0]
    name = ids.public("rwd", str(earned.id))
    send(beside, event("no", "reward.rejected", "2026-01-08T00:00:00", None, reward=name))
    api = Api(keys.create_key(agreed, "walk")[1])
    begin(api)
    api.send(accept("bo", 1))
    [bo] = (row for row in api.get("/v1/participants").data["data"] if row["external_id"] == "bo")
    [accepted] = api.get(f"/v1/participants/{bo['id']}/terms").data["data"]
    assert accepted["terms"] == 1
    shared = next(str(row.id) for row in workspaces.everything() if row.slug == "shared-goal-0")
    api = Api(keys.create_key(shared, "walk")[1])
    person = api.get("/v1/participants").data["data"][0]["id"]
    [running] = api.get(f"/v1/participants/{person}/running").data["data"]
    assert running["kind"] == "goal"


def _take_back(migration: str) -> None:
    """The migration is undone; and one referral is moved by its name."""
    assert run("program", "unmigrate", "b2b-sales", migration, "-w", "b2b-sales-0").code == 0
    workspace = next(str(row.id) for row in workspaces.everything() if row.slug == "b2b-sales-0")
    with tenancy.workspace(workspace):
        row = models.Referral.objects.filter(workspace_id=workspace)[0]
    only = ids.public("ref", str(row.id))
    assert run("program", "migrate", "b2b-sales", "--to", "2", "--only", only, "--yes", "-w", "b2b-sales-0").code == 0


def _read(api: Api, stranger: Api) -> None:
    assert api.post("/v1/drafts", DRAFT).status == 201
    mine = _things(api)
    for path, methods in openapi.document()["paths"].items():
        if "get" in methods and methods["get"]["operationId"] not in ASKED_APART and not path.startswith(MINE):
            for address in _addresses(path, methods["get"], mine):
                assert api.call("GET", address).status == 200, address
                stranger.call("GET", address)
    assert api.get("/v1/programs/quarter-contest/contests/spring-2026").status == 200
    assert api.get("/v1/codes/ada/check").data["valid"]
    assert api.get("/v1/clicks/clk_01jq8x5e4me8k9d3v0h2r6t7wy").status == 404
    for name in ("participants", "referrals", "rewards", "decisions", "programs"):
        page = api.get(f"/v1/{name}", limit=1)
        if page.data.get("next"):
            api.get(f"/v1/{name}", limit=1, after=page.data["next"])
    for path in ("/healthz", "/readyz", "/metrics"):
        assert browser().get(path).status_code in (200, 503)


def _write(api: Api) -> None:
    for _ in range(2):
        assert api.post("/v1/events?wait=true", ORDER, Idempotency_Key="one").status in (200, 202)
        slip = ORDER | {"type": "order.completd", "event_id": "slip"}
        assert api.post("/v1/events", slip).status in (200, 202)
    assert api.post("/v1/events", {}, Idempotency_Key="two").status == 422
    assert api.post("/v1/programs", {"document": recipe("b2b-sales")}).status < 500
    api.post("/v1/programs/validate", {"document": recipe("b2b-sales")})


def _own(api: Api) -> None:
    """Keys by the API, and what a person sees and does with a token."""
    made = api.post("/v1/keys", {"name": "login", "kind": "token"}).data
    made = api.post(f"/v1/keys/{made['id']}/rotate", {}).data
    assert api.get("/v1/keys", kind="token").status == 200
    claims = {"sub": "ada", "aud": api.get("/v1/workspace").data["id"], "exp": int(time.time()) + 600}
    me = Api(jwt.encode(claims, made["key"], algorithm="HS256", headers={"kid": made["id"]}))
    for path, methods in openapi.document()["paths"].items():
        if path.startswith(MINE) and "get" in methods:
            assert me.get(path).status == 200, path
    assert me.post("/v1/me", {}).status == 200
    assert me.post("/v1/me/links", {"program": "b2b-sales"}).status == 200
    assert len(me.get("/v1/me/links").data["data"]) > 1
    friend = {"program": "b2b-sales", "referred": {"email": "tim@example.net", "company": "W"}}
    assert me.post("/v1/me/referrals", friend).status == 200
    assert api.post(f"/v1/keys/{made['id']}/revoke", {}).status == 200


def _do(api: Api) -> None:
    """Acts upon a person, an account, a referral and a reward."""
    person = api.post("/v1/participants", {"external_id": "walker", "account": "acme"}).data["participant"]
    other = api.post("/v1/participants", {"external_id": "runner"}).data["participant"]
    assert api.post(f"/v1/participants/{person['id']}/merge", {"previous_id": other["id"]}).status == 200
    assert api.post(f"/v1/participants/{other['id']}/split", {}).status == 200
    assert api.post("/v1/accounts", {"external_id": "acme", "plan": "pro"}).status == 200
    for name, verb in (("referral", "win"), ("reward", "approve")):
        row = api.get(f"/v1/{name}s").data["data"][0]
        assert api.post(f"/v1/{name}s/{row['id']}/{verb}", {}).status == 200
    assert api.call("PATCH", "/v1/workspace", b'{"name": "Test"}').status == 200


def _look(workspace: str) -> None:
    staff.create_user("ada@example.com", "correct horse battery", workspace, "owner")
    staff.grant("ada@example.com", workspace, "manager")
    client = logged_in(staff.set_password("ada@example.com", "correct horse battery 2"))
    with tenancy.workspace(workspace):
        people = list(models.Participant.objects.filter(workspace_id=workspace))
    pages = [reverse("console:home"), reverse("console:overview", args=["test"])]
    pages.append(reverse("console:participants", args=["test"]))
    pages += [f"{pages[-1]}?q={text}" for text in ("ada", "ada@example.com", people[0].external_id or "x")]
    pages.append(f"{pages[2]}?after={ids.public('par', people[-1].id)}")
    pages += [reverse("console:programs", args=["test"])]
    pages += [reverse("console:program", args=["test", name]) for name in ("b2b-sales", "quarter-contest")]
    pages.append(reverse("console:migrate", args=["test", "b2b-sales"]))
    pages += [reverse("console:participant", args=["test", ids.public("par", person.id)]) for person in people]
    pages += [reverse("console:links", args=["test", ids.public("par", person.id)]) for person in people]
    pages.append(reverse("console:settings", args=["test"]))
    tried = next(job for job in jobs.newest(workspace, "backtest") if job.state == "done")
    named = ["test", ids.public("bkt", tried.id)]
    pages += [reverse("console:backtests", args=["test"]), reverse("console:backtest", args=named)]
    pages += [
        reverse("console:backtest_decisions", args=named),
        reverse("console:backtest_csv", args=[*named, "people"]),
    ]
    ask = reverse("console:backtest_new", args=["test", tried.program])
    draft = drafts.save(workspace, recipe(tried.program), by="walk")[0]
    pages += [reverse(f"console:{name}", args=["test"]) for name in ("drafts", "draft_new", "statements")]
    pages.append(reverse("console:draft", args=["test", ids.public("drf", draft.id)]))
    pages.append(f"{reverse('console:draft_new', args=['test'])}?program={tried.program}")
    pages += [ask, f"{ask}?from={named[1]}", f"{ask}?draft={ids.public('drf', draft.id)}"]
    for page in pages:
        assert client.get(page, follow=True).status_code == 200, page
    with tenancy.workspace(workspace):
        shared = models.Link.objects.filter(workspace_id=workspace).order_by("id")[0]
    mine = ["test", ids.public("par", shared.participant_id)]
    assert (
        client.post(reverse("console:links", args=mine), {"program": "b2b-sales", "code": "walk-1"}).status_code == 302
    )
    step = reverse("console:link_step", args=[*mine, ids.public("lnk", shared.id), "on"])
    assert client.post(step).status_code == 302


def _type(workspace: str, folder: Path) -> None:
    with tenancy.workspace(workspace):
        person = models.Participant.objects.get(workspace_id=workspace, external_id="ada")
    file = folder / "events.jsonl"
    file.write_text(json.dumps(ORDER | {"event_id": "f1"}) + "\n")
    made = run("key", "create", "web", "-w", "test", "--json").json()
    own = drafts.save(workspace, recipe("bronze-silver-gold"), by="ada@example.com")[0]
    drafts.submit(workspace, str(own.id), by="ada@example.com")
    assert drafts.approve(workspace, str(own.id), by="ada@example.com").state == "approved"  # nobody else may
    for words in (
        ("key", "list"),
        ("key", "rotate", made["id"]),
        ("key", "revoke", made["id"]),
        ("program", "list"),
        ("program", "show", "b2b-sales"),
        ("program", "draft", "save", str(folder / "b2b-sales.yaml")),
        ("program", "draft", "list"),
        ("program", "draft", "show", "b2b-sales"),
        ("program", "draft", "submit", "b2b-sales"),
        ("program", "draft", "approve", "b2b-sales", "--by", "ada@example.com"),
        ("program", "draft", "send-back", "b2b-sales", "--by", "ada@example.com", "--comment", "too much"),
        ("program", "draft", "discard", "b2b-sales"),
        ("link", "provide", "b2b-sales"),
        ("explain", "order-1"),
        ("explain", "lead-1", "--json"),
        ("ledger", "trial-balance"),
        ("ledger", "trial-balance", "--at", "2026-01-09T00:00:00Z"),
        ("ledger", "balances"),
        ("ledger", "balances", "--participant", "ada"),
        ("ledger", "balances", "--participant", ids.public("par", person.id)),
        ("ledger", "statement", "--participant", "ada"),
        ("summary",),
        ("load", str(file), "--dry-run"),
        ("load", str(file)),
        ("replay", "--verify"),
    ):
        ran = run(*words, "-w", "test")
        assert ran.code == 0, (words, ran)
    assert run("workspace", "list").code == 0


def test_each_statement_goes_to_one_shard(walk: Walk) -> None:
    told, _ = walk
    astray = {f"{sorted(one.parts)}: {one.words[:150]} … {one.words[-250:]}" for one in told if not one.is_routed}
    assert not astray, "\n".join(sorted(astray))
    # It was a walk, and it wrote.
    assert {table for one in told for table in one.parts} >= set(COMPARED) | {"event", "inbox", "idempotency_key"}


def test_the_walk_comes_to_every_place_that_asks(walk: Walk) -> None:
    _, seen = walk
    missed = [
        place for place in places() if place.function not in ELSEWHERE.get(place.file, ()) and not seen.has(place)
    ]
    assert not missed, "\n".join(map(str, missed))


def test_statements_that_write_ask_a_cluster_for_nothing_it_refuses(walk: Walk) -> None:
    """Citus computes no time or chance inside an UPDATE or DELETE, nothing but constants where a conflict is
    settled, and returns columns only."""
    told, _ = walk
    for one in told:
        words = one.words
        if re.search(r"(?<!DO )(?<!FOR )\b(UPDATE|DELETE FROM)\b", words):
            assert not re.search(r"\b(clock_timestamp|random|nextval|gen_random_uuid)\s*\(", words), words
        for settled in re.findall(r"\bDO UPDATE SET (.*?)(?:\bRETURNING\b|$)", words):
            assert not re.search(r"\b(now|clock_timestamp|current_timestamp|interval)\b", settled), words
        for returned in re.findall(r"\bRETURNING ([^)]*?)(?:\)|$)", words):
            assert "(" not in returned, words


def test_rows_written_from_arrays_are_not_written_by_copy(walk: Walk) -> None:
    """Citus carries INSERT … SELECT out by COPY, which row-level security refuses, unless it returns something or
    settles conflicts."""
    told, _ = walk
    written = {
        one.words for one in told if re.match(r"INSERT INTO (?!pg_temp|load_ids)\w+ .*SELECT .*unnest", one.words)
    }
    assert len(written) > 10
    assert not {words for words in written if not re.search(r"RETURNING 1$|ON CONFLICT", words)}


def test_a_query_that_leaves_its_workspace_to_the_wall_is_found(database_server: TestServer) -> None:
    """The check can fail: here is what it looks for."""
    with pytest.MonkeyPatch.context() as patch, standin(database_server) as name:
        patch.setenv("DATABASE_URL", database_server.url(name))
        assert run("citus", "distribute").code == 0
        listener = listen(database_server, name)
        workspace = str(workspaces.create("test", "Test").id)
        with tenancy.workspace(workspace):
            assert list(models.Participant.objects.all()) == []
            assert list(models.Participant.objects.filter(workspace_id=workspace).select_related("account")) == []
        forgotten, named = (one for one in _told(listener) if one.parts)
        assert not forgotten.is_routed
        assert named.is_routed
        assert set(named.parts) == {"participant", "account"}
