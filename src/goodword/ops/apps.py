"""The Django application of the room `ops`."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Holds no tables."""

    name = "goodword.ops"
    label = "ops"
