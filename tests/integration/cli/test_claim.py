"""`goodword claim`: made for somebody, listed, shown, approved and rejected, and what is wrong is said."""

from __future__ import annotations

import pytest
from tests.integration.cli.conftest import Cli

from goodword.domain import ids
from goodword.engine import programs, replay
from support.documents import self_serve, thanks

NOBODY = ids.public("clm", "0190a000-0000-7000-8000-00000000abcd")
PROGRAM = self_serve()["program"]
PROOF = ("--proof", "We met at\nthe harbour.")


@pytest.fixture(autouse=True)
def program(workspace: str) -> None:
    programs.publish(workspace, self_serve(rewards=[thanks(on="referral.submitted")]), by="test")


def test_claims_are_made_listed_and_decided(cli: Cli, workspace: str) -> None:
    made = cli("claim", "submit", "ada", PROGRAM, "--email", "new@x.example", *PROOF, "--json").json()["claim"]
    assert (made["state"], made["proof"], made["participant"]["external_id"]) == ("waiting", PROOF[1], "ada")
    other = cli("claim", "submit", "bob", PROGRAM, "--referred", "n2", "--url", "https://x.example/p").out
    second = other.split()[0]
    assert " waiting " in other
    assert cli("claim", "list").out.splitlines() == [
        f"{second}  waiting  {PROGRAM}  bob claims n2  https://x.example/p",
        f"{made['id']}  waiting  {PROGRAM}  ada claims new@x.example  We met at the harbour.",
    ]
    assert [row["id"] for row in cli("claim", "list", "--participant", "ada", "--json").json()] == [made["id"]]
    assert [row["id"] for row in cli("claim", "list", "--referred", "n2", "--json").json()] == [second]

    done = cli("claim", "approve", made["id"], "--note", "Seen.", "--by", "Eva")
    assert (done.code, done.out.split()[:2]) == (0, [made["id"], "approved"])
    shown = cli("claim", "show", made["id"], "--json").json()
    assert (shown["state"], shown["by"], shown["note"]) == ("approved", "Eva", "Seen.")
    assert "note: Seen." in cli("claim", "show", made["id"]).out
    rejected = cli("claim", "reject", second, "--reason", "not_proven", "--json").json()
    assert (rejected["claim"]["state"], rejected["claim"]["reason"]) == ("rejected", "not_proven")
    assert [row["id"] for row in cli("claim", "list", "--state", "rejected", "--json").json()] == [second]
    again = cli("claim", "reject", second, "--reason", "not_proven")
    assert (again.code, again.out) == (1, "")
    assert replay.verify(workspace).differences == ()


WRONG: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("submit", "ada", PROGRAM, *PROOF), 1, "give --referred, --email or both"),
    (("submit", "ada", PROGRAM, "--email", "n@x.example"), 1, "give --proof (words), --url or --reference"),
    (("submit", "ada", PROGRAM, "--email", "n@x.example", "--url", "ftp://x"), 1, "--url: "),
    (("submit", "ada", PROGRAM, "--email", "nobody", *PROOF), 1, "--email: "),
    (("submit", "ada", "no-such", "--email", "n@x.example", *PROOF), 1, "PROGRAM: "),
    (("submit", "ada", PROGRAM, "--referred", "ada", *PROOF), 1, "the same person"),
    (("submit", "ada", PROGRAM, "--email", "n@x.example", *PROOF, "--at", "soon"), 2, "'soon'"),
    (("approve", NOBODY), 1, f"There is no claim {NOBODY}"),
    (("approve", "ref_1"), 1, "clm_"),
    (("show", "x"), 1, "goodword claim list"),
    (("reject", NOBODY), 2, "'--reason'"),
    (("reject", NOBODY, "--reason", "nope"), 2, "not_proven"),
    (("list", "--program", "no-such"), 1, "no-such"),
    (("list", "--participant", "nobody"), 1, "nobody"),
)


def test_what_is_wrong_is_said(cli: Cli) -> None:
    for words, code, said in WRONG:
        ran = cli("claim", *words)
        assert (ran.code, ran.out) == (code, ""), words
        assert said in ran.err, words
