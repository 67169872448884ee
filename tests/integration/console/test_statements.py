"""The pages of partners' statements."""

from __future__ import annotations

import re

import orjson
from django.http import HttpResponse
from django.test import Client

from goodword.engine import apply, programs, record
from support.browsing import Page
from support.partners import DOCUMENT, story


def text(answer: HttpResponse) -> str:
    return Page(answer.content.decode()).text


def test_finance_finds_what_is_payable_and_what_made_it_so(workspace: str, visit: Client) -> None:
    assert "No statements" in text(visit.get("/w/test/statements/"))
    programs.publish(workspace, orjson.dumps(DOCUMENT), by="test")
    record.record(workspace, story())
    while apply.apply_pending(workspace, ring=False).more:
        pass
    page = visit.get("/w/test/statements/?program=resellers&state=payable&period=2026-02")
    assert "100.00" in text(page)
    [address] = re.findall(r"/w/test/statements/dec_\w+/", page.content.decode())
    one = text(visit.get(address))
    for shown in ("ada, 2026-02", "Opening balance", "60.00", "Taken back", "Moved by a merge", "30.00", "Movements"):
        assert shown in one
    table = visit.get(f"{address}?format=csv")
    assert table.content.decode().count("\n") == 4
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert "statement-resellers-2026-02.csv" in table["Content-Disposition"]
    listed = visit.get("/w/test/statements/?format=csv").content.decode()
    assert listed.count("\n") == 9
    for wrong in ("?state=owed", "?period=x", "?program=A B", "?after=x", "dec_01jq8x5e4me8k9d3v0h2r6t7wy/", "x/"):
        assert visit.get(f"/w/test/statements/{wrong}").status_code == 404
