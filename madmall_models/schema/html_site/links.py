"""Lead from one page to the others, from wherever it stands in the folder."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.places import COLLECTIONS, INDEXES, Places, collection_anchor, index_anchor

TABLE = "table"


@dataclass(frozen=True)
class Links:
    """The links of one page.

    Attributes:
        places: where everything stands.
        indexes: the names of the table's indexes, in their order.
        root: the way from the page to the top folder: empty, or ``../``.
    """

    places: Places
    indexes: tuple[str, ...]
    root: str = ""

    def address(self, place: str) -> str:
        """Return the address of a place that is known from the top folder."""
        return f"{self.root}{place}"

    def entity(self, name: str) -> Content:
        """Return a link to an entity; its name alone where it has no page."""
        place = self.places.entity(name)
        return name if place is None else element("a", name, href=self.address(place))

    def question(self, pattern: str, *content: Content) -> Element:
        """Return a link to an access pattern."""
        return element("a", *content, href=self.address(self.places.question(pattern)))

    def index_address(self, name: str) -> str:
        """Return the address of an index, or of the table."""
        return self.address(f"{INDEXES}#{index_anchor(name)}")

    def index(self, name: str) -> Element:
        """Return a link to an index, or to the table, in the color of the index."""
        return element("a", name, href=self.index_address(name), class_=f"index {self.index_class(name)}")

    def index_class(self, name: str) -> str:
        """Return the class that gives an index its color, which is that of no index near it."""
        return "on-table" if name not in self.indexes else f"on-{self.indexes.index(name) % 6}"

    def collection_address(self, partition_key: str) -> str:
        """Return the address of an item collection."""
        return self.address(f"{COLLECTIONS}#{collection_anchor(partition_key)}")

    def collection_of(self, entity: str, key: str) -> str:
        """Return the address of the item collection in which a key of an entity stands."""
        return self.collection_address(self.places.collections[entity, key])


def anchored(name: str, said: str) -> Element:
    """Return the small link by which a place on the page is copied."""
    return element("a", "#", href=f"#{name}", class_="anchor", aria_label=f"Link to {said}")
