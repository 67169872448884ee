"""The part of a programme document that says where links lead."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from goodword.domain import destinations
from goodword.domain.destinations import LONGEST, MAX_HOSTS, Address
from goodword.domain.fields import Part


def _address(text: object) -> object:
    if not isinstance(text, str) or destinations.read(text) is None:
        raise ValueError(
            "expected an address such as https://www.example.com/welcome: https, a host's name, no user or password, "
            f"at most {LONGEST:,} characters, all of them ASCII (http only for localhost)"
        )
    return text


def _host(text: object) -> object:
    if not isinstance(text, str) or not destinations.is_host(text):
        raise ValueError(
            "expected a host such as www.example.com, or *.example.com for all below it: lower case, no https://, "
            "no path"
        )
    return text


def _parameter(name: str) -> str:
    if name.startswith("utm_"):
        raise ValueError("utm_… is the campaign's own; choose another name, such as via")
    return name


Url = Annotated[str, BeforeValidator(_address)]
"""An address that a browser may be sent to."""
Host = Annotated[str, BeforeValidator(_host)]
Parameter = Annotated[str, AfterValidator(_parameter), Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]


class Links(Part):
    """Where the links of a program's participants lead. Nothing leads anywhere else."""

    destination: Url | None = Field(
        None,
        description="The page that a link opens. Left out, a visitor is shown the code that they came with.",
        examples=["https://www.example.com/welcome"],
    )
    hosts: list[Host] = Field(
        [],
        description="Further hosts that a link may be asked to lead to (`?to=`); the destination's own always may be.",
        max_length=MAX_HOSTS,
        examples=[["shop.example.com", "*.example.org"]],
    )
    fallback: Url | None = Field(
        None,
        description="Where a link leads that is switched off or has expired, and every link while the program is "
        "paused and after its end. Left out: the workspace's fallback, or a page that says so.",
        examples=["https://www.example.com/"],
    )
    automatic: StrictBool = Field(
        True,
        description="Whether everybody has a link: who has none in this program gets one when they first ask for "
        "theirs. `false`: only who is given one. A loyalty program gives none by itself.",
    )
    code_name: Parameter = Field(
        "via", description="The name under which the destination is told the code.", examples=["ref"]
    )
    click_name: Parameter = Field(
        "gw_click", description="The name under which it is told the click's id.", examples=["click_id"]
    )

    @property
    def home(self) -> Address | None:
        """The destination in its parts."""
        return destinations.read(self.destination) if self.destination else None
