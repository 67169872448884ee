"""Goodword: the engine for referral, loyalty and advocacy programmes."""

__version__ = "0.1.0"
