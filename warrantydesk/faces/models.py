"""What the doors remember together: how often each of them was knocked at (warrantydesk/faces/limits.py)."""

from django.db import models
from django.db.models import Q


class LimitCount(models.Model):
    """How often one limit was used for one key since its window began. The key is a keyed hash: nobody's address."""

    limit = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    used = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="limit_counted_once_per_key", fields=["limit", "key"]),
            models.CheckConstraint(name="limit_count_has_key", condition=~Q(key="")),
        ]
        indexes = [models.Index(name="limit_clear_old", fields=["ends_at"])]

    def __str__(self) -> str:
        return f"{self.limit} {self.key[:8]}: {self.used}"
