"""The Django application that owns every table."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Registers the tables under the label `store`."""

    name = "goodword.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every new connection is asked once what kind of database it leads to."""
        from django.db.backends.signals import connection_created

        from goodword.store import cluster

        connection_created.connect(cluster.note, dispatch_uid="goodword.store.cluster")
