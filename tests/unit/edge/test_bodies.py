"""How large the body of a request may be, before its route is known."""

from __future__ import annotations

import pytest

from goodword.api.body import MAX_BATCH_BODY, MAX_IMPORT_BODY
from goodword.edge.bodies import MAX_BODY, MAX_FILES_BODY, most


@pytest.mark.parametrize("path", ["/v1/imports", "/v1/imports/", "/w/my-company/imports/"])
def test_files_to_be_imported_may_be_as_large_as_their_route_takes(path: str) -> None:
    assert most({"path": path}) == MAX_FILES_BODY > MAX_IMPORT_BODY


@pytest.mark.parametrize(
    "path", ["/v1/events", "/v1/imports/imp_1/run", "/w/a/imports/imp_1/", "/x/v1/imports", "/v1/imports\n", "/"]
)
def test_nothing_else_is_larger_than_a_batch(path: str) -> None:
    assert most({"path": path}) == MAX_BODY >= MAX_BATCH_BODY
