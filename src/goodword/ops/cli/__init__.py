"""The command line `goodword`."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Goodword: the engine for referral, loyalty and advocacy programmes."""
