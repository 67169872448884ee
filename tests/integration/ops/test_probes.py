"""/healthz says that the process lives, /readyz what is not ready, /metrics how far the work is, to few."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from goodword.engine import record, worker
from goodword.ops import figures, health, metrics
from goodword.ops.observe import PROBES
from goodword.store import tenancy, workspaces
from goodword.store.models import Inbox
from support.databases import TestServer
from support.embedded import wait_for
from support.serving import Served

TOKEN = "a-token-for-the-metrics"
ORDER = {"order_id": "1", "value": 1000, "currency": "USD"}


def get(url: str, **headers: str) -> tuple[int, str]:
    """Status and body of a GET."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def samples(text: str) -> dict[str, float]:
    """The samples by name and labels: `name` or `name{label=value}`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def orders(workspace: str, *names: str, now: datetime | None = None) -> None:
    """Records an order by ada for each name."""
    record.record(
        workspace,
        [{"type": "order.completed", "event_id": name, "participant": "ada", "properties": ORDER} for name in names],
        now=now,
    )


@pytest.fixture(autouse=True)
def _forget() -> None:
    figures.WATCH.forget()


def test_alive_needs_no_database(client_without_database: Client) -> None:
    answer = client_without_database.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "alive")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def client_without_database() -> Client:
    """Requests in this process, whose database does not exist."""
    return Client(headers={"host": "localhost"})


@pytest.mark.parametrize("host", ["10.0.0.5", "10.0.0.5:8000", "balancer.internal", "not a host", ""])
def test_who_watches_need_not_know_a_name_of_ours(client_without_database: Client, host: str) -> None:
    assert client_without_database.get("/healthz", headers={"host": host}).status_code == 200
    health._known = None
    assert client_without_database.get("/readyz", headers={"host": host}).status_code == 503
    health._known = None
    # A browser of this machine can be led here under a name of somebody else's, and has no token.
    assert client_without_database.get("/metrics", headers={"host": host}).status_code == 401
    told = {"host": host, "authorization": f"Bearer {TOKEN}"}
    with override_settings(GOODWORD_METRICS_TOKEN=TOKEN):
        assert client_without_database.get("/metrics", headers=told).status_code == 200
    assert client_without_database.get("/accounts/login/", headers={"host": host}).status_code == 400


def test_who_watches_only_reads(client_without_database: Client) -> None:
    assert [client_without_database.post(path).status_code for path in PROBES] == [405, 405, 405]


def test_without_a_database_it_is_not_ready_and_says_which_part(client_without_database: Client) -> None:
    found = health.parts()
    assert not found["database"]["ready"]
    assert found["database"]["message"] == "the database does not answer; run 'goodword check'"
    assert [part["ready"] for part in found.values()] == [False, False, False]
    health._known = None
    answer = client_without_database.get("/readyz")
    health._known = None
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")


def test_it_is_ready_while_the_oldest_event_waits_less_than_the_limit(workspace: str) -> None:
    assert all(part["ready"] for part in health.parts().values())
    orders(workspace, "old", now=datetime.now(UTC) - timedelta(seconds=240))
    figures.WATCH.forget()
    assert health.parts()["worker"]["ready"]
    with override_settings(GOODWORD_READY_LAG_SECONDS=180):
        late = health.parts()
    assert late["database"]["ready"]
    assert late["migrations"]["ready"]
    assert not late["worker"]["ready"]
    assert "over 180 s" in late["worker"]["message"]
    worker.drain(workspace)
    figures.WATCH.forget()
    with override_settings(GOODWORD_READY_LAG_SECONDS=180):
        assert health.parts()["worker"]["ready"]


def test_a_database_without_all_migrations_is_not_ready(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.migrations, "pending", lambda: ["store.0009_later"])
    found = health.parts()
    assert found["database"]["ready"]
    assert "store.0009_later; run 'goodword migrate'" in found["migrations"]["message"]
    assert not found["migrations"]["ready"]


def test_the_real_server_answers_its_probes(server: Served) -> None:
    assert get(f"{server.url}/healthz")[0] == 200
    status, body = get(f"{server.url}/readyz")
    assert (status, json.loads(body)["status"]) == (200, "ready")
    assert list(json.loads(body)["parts"]) == ["database", "migrations", "worker"]
    assert get(f"{server.url}/health")[0] == 404


def test_metrics_sum_what_waits_and_what_all_processes_did(serve: Callable[..., Served], workspace: str) -> None:
    server = serve(worker=True)
    other = str(workspaces.create("other", "Other").id)
    orders(workspace, "one", "two")
    orders(other, "three")

    def applied() -> bool:
        return samples(get(f"{server.url}/metrics")[1]).get("goodword_events_applied_total") == 3

    wait_for(applied)
    status, text = get(f"{server.url}/metrics")
    assert status == 200
    found = samples(text)
    assert found["goodword_workspaces"] == 2
    assert found["goodword_events_waiting"] == 0
    assert found["goodword_events_oldest_waiting_seconds"] == 0
    assert found["goodword_events_set_aside"] == 0
    assert found["goodword_timers_overdue"] == 0
    assert found["goodword_database_up"] == 1
    # From the worker, another process than the one that answers.
    assert found["goodword_batch_events_sum"] == 3
    assert found["goodword_batch_seconds_count"] >= 2
    # From the web process itself.
    assert found["goodword_http_requests_total{route=probe,status=200}"] >= 1
    assert workspace not in text
    assert "other" not in text.replace("method=", "")


def test_metrics_tell_what_waits_and_for_how_long(workspace: str) -> None:
    orders(workspace, "one", "two", now=datetime.now(UTC) - timedelta(seconds=60))
    orders(workspace, "bad")
    with tenancy.workspace(workspace):
        Inbox.objects.filter(event__event_id="bad").update(attempts=3)
    found = samples(metrics.text().decode())
    assert found["goodword_events_waiting"] == 2
    assert 60 <= found["goodword_events_oldest_waiting_seconds"] < 120
    assert found["goodword_events_set_aside"] == 1
    assert found["goodword_events_recorded_total{result=inserted}"] >= 3


def test_without_a_database_metrics_say_so() -> None:
    found = samples(metrics.text().decode())
    assert found["goodword_database_up"] == 0
    assert "goodword_events_waiting" not in found


def local(**more: Any) -> Any:
    """A request as the loopback's caller makes it."""
    return Client(headers={"host": "127.0.0.1:8000", **more.pop("headers", {})}).get("/metrics", **more)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda: local(), 200),
        (lambda: local(REMOTE_ADDR="::1"), 200),
        (lambda: local(REMOTE_ADDR="10.0.0.9"), 401),
        (lambda: local(REMOTE_ADDR=""), 401),
        (lambda: local(headers={"x-forwarded-for": "10.0.0.9"}), 401),
        (lambda: local(headers={"forwarded": "for=10.0.0.9"}), 401),
        (lambda: local(headers={"authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="10.0.0.9"), 200),
        (lambda: local(headers={"authorization": f"Basic {TOKEN}"}, REMOTE_ADDR="10.0.0.9"), 401),
        (lambda: local(headers={"authorization": "Bearer wrong"}, REMOTE_ADDR="10.0.0.9"), 401),
        (lambda: local(headers={"authorization": "Bearer "}, REMOTE_ADDR="10.0.0.9"), 401),
    ],
)
def test_metrics_are_for_this_machine_and_for_the_token(db: str, answer: Callable[[], Any], status: int) -> None:
    with override_settings(GOODWORD_METRICS_TOKEN=TOKEN):
        got = answer()
    assert got.status_code == status
    if status == 401:
        assert got.headers["WWW-Authenticate"] == "Bearer"
        assert "GOODWORD_METRICS_TOKEN" in got.content.decode()


def test_behind_a_proxy_or_under_a_public_name_the_loopback_is_nobodys(db: str) -> None:
    with override_settings(GOODWORD_BEHIND_PROXY=True):
        assert local().status_code == 401
    with override_settings(ALLOWED_HOSTS=["goodword.example.com"]):
        assert Client(headers={"host": "goodword.example.com"}).get("/metrics").status_code == 401


def test_without_a_token_no_token_fits(db: str) -> None:
    assert local(headers={"authorization": "Bearer None"}, REMOTE_ADDR="10.0.0.9").status_code == 401


def test_a_look_lasts_some_seconds_and_reads_a_bounded_number_of_workspaces(workspace: str) -> None:
    for number in range(4):
        orders(str(workspaces.create(f"more-{number}", "More").id), "one")
    moment = 0.0
    watch = figures.Watch(lambda: moment, most_read=2)
    assert (watch.figures().workspaces, watch.figures().read, watch.figures().waiting) == (5, 2, 1)
    moment = figures.FRESH - 0.1
    assert watch.figures().waiting == 1
    moment = figures.FRESH
    assert watch.figures().waiting == 3
    moment *= 2
    assert (watch.figures().read, watch.figures().waiting) == (5, 4)


def test_a_look_counts_a_bounded_number_of_rows(workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_COUNTED", 2)
    orders(workspace, "one", "two", "three")
    assert figures.Watch().figures().waiting == 2


def test_the_oldest_in_the_outbox_is_found_by_an_index(database_server: TestServer, workspace: str) -> None:
    from django.db import connection

    with tenancy.workspace(workspace), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT created_at FROM outbox WHERE delivered_at IS NULL ORDER BY created_at LIMIT 1")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "outbox_waiting" in plan
    assert "Sort" not in plan
