"""Programme documents in the body of a request, as JSON or as YAML, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from goodword.api import body
from goodword.api.problems import Fault, Refusal
from goodword.domain import faults, program
from goodword.domain.document import Document
from goodword.domain.reading import plain


def read(request: HttpRequest) -> tuple[Document, Mapping[str, Any]]:
    """The document, checked, and as plain data. Raises `Refusal` with every fault."""
    try:
        data = plain(_sent(request))
        _refuse_wrapped(data)
        document, data = program.read(data)
    except faults.ProgramError as error:
        raise invalid(error) from None
    body.check(data)
    return document, data


def written(request: HttpRequest) -> str | Mapping[str, Any]:
    """The document as it was written: the text of YAML, the data of JSON; readable, and not checked. Raises
    `Refusal`."""
    sent = _sent(request)
    try:
        data = plain(sent)
        _refuse_wrapped(data)
        body.check(data)
    except faults.ProgramError as error:
        raise invalid(error) from None
    return sent


def _refuse_wrapped(data: Mapping[str, Any]) -> None:
    """Raises `Refusal` where the program stands under `document`, as backtests and simulations take it."""
    if "document" in data and "program" not in data:
        told = "the program itself is the body here: send what stands under document, without document around it"
        raise Refusal("invalid_program", errors=[Fault("wrapped_document", told, pointer="/document")])


def invalid(error: faults.ProgramError) -> Refusal:
    """The refusal that names every fault."""
    return Refusal("invalid_program", errors=[fault_at(fault) for fault in error.faults])


def fault_at(fault: faults.Fault, *before: str) -> Fault:
    """A fault of a document as one of the body; `before` is the way to the document in it."""
    if fault.path.startswith("line "):
        return Fault(fault.code, f"{fault.path}: {fault.message}", pointer=body.pointer(*before))
    return Fault(fault.code, fault.message, pointer=body.pointer(*before, *filter(None, fault.path.split("."))))


def _sent(request: HttpRequest) -> str | Mapping[str, Any]:
    raw = body.kept(request)
    kind = body.media_type(request)
    if kind == body.JSON:
        data = body.parse_json(raw)
        if not isinstance(data, Mapping):
            fault = Fault("not_an_object", "a program is an object with named parts", pointer="")
            raise Refusal("invalid_program", errors=[fault])
        return data
    if kind in body.YAML:
        return body.decoded(raw, "malformed_yaml")
    raise Refusal(
        "unsupported_media_type",
        f"Content-Type is {kind or 'missing'}; send {body.JSON} or {body.YAML[0]}.",
    )
