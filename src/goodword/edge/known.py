"""What the edge knows of workspaces, programmes and links, a few seconds old at most.

Nothing is told to it: what is older than `FRESH` is read again, so a link that is switched off leads nowhere that long
after at the latest, in every process, also one that lost its connection meanwhile. A link that is not remembered is
found as its click is kept (`edge.commits`); codes that are spelled otherwise are looked up here, those that are asked
for at the same time together. Memory is bounded: the links least asked for are forgotten.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar

from goodword.domain.calendar import Duration
from goodword.domain.codes import plain
from goodword.domain.destinations import Address
from goodword.domain.edge_settings import EdgeSettings
from goodword.domain.links import Links
from goodword.edge.commits import GROUP
from goodword.edge.connection import DIRECTORY_SCOPE, Line
from goodword.store.sql import array
from goodword.store.trip import Rows, Step, workspace_scope

FRESH = 3.0
"""Seconds for which what was read is taken for true."""
MOST_LINKS = 50_000
"""Links that one process remembers; about 25 MB."""
PAGE = 500
"""Codes of one question to the database."""
WINDOW_DAYS = 90
"""For how long a visit is remembered where the programme's `attribution.window` does not say."""

Value = TypeVar("Value")
_Key = tuple[str, str]


class Workspace(NamedTuple):
    """A workspace as its visitors meet it. `salt` is None until one is drawn."""

    id: str
    slug: str
    domain: str | None
    settings: EdgeSettings
    salt: bytes | None
    salted_at: datetime | None


class Program(NamedTuple):
    """A live programme: where its links lead, and how long a visit is remembered, in seconds."""

    name: str
    state: str
    links: Links
    home: Address | None
    window: int


class Programs(NamedTuple):
    """The live programmes of a workspace by their ids, and the ids of those that run."""

    by_id: Mapping[str, Program]
    running: Sequence[str]


class Link(NamedTuple):
    """A link, and when it was read (`time.monotonic`)."""

    id: str
    code: str
    program_id: str
    channel: str
    state: str
    expires_at: datetime | None
    destination: str
    read_at: float


class Directory(NamedTuple):
    """Every workspace. The oldest has the addresses that name none."""

    by_domain: Mapping[str, Workspace]
    by_slug: Mapping[str, Workspace]
    oldest: Workspace | None


class _Fresh(Generic[Value]):
    """A value that is read again when it is too old, by one reader at a time; the others take the old one meanwhile, or
    wait where there is none."""

    def __init__(self, read: Callable[[], Awaitable[Value]]) -> None:
        self._read = read
        self._reading: asyncio.Task[Value] | None = None
        self.value: Value | None = None
        self.read_at = 0.0

    async def get(self) -> Value:
        if self.value is not None and monotonic() - self.read_at < FRESH:
            return self.value
        if self._reading is None:
            self._reading = asyncio.create_task(self._again())
        return await asyncio.shield(self._reading)

    async def _again(self) -> Value:
        try:
            began = monotonic()
            self.value = await self._read()
            self.read_at = began
            return self.value
        finally:
            self._reading = None


class Known:
    """The memory of one process."""

    def __init__(self, parameters: Callable[[], Mapping[str, Any]]) -> None:
        self._line = Line(parameters)
        self._directory: _Fresh[Directory] = _Fresh(self._read_directory)
        self._programs: dict[str, _Fresh[Programs]] = {}
        self._links: OrderedDict[tuple[str, str], Link | None] = OrderedDict()
        self._asked: dict[tuple[str, str], list[asyncio.Future[Link | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Leaves the database."""
        await self._line.close()

    @property
    def domains(self) -> Mapping[str, Workspace]:
        """The short domains as they were last read; nothing before anybody asked for the directory."""
        return self._directory.value.by_domain if self._directory.value else {}

    async def directory(self) -> Directory:
        """Every workspace. Raises `Unavailable`."""
        return await self._directory.get()

    async def programs(self, workspace_id: str) -> Programs:
        """The live programmes of a workspace. Raises `Unavailable`."""
        programs = self._programs.get(workspace_id)
        if programs is None:
            programs = self._programs[workspace_id] = _Fresh(lambda: self._read_programs(workspace_id))
        return await programs.get()

    def remembered(self, workspace_id: str, code: str) -> Link | None:
        """The link of a code as somebody typed it, where it is known still."""
        key = (workspace_id, code.lower())
        known = self._links.get(key)
        if known is None or monotonic() - known.read_at >= FRESH:
            return None
        self._links.move_to_end(key)
        return known

    def learn(self, workspace_id: str, link: Link) -> None:
        """Remembers a link that was found, as it is spelled."""
        self._remember((workspace_id, link.code), link)

    async def link(self, workspace_id: str, code: str) -> Link | None:
        """The link of a code as somebody typed it; None where there is none. Raises `Unavailable`."""
        if known := self.remembered(workspace_id, code):
            return known
        key = (workspace_id, code.lower())
        waiting: asyncio.Future[Link | None] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(key, []).append(waiting)
        if self._task is None:
            self._task = asyncio.create_task(self._answer())
        return await waiting

    async def _answer(self) -> None:
        """Reads whatever codes are asked for, of one workspace after another."""
        try:
            while self._asked:
                workspace_id = next(iter(self._asked))[0]
                keys = [key for key in self._asked if key[0] == workspace_id]
                keys = keys[: min(max(GROUP, len(keys) // 2), PAGE)]
                waiting = {key: self._asked.pop(key) for key in keys}
                found: dict[str, Link] = {}
                error: Exception | None = None
                try:
                    found = await self._read_links(workspace_id, [code for _, code in keys])
                except Exception as raised:
                    error = raised
                # The next question is on its way before those who waited for this one go on.
                asyncio.get_running_loop().call_soon(self._tell, waiting, found, error)
        finally:
            self._task = None

    def _tell(
        self, waiting: Mapping[_Key, Sequence[asyncio.Future[Link | None]]], found: Mapping[str, Link],
        error: Exception | None,
    ) -> None:  # fmt: skip
        for key, some in waiting.items():
            link = found.get(key[1])
            self._remember(key, link)
            for one in some:
                if not one.done():  # a visitor who left is not waiting any more
                    one.set_exception(error) if error else one.set_result(link)

    def _remember(self, key: tuple[str, str], link: Link | None) -> None:
        if link is None:
            self._links.pop(key, None)
            return
        self._links[key] = link
        self._links.move_to_end(key)
        if len(self._links) > MOST_LINKS:
            self._links.popitem(last=False)

    async def _read_links(self, workspace_id: str, codes: Iterable[str]) -> dict[str, Link]:
        typed = {code: plain(code) or code for code in codes}
        now = monotonic()
        rows = await self._rows(
            workspace_scope(workspace_id),
            """
            SELECT link.id::text, link.code, link.program_id::text, link.channel, link.state, link.expires_at,
                   link.destination
            FROM unnest($1::text[], $2::text[]) AS asked (code, plain)
            -- Each code by itself, whatever the planner believes of a table that nobody has analyzed yet.
            CROSS JOIN LATERAL (
                SELECT * FROM link WHERE workspace_id = $3 AND typed = asked.plain       -- link_typed
                UNION ALL
                SELECT * FROM link WHERE workspace_id = $3 AND code IN (asked.code, asked.plain) -- link_code
                OFFSET 0
            ) AS link
            ORDER BY link.created_at DESC
            """,
            [array("text", typed), array("text", typed.values()), workspace_id],
        )
        exact, oldest = {}, {}
        for row in rows:
            exact[row[1]] = oldest[plain(row[1])] = Link._make((*row, now))
        return {code: link for code, key in typed.items() if (link := exact.get(code) or oldest.get(key))}

    async def _read_directory(self) -> Directory:
        rows = await self._rows(DIRECTORY_SCOPE, f"SELECT {_WORKSPACE} FROM workspace ORDER BY id")
        everything = [await self._salted(_workspace(row)) for row in rows]
        return Directory(
            {one.domain: one for one in everything if one.domain},
            {one.slug: one for one in everything},
            everything[0] if everything else None,
        )

    async def _salted(self, known: Workspace) -> Workspace:
        """The workspace with a salt that is young enough. Of several processes that draw one, the first is heard."""
        now = datetime.now(UTC)
        if known.salted_at is not None and now - known.salted_at < timedelta(days=known.settings.ip_hash_days):
            return known
        await self._rows(
            workspace_scope(known.id),
            """
            UPDATE workspace SET salt = decode($1, 'hex'), salted_at = $2
            WHERE id = $3 AND salted_at IS NOT DISTINCT FROM nullif($4, '')::timestamptz
            RETURNING id
            """,
            [token_hex(32), now.isoformat(), known.id, known.salted_at.isoformat() if known.salted_at else ""],
        )
        rows = await self._rows(
            workspace_scope(known.id), f"SELECT {_WORKSPACE} FROM workspace WHERE id = $1", [known.id]
        )
        return _workspace(rows[0])

    async def _read_programs(self, workspace_id: str) -> Programs:
        rows = await self._rows(
            workspace_scope(workspace_id),
            """
            SELECT program.id::text, program.name, program.state, version.document->'links',
                   version.document->'attribution'->>'window'
            FROM program
            JOIN program_version AS version
              ON version.workspace_id = program.workspace_id AND version.id = program.live_version_id
            WHERE program.workspace_id = $1
            """,
            [workspace_id],
        )
        found = {row[0]: _program(*row[1:]) for row in rows}
        return Programs(found, [id for id, program in found.items() if not program.state])

    async def _rows(self, scope: Step, statement: str, parameters: Sequence[str] = ()) -> Rows:
        """The rows of one statement. It is planned for its parameters each time: a plan for any would read the whole of
        a table that nobody has analyzed yet."""
        [rows] = await self._line.run(scope, Step(statement.encode(), [text.encode() for text in parameters]))
        return rows


_WORKSPACE = "id::text, slug, domain, settings, salt, salted_at"


def _workspace(row: Sequence[Any]) -> Workspace:
    id, slug, domain, settings, salt, salted_at = row
    return Workspace(id, slug, domain, EdgeSettings.model_validate(settings), salt, salted_at)


def _program(name: str, state: str, links: Mapping[str, Any] | None, window: str | None) -> Program:
    told = Links.model_validate(links or {})
    length = Duration.parse(window) if window else Duration(days=WINDOW_DAYS)
    seconds = length.seconds + 86_400 * (length.days + 30 * length.months)
    return Program(name, state, told, told.home, seconds)
