"""The Django application that owns every table."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Registers the tables under the label `store`."""

    name = "goodword.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
