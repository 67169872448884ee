"""What every kind of long question has over the API: asked, listed, found and cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from goodword.api import paging
from goodword.api.keys import caller
from goodword.api.params import inner
from goodword.api.problems import Refusal, not_found
from goodword.domain.ids import PREFIXES
from goodword.store import jobs, tenancy
from goodword.store.models import NAME, Job

Show = Callable[[Job], dict[str, Any]]


def ask(request: HttpRequest, kind: str, program: str, question: Mapping[str, Any]) -> Job:
    """Keeps a question of the caller. Raises `Refusal` where too many are open."""
    who = caller(request)
    try:
        return jobs.ask(who.workspace_id, kind, program, question, f"key {who.key_name}"[:NAME])
    except jobs.TooManyJobs as error:
        raise Refusal("too_many_jobs", f"{error}.") from None


def listed(
    request: HttpRequest, kind: str, show: Show, given: Mapping[str, Any], limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of a kind, the newest first; `given` are filters by column, None for any."""
    workspace_id = caller(request).workspace_id
    filters = {name: value for name, value in given.items() if value}
    with tenancy.workspace(workspace_id):
        return paging.page(
            Job.objects.filter(workspace_id=workspace_id, kind=kind, **filters).defer("result"),
            show,
            workspace_id=workspace_id,
            route=f"{kind}s",
            filters=filters,
            limit=limit,
            cursor=cursor,
        )


def find(request: HttpRequest, kind: str, public_id: str) -> Job:
    """The caller's question of that id. Raises `Refusal` not_found."""
    prefix = PREFIXES[kind]
    job = jobs.find(caller(request).workspace_id, kind, inner(prefix, public_id, kind))
    if job is None:
        raise not_found(kind, public_id, prefix)
    return job


def cancel(request: HttpRequest, kind: str, public_id: str) -> Job:
    """Gives a question up. Raises `Refusal` where there is none, or it is over."""
    job = find(request, kind, public_id)
    try:
        jobs.cancel(caller(request).workspace_id, kind, str(job.id))
    except jobs.JobOver as error:
        raise Refusal("wrong_state", f"{error}.") from None
    return find(request, kind, public_id)
