"""What every request under /v1 passes: a sane address, a key, the rate limit, a bounded body and
idempotency; and what every answer passes: nothing but JSON leaves, whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from goodword.api import answers, body, idempotency, keys, origins, rates
from goodword.api.access import Access
from goodword.api.app import fault_of_ours
from goodword.api.problems import Fault, Refusal, answer

MAX_QUERY = 4_000
"""Characters of a query."""

View = Callable[..., HttpResponseBase]


class Route:
    """One operation: the names of its query parameters, what it asks of its caller, its body's limit in bytes (None: it
    has no body), and the fields of its rows that may be chosen."""

    def __init__(
        self, parameters: frozenset[str], access: Access, *, limit: int | None, fields: tuple[str, ...] = ()
    ) -> None:
        self.parameters = parameters
        self.fields = fields
        self.access = access
        self.limit = limit


def guarded(view: View, methods: Mapping[str, Route]) -> View:
    """The view behind the door. `methods` has what is known of the route for each of its methods."""

    @csrf_exempt
    def guard(request: HttpRequest, **path: str) -> HttpResponseBase:
        try:
            return _guard(request, view, methods, path)
        except Refusal as refusal:
            return answer(refusal)
        except Exception as error:  # nothing but a problem may leave
            return answer(fault_of_ours(error))

    return guard


def no_route(request: HttpRequest, **path: str) -> HttpResponse:
    """The answer under /v1 where nothing is."""
    return answer(Refusal("no_such_route", f"There is nothing at {request.path[:200]}; see /docs."))


no_route.csrf_exempt = True  # type: ignore[attr-defined]


def _guard(request: HttpRequest, view: View, methods: Mapping[str, Route], path: Mapping[str, str]) -> HttpResponseBase:
    if request.method == "HEAD" and "GET" in methods:
        request.method = "GET"
        try:
            return _guard(request, view, methods, path)
        finally:
            request.method = "HEAD"  # the server leaves out the body
    asked = origins.preflight(request, {method: known.access for method, known in methods.items()})
    if asked is not None:
        return asked
    route = methods.get(str(request.method))
    if route is None:
        raise Refusal("method_not_allowed", headers={"Allow": ", ".join(sorted(methods))})
    _plain(request, path)
    if route.access.public:
        _known(request, route)
        response = view(request, **path)
    else:
        response = _let_in(request, route, lambda: view(request, **path))
    if origins.for_browsers(route.access):
        origins.mark(request, response)
    return response


def _let_in(request: HttpRequest, route: Route, run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer to a caller who is known, counted, and may ask this."""
    headers: dict[str, str] = {}
    try:
        who = keys.authenticate(request, basic=route.access.basic)
        request.goodword_caller = who  # type: ignore[attr-defined]
        headers = _count(request, who).headers()
        origins.check(request, who)
        keys.admit(who, route.access)
        _known(request, route)
        fields = answers.selected(request, route.fields)
        response = _answered(request, route, who, run)
        if request.method == "GET":
            response = answers.read(request, response, fields)
    except Refusal as refusal:
        response = answer(refusal)
    except Exception as error:  # nothing but a problem may leave; here it gets the headers too
        response = answer(fault_of_ours(error))
    for name, value in headers.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _count(request: HttpRequest, who: keys.Caller) -> rates.Allowance:
    if who.window is None:
        return rates.count_of_page(who.workspace_id, who.key_id, rates.address_of(request))
    return rates.allowance(who.window)


def _answered(
    request: HttpRequest, route: Route, who: keys.Caller, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    if route.limit is None:
        return run()
    raw = body.keep(request, route.limit)
    return idempotency.answered(request, who, raw, run)  # type: ignore[arg-type]


def _plain(request: HttpRequest, path: Mapping[str, str]) -> None:
    """Refuse an address that is too long or that is not text."""
    query = request.META.get("QUERY_STRING", "")
    if len(query) > MAX_QUERY:
        raise Refusal("url_too_long", f"The query has over {MAX_QUERY:,} characters.")
    try:
        text = unquote_to_bytes(query.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise Refusal("bad_request", "The query is not UTF-8.") from None
    if "\0" in text or any("\0" in value for value in path.values()):
        raise Refusal("bad_request", "The address has a NUL character.")


def _known(request: HttpRequest, route: Route) -> None:
    """Refuse parameters that the operation does not have, and those given twice: a misspelt filter
    must not answer everything."""
    faults = []
    for name, values in request.GET.lists():
        if name not in route.parameters:
            allowed = ", ".join(sorted(route.parameters)) or "none"
            faults.append(Fault("unknown_parameter", f"unknown; allowed: {allowed}", parameter=name[:100]))
        elif len(values) > 1:
            faults.append(Fault("given_twice", "give it once", parameter=name))
    if faults:
        said = "; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults)
        raise Refusal("invalid_request", f"{said}.", faults)
