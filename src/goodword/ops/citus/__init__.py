"""One database over many servers: a Citus cluster, every table distributed by its workspace."""

from goodword.ops.citus.errors import CitusError
from goodword.ops.citus.look import Cluster, fit, is_cluster, shape
from goodword.ops.citus.run import MOST_SHARDS, SETTINGS, SHARDS, Done, distribute

__all__ = [
    "MOST_SHARDS",
    "SETTINGS",
    "SHARDS",
    "CitusError",
    "Cluster",
    "Done",
    "distribute",
    "fit",
    "is_cluster",
    "shape",
]
