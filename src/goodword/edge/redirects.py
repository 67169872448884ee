"""Links in front of Django: a visitor is sent on, once their click is durable.

Only to where the workspace or the programme says: to the destination, to one of the hosts on the programme's list, to a
fallback, or to a page of ours. Whatever is wrong with a link, the visitor gets something friendly and nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import quote

import structlog
from prometheus_client import Counter
from uuid_utils import uuid7

from goodword.domain import destinations, ids, visitors
from goodword.domain.codes import possible
from goodword.edge import known, pages
from goodword.edge.asked import COOKIE, PATH, Asked, asked, language_of, referrer_of
from goodword.edge.commits import Code, Commits, Overloaded
from goodword.edge.connection import Unavailable
from goodword.edge.http import Answer, Application, Headers, Message, Receive, Send, begin, respond
from goodword.edge.known import Directory, Known, Link, Program, Programs, Workspace
from goodword.engine.watch import name_of
from goodword.store.clicks import Click, Followed

MAX_CODE = 100
"""Characters of a code as it is typed, with its spaces and hyphens."""
PASSED = frozenset({"/healthz", "/readyz"})
"""What a short domain answers beside its links."""

ELSEWHERE = Counter(
    "goodword_links_elsewhere", "Requests of links that led to no destination, by what they led to.", ["to"]
)
_ELSEWHERE = {to: ELSEWHERE.labels(to) for to in ("fallback", *pages.STATUS)}
_HTML = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", pages.POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex, nofollow"))
_EMPTY = (*_ALWAYS, (b"content-length", b"0"))

log = structlog.get_logger("goodword.edge")
_kind = lru_cache(maxsize=4_096)(visitors.kind)
_device = lru_cache(maxsize=4_096)(visitors.device)
_public = ids.public.__wrapped__
"""Without its memory: a click's id is told once."""


class _Visit(NamedTuple):
    """A request for a link of a workspace."""

    request: Asked
    scope: Message
    answer: Answer
    workspace: Workspace
    hidden: bool
    """Whether the browser asks not to be known, and is heard."""
    may_know: bool
    """Whether it may be known again."""


class Redirects:
    """The links of one process. `parameters` gives how to connect to the database; `secure` says that visitors come by
    https, `behind_proxy` that a proxy of ours says where they come from."""

    def __init__(
        self, parameters: Callable[[], Mapping[str, Any]], *, secure: bool = False, behind_proxy: bool = False
    ) -> None:
        self._known = Known(parameters)
        self._commits = Commits(parameters)
        self._secure = secure
        self._behind_proxy = behind_proxy
        self._watching: asyncio.Task[None] | None = None

    def before(self, application: Application) -> Application:
        """The application, with the addresses of links answered here."""

        async def answer(scope: Message, receive: Receive, send: Send) -> None:
            told: asyncio.Future[tuple[int, Headers, bytes]] = asyncio.get_running_loop().create_future()

            def heard(*answered: Any) -> None:
                if not told.done():  # a visitor who left is not waiting any more
                    told.set_result(answered)

            if scope["type"] == "http" and self.at_once(scope, b"", heard):
                await respond(send, *await told)
            else:
                await application(scope, receive, send)

        return answer

    def at_once(self, scope: Message, body: bytes, answer: Answer) -> bool:
        """Answers the requests of links (`edge.http.AtOnce`)."""
        request = self._mine(scope)
        if request is None:
            return False
        if request.method in ("GET", "HEAD"):
            begin(self._lead(request, scope, answer))
        else:
            self._page(answer, request, pages.METHOD)
        return True

    def _mine(self, scope: Message) -> Asked | None:
        """What is asked for, where it is a link."""
        path = scope["path"]
        if path.startswith("/r/") or path == PATH:
            return asked(scope)
        if path == "/" and b"=" in scope["query_string"] and (request := asked(scope)).alias:
            return request
        if path not in PASSED and self._known.domains and (request := asked(scope)).host in self._known.domains:
            return request
        return None

    async def open(self) -> None:
        """Learns which hosts are short domains, and keeps on looking: at a host that nobody told of, no link is asked
        for that would have it looked up."""
        try:
            await self._known.directory()
        except Unavailable:
            log.warning("links_without_database")
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(known.FRESH)
            try:
                await self._known.directory()
            except Exception as error:  # the next look may go better; a visitor who asks meanwhile is told
                log.debug("links_not_looked_up", error=name_of(error))

    async def close(self) -> None:
        """Waits for the clicks in hand."""
        if self._watching is not None:
            self._watching.cancel()
        await self._commits.close()
        await self._known.close()

    async def _lead(self, request: Asked, scope: Message, answer: Answer) -> None:
        try:
            await self._visit(request, scope, answer)
        except Exception as error:
            self._failed(answer, request, error)

    def _failed(self, answer: Answer, request: Asked, error: Exception) -> None:
        """A visitor never meets an error."""
        if not isinstance(error, Unavailable | Overloaded):
            log.error("link_failed", error=name_of(error))
        self._page(answer, request, pages.BUSY)

    async def _visit(self, request: Asked, scope: Message, answer: Answer) -> None:
        directory = await self._known.directory()
        workspace, code = _place(directory, request)
        if workspace is None:
            self._page(answer, request, pages.UNKNOWN)
            return
        visit = _visit(request, scope, answer, workspace)
        if not code:
            await self._look_up(visit, code, directory)
            return
        programs = await self._known.programs(workspace.id)
        if link := self._known.remembered(workspace.id, code):
            self._follow(visit, link, programs)
        else:
            self._find(visit, code, programs, directory)

    def _follow(self, visit: _Visit, link: Link, programs: Programs) -> None:
        """Goes after a link that is known."""
        program = programs.by_id.get(link.program_id)
        if program is None:
            self._elsewhere(visit, pages.UNKNOWN, None)
            return
        if why := _stopped(link, program):
            self._elsewhere(visit, why, program)
            return
        click = self._click(visit, link.id, link.channel)

        def kept(error: Unavailable | None, _: Followed | None) -> None:
            try:
                if error is not None:
                    raise error
                self._led(visit, link, program, click)
            except Exception as raised:
                self._failed(visit.answer, visit.request, raised)

        self._commits.keep(visit.workspace.id, click, kept)

    def _find(self, visit: _Visit, code: str, programs: Programs, directory: Directory) -> None:
        """Goes after a code whose link is not known: it is found as the click is kept."""
        click = self._click(visit, "", "")

        async def otherwise() -> None:
            try:
                await self._look_up(visit, code, directory)
            except Exception as raised:
                self._failed(visit.answer, visit.request, raised)

        def kept(error: Unavailable | None, followed: Followed | None) -> None:
            try:
                if error is not None:
                    raise error
                if followed is None:
                    begin(otherwise())
                    return
                link = Link._make(followed[1:])
                self._known.learn(visit.workspace.id, link)
                if followed.kept and (program := programs.by_id.get(link.program_id)):
                    self._led(visit, link, program, click)
                else:
                    self._follow(visit, link, programs)
            except Exception as raised:
                self._failed(visit.answer, visit.request, raised)

        self._commits.keep(visit.workspace.id, click, kept, Code(code.lower(), programs.running))

    async def _look_up(self, visit: _Visit, code: str, directory: Directory) -> None:
        """Goes after a code that no link has as it is spelled."""
        link = await self._known.link(visit.workspace.id, code) if code else None
        if link is None and (named := _named(directory, visit.request)):
            visit = _visit(*visit[:3], named[0])
            link = await self._known.link(named[0].id, named[1])
        if link is None:
            self._elsewhere(visit, pages.UNKNOWN, None)
        else:
            self._follow(visit, link, await self._known.programs(visit.workspace.id))

    def _led(self, visit: _Visit, link: Link, program: Program, click: Click) -> None:
        """Sends a visitor on, whose click is kept."""
        request, answer = visit.request, visit.answer
        public = _public("clk", click.id) if click.kind == visitors.VISIT else ""
        cookie = self._cookie(request.visitor or public, program.window) if public and visit.may_know else b""
        target = _target(request, link, program)
        if target is None:
            self._page(answer, request, pages.WELCOME, code=link.code, cookie=cookie)
            return
        names = (program.links.code_name, program.links.click_name) if public else (program.links.code_name,)
        told = "" if not click.utm else "&".join(f"utm_{name}={quote(value)}" for name, value in click.utm.items())
        location = _location(target, names, bool(told)).format(_quoted(link.code), public, told).encode()
        answer(302, [*_EMPTY, *_setting(cookie), (b"location", location)], b"")

    def _click(self, visit: _Visit, link_id: str, channel: str) -> Click:
        request, settings, salt = visit.request, visit.workspace.settings, visit.workspace.salt
        headers, hidden = request.headers, visit.hidden
        agent = headers.get("user-agent", "")[:500]
        address = "" if hidden else self._address(visit.scope, headers)
        visitor = request.visitor if visit.may_know else ""
        return Click(
            str(uuid7()),
            link_id,
            datetime.now(UTC),
            _kind(agent, request.purpose, request.method, headers.get("sec-fetch-mode", "")),
            _device(agent),
            channel,
            "" if hidden else referrer_of(headers.get("referer", "")[:2_000]),
            "" if hidden else language_of(headers.get("accept-language", "")),
            request.campaign,
            _hash(address, salt) if address and salt else None,
            address if address and settings.raw_ip_days else None,
            ids.internal("clk", visitor) if visitor else None,
        )

    def _address(self, scope: Message, headers: Mapping[str, str]) -> str:
        """The visitor's IP address; behind a proxy of ours the one it saw, the last of its list."""
        if self._behind_proxy and "x-forwarded-for" in headers:
            return _ip(headers["x-forwarded-for"].rpartition(",")[2].strip())
        client = scope.get("client")
        return _ip(client[0]) if client else ""

    def _cookie(self, visitor: str, seconds: int) -> bytes:
        secure = "; Secure" if self._secure else ""
        return f"{COOKIE}={visitor}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}".encode()

    def _elsewhere(self, visit: _Visit, name: str, program: Program | None) -> None:
        fallback = (program.links.fallback if program else None) or visit.workspace.settings.fallback
        if fallback is None:
            self._page(visit.answer, visit.request, name)
            return
        _ELSEWHERE["fallback"].inc()
        visit.answer(302, [*_EMPTY, (b"location", fallback.encode())], b"")

    def _page(self, answer: Answer, request: Asked, name: str, *, code: str = "", cookie: bytes = b"") -> None:
        _ELSEWHERE[name].inc()
        body = pages.page(name, pages.language_of(request.headers.get("accept-language", "")), code)
        headers = [
            *_ALWAYS,
            *_HTML,
            *_setting(cookie),
            (b"vary", b"accept-language"),
            (b"content-length", str(len(body)).encode()),
        ]
        if name == pages.BUSY:
            headers.append((b"retry-after", str(pages.BUSY_SECONDS).encode()))
        if name == pages.METHOD:
            headers.append((b"allow", b"GET, HEAD"))
        answer(pages.STATUS[name], headers, b"" if request.method == "HEAD" else body)


def _setting(cookie: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"set-cookie", cookie)] if cookie else []


def _place(directory: Directory, request: Asked) -> tuple[Workspace | None, str]:
    """Whose link is asked for, and its code ('' where none that could be one is told).

    A short domain is one workspace's, and has its codes at `/CODE` and `/r/CODE`. Any other host has the oldest
    workspace's at `/r/CODE`, and everybody's at `/r/SLUG/CODE`. A query may say the code instead: `/r/?via=CODE`,
    `/r/SLUG/?via=CODE`."""
    own = directory.by_domain.get(request.host)
    path = request.path
    if path.startswith("/r/") or path == PATH:
        path = path[len(PATH) :]
    parts = [part for part in path.split("/") if part]
    workspace = own or directory.oldest
    if len(parts) == 2 or (len(parts) == 1 and request.alias and path.endswith("/") and parts[0] in directory.by_slug):
        named = directory.by_slug.get(parts[0])
        workspace = named if own is None or named is own else None
        parts = parts[1:]
    code = parts[0] if len(parts) == 1 else "" if parts else request.alias
    if request.alias and own is not None and not request.path.startswith("/r/"):
        code = request.alias
    return workspace, code if _typable(code) else ""


def _named(directory: Directory, request: Asked) -> tuple[Workspace, str] | None:
    """What `/r/SLUG?via=CODE` says where no link has the code SLUG; None for any other address."""
    own = directory.by_domain.get(request.host)
    workspace = directory.by_slug.get(request.path.removeprefix(f"{PATH}/"))
    if workspace is None or own not in (None, workspace) or not _typable(request.alias):
        return None
    return workspace, request.alias


def _typable(code: str) -> bool:
    return 0 < len(code) <= MAX_CODE and possible(code)


def _stopped(link: Link, program: Program) -> str:
    """The page for a link that leads nowhere now; '' where it leads somewhere."""
    if link.state or program.state in ("settling", "ended"):
        return pages.OVER
    if link.expires_at is not None and link.expires_at <= datetime.now(UTC):
        return pages.OVER
    return pages.PAUSED if program.state else ""


def _target(request: Asked, link: Link, program: Program) -> destinations.Address | None:
    """Where a link leads: to what the address asks for, to its own destination, or to the programme's."""
    if program.home is None:
        return None
    for wanted in (request.query.get("to") if request.query else None, link.destination):
        if wanted and (found := destinations.within(wanted, program.home, program.links.hosts)):
            return found
    return program.home


def _visit(request: Asked, scope: Message, answer: Answer, workspace: Workspace) -> _Visit:
    settings = workspace.settings
    hidden = settings.privacy_signals == "respect" and request.private
    agreed = settings.cookie == "always" or (settings.cookie == "consent" and request.agreed)
    return _Visit(request, scope, answer, workspace, hidden, agreed and not hidden)


@lru_cache(maxsize=1_024)
def _location(target: destinations.Address, names: tuple[str, ...], campaign: bool) -> str:
    """The address with places for the code, the click's id and the campaign's values: an address has no braces."""
    values = [(name, f"{{{place}}}") for place, name in enumerate(names)]
    text = destinations.with_values(target, values)
    last = f"{values[-1][0]}={values[-1][1]}"
    return text.replace(last, f"{last}&{{2}}") if campaign else text


@lru_cache(maxsize=4_096)
def _quoted(code: str) -> str:
    """A code in an address: those of other systems may have any letters."""
    return quote(code, safe="")


def _hash(address: str, salt: bytes) -> str:
    return blake2b(address.encode(), key=salt, digest_size=16).hexdigest()


@lru_cache(maxsize=4_096)
def _ip(text: str) -> str:
    """The address as it is compared and kept; '' for what is none."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
