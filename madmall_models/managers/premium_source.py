"""Carry what premium sources can do."""

from __future__ import annotations

from madmall_models.entities import PremiumSource
from madmall_models.manager import Manager
from madmall_models.query import Query


class PremiumSourceManager(Manager[PremiumSource]):
    """Be the operations of premium sources; ``db.sources``."""

    collection = "sources"

    def get_by_provider(self, provider: str) -> Query[PremiumSource]:
        """Return a lazy query of a provider's sources, active or not, oldest first."""
        return self.asking(PremiumSource.by_provider, provider=provider)

    def activate(self, source_id: str) -> PremiumSource:
        """Let images be taken from a source. Raises what :meth:`update` raises."""
        return self.update(source_id, status="active")

    def deactivate(self, source_id: str) -> PremiumSource:
        """Let no image be taken from a source. Raises what :meth:`update` raises."""
        return self.update(source_id, status="inactive")
