"""The classes of addresses and the ids of requests; every reason has a bounded label."""

from __future__ import annotations

import pytest

from goodword.engine import watch
from goodword.ops import observe


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/healthz", "probe"),
        ("/readyz", "probe"),
        ("/metrics", "probe"),
        ("/v1/events", "intake"),
        ("/v1/events/batch", "intake"),
        ("/v1/participants/par_1", "api"),
        ("/v1", "api"),
        ("/docs", "docs"),
        ("/static/console/dist/a.css", "static"),
        ("/", "pages"),
        ("/anything/else", "pages"),
    ],
)
def test_an_address_has_one_of_a_few_classes(path: str, route: str) -> None:
    assert observe.route_class(path) == route


@pytest.mark.parametrize("given", ["a" * 8, "a" * 64, "01JD-abc_def.9", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"])
def test_a_well_formed_id_is_kept(given: str) -> None:
    assert observe.request_id({"headers": [(b"host", b"x"), (b"X-Request-ID", given.encode())]}) == given


@pytest.mark.parametrize("given", ["", "a" * 7, "a" * 65, "ada@example.com", "two words", ".begins", "a" * 8 + "\n"])
def test_another_id_is_replaced_by_a_new_one(given: str) -> None:
    scope = {"headers": [(b"x-request-id", given.encode())]}
    first, second = observe.request_id(scope), observe.request_id(scope)
    assert first not in (given, second)
    assert len(first) == 36


def test_the_reasons_of_a_document_are_counted_as_one() -> None:
    def count(reason: str) -> float:
        return float(watch.DECISIONS.labels("no", reason)._value.get())

    before = count("cap_reached"), count(watch.OWN_REASON)
    reasons = [("no", "cap_reached"), ("no", "acme_corp_only"), ("no", "acme_corp_only"), ("no", "not_in_norway")]
    watch.Batch("b", "w", 4, 0, 0.1, watch.tally(reasons), frozenset()).count()
    assert (count("cap_reached"), count(watch.OWN_REASON)) == (before[0] + 1, before[1] + 3)


def test_an_error_is_named_without_its_words() -> None:
    with pytest.raises(KeyError) as raised:
        raise KeyError("ada@example.com")
    assert watch.name_of(raised.value).startswith("KeyError at test_observe.py:")
    assert watch.name_of(KeyError("ada")) == "KeyError"
