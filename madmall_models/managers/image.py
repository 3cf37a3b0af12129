"""Carry what images can do: review, selection for pages, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from madmall_models import clock
from madmall_models.connection.retry import retried
from madmall_models.entities import Image
from madmall_models.entities.image import IMAGE_STATUSES, ImageValidation
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import ConditionFailed, ValidationError
from madmall_models.identifiers import id_or_new
from madmall_models.manager import Manager
from madmall_models.managers.argument import checked_choice, checked_text
from madmall_models.managers.matching import contains_any
from madmall_models.query import Query
from madmall_models.unread import demand_readable

LOWEST_CULTURAL_SCORE = Decimal("0.7")
_LISTED = 20
_MOST_CHARACTERS = 1024
_RACES = 8


class ImageManager(Manager[Image]):
    """Be the operations of images; ``db.images``."""

    collection = "images"
    by_recipe = frozenset(["deleting_at"])

    def create_from_url(self, url: str, *, category: str, alt_text: str, **fields: Any) -> Image:
        """Create an image that waits for review; the id is made here unless one is given.

        Args:
            url: where the image is; ``source_info.original_url`` keeps it too, unless ``source_info`` is given.
            category: what to list it under.
            alt_text: what it shows, for those who cannot see it.
            fields: other attributes of the image.

        Raises:
            ValidationError: a rule is broken, or a status is given. AlreadyExists: the id is taken.
        """
        if "status" in fields:
            raise ValidationError("Image: create_from_url gives the status pending_review; use create() for another")
        image_id = id_or_new(fields.pop("image_id", None))
        given = {"source_info": {"original_url": url}, "status": "pending_review", **fields}
        return self.create(image_id=image_id, url=url, category=category, alt_text=alt_text, **given)

    # -- lists -----------------------------------------------------------------------------------------------------

    def get_by_category(self, category: str) -> Query[Image]:
        """Return a lazy query of the images of a category, of any status, oldest first."""
        return self.asking(Image.by_category, category=category)

    def get_by_status(self, status: str) -> Query[Image]:
        """Return a lazy query of the images of a status, longest unchanged first."""
        return self.asking(Image.by_status, status=status)

    def search_by_tags(self, tags: Iterable[str], tenant_id: str = DEFAULT_TENANT) -> Query[Image]:
        """Return a lazy query of a tenant's images, of any status, with any of the tags; without a tag, of all.

        What the tags drop is read and paid for. For readers add ``.filter(Image.status == "active")``.
        """
        condition = contains_any(Image.tags, tags, name="tags")
        query = self.of_tenant(tenant_id)
        return query if condition is None else query.filter(condition)

    def list_pending(self, limit: int = _LISTED) -> Query[Image]:
        """Return a lazy query of the images that wait for review, longest waiting first."""
        return self.get_by_status("pending_review").limit(limit)

    def list_flagged(self, limit: int = _LISTED) -> Query[Image]:
        """Return a lazy query of the flagged images, longest flagged first."""
        return self.get_by_status("flagged").limit(limit)

    def select_by_category(self, category: str, limit: int = 1) -> Query[Image]:
        """Return a lazy query of the images of a category that readers may see, newest first, placeholders left out."""
        shown = (Image.status == "active") & Image.deleting_at.does_not_exist() & (Image.is_placeholder != True)
        return self.get_by_category(category).filter(shown).newest_first().limit(limit)

    def get_placeholders(self, category: str, tenant_id: str = DEFAULT_TENANT) -> Query[Image]:
        """Return a lazy query of a category's active placeholders, oldest first; each is fetched."""
        return self.asking(Image.placeholder, tenant_id=tenant_id, category=category)

    def get_for_display(self, image_id: str) -> Image | None:
        """Return an image if readers may see it, else the newest placeholder of its category, else None.

        Raises:
            Image.DoesNotExist: there is no such image.
        """
        image = self.get(image_id)
        if image.is_shown or not image.category:
            return image if image.is_shown else None
        tenant_id = image.tenant_id or DEFAULT_TENANT
        placeholders = self.get_placeholders(image.category, tenant_id).newest_first()
        return next((found for found in placeholders if found.is_shown), None)

    # -- review ----------------------------------------------------------------------------------------------------

    def mark_status(self, image_id: str, status: str, notes: str | None = None) -> Image:
        """Set the status of an image; ``notes`` are added to ``validation.issues``.

        Raises:
            ValidationError: the status is none, or the notes are empty. Image.DoesNotExist: there is no such image.
            Unreadable: the issues that there are cannot be read. VersionConflict: it kept changing.
        """
        checked_choice(status, IMAGE_STATUSES, name="Image: status")
        added = [] if notes is None else [checked_text(notes, name="Image: notes")]

        def mark(image: Image) -> None:
            image.status = status
            _add_issues(image, added)

        return self._change(Image.key.of(image_id), mark)

    def mark_validated(
        self,
        image_id: str,
        *,
        cultural_score: Decimal | float,
        sensitivity_score: Decimal | float,
        inclusivity_score: Decimal | float,
        appropriate: bool = True,
        status: str = "active",
        validator: str | None = None,
        issues: Iterable[str] = (),
    ) -> Image:
        """Note what an audit found, and set the status.

        An image that is not appropriate, or whose cultural score is under 0.7, is removed whatever ``status`` says:
        :meth:`get_for_display` then gives a placeholder of its category in its place.

        Args:
            image_id: the image.
            cultural_score, sensitivity_score, inclusivity_score: 0 to 1.
            appropriate: whether the image may be shown at all.
            status: the status of an image that passed.
            validator: the person or program that gave the scores.
            issues: what was found; added to those known.

        Raises:
            ValidationError: a score is no number from 0 to 1, or the status is none. Image.DoesNotExist: there is no
            such image. Unreadable: what earlier audits found cannot be read. VersionConflict: it kept changing.
        """
        checked_choice(status, IMAGE_STATUSES, name="Image: status")
        checked_choice(appropriate, (True, False), name="Image: appropriate")
        scores = {
            "cultural_score": _checked_score("cultural_score", cultural_score),
            "sensitivity_score": _checked_score("sensitivity_score", sensitivity_score),
            "inclusivity_score": _checked_score("inclusivity_score", inclusivity_score),
        }
        found = _checked_issues(issues)
        passed = appropriate and scores["cultural_score"] >= LOWEST_CULTURAL_SCORE

        def mark(image: Image) -> None:
            image.status = status if passed else "removed"
            _validation(image).merge({**scores, "validator": validator, "last_validated_at": clock.utc_now()})
            _add_issues(image, found)

        return self._change(Image.key.of(image_id), mark)

    # -- figures ---------------------------------------------------------------------------------------------------

    def record_usage(self, image_id: str, context: str | None = None, *, impressions: int = 0, clicks: int = 0) -> None:
        """Note that an image is used now: add to its counts, and keep the context if it is new.

        ``version`` and ``updated_at`` stay. A context costs a consistent read more.

        Args:
            image_id: the image.
            context: where it was shown, for example ``home.hero``.
            impressions, clicks: how often it was shown and clicked since the last call.

        Raises:
            ValidationError: a count is no whole number, or the context is empty. Image.DoesNotExist: there is no such
            image. Unreadable: the contexts that there are cannot be read. ConditionFailed: others kept being added.
        """
        key = Image.key.of(image_id)
        counts = {"total_impressions": impressions, "total_clicks": clicks}
        if context is None:
            self.measure(key, {**counts, "last_used_at": clock.utc_now()}, within="usage")
            return
        checked_text(context, name="Image: context", most=_MOST_CHARACTERS)
        contexts = Image.usage.contexts

        def attempt() -> None:
            image = self.get_by_key(key, consistent=True)
            demand_readable(image, "usage.contexts")
            known = image.usage.contexts if image.usage is not None else None
            figures: dict[str, Any] = {**counts, "last_used_at": clock.utc_now()}
            if known is not None and context in known:
                self.measure(key, figures, within="usage")
                return
            figures["contexts"] = [*(known or ()), context]
            unchanged = contexts.does_not_exist() if known is None else contexts == known
            self.measure(key, figures, within="usage", condition=unchanged)

        retried(attempt, lost=ConditionFailed, most=_RACES)

    # -- deleting --------------------------------------------------------------------------------------------------

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete an image with its feedback.

        The image is marked first, so that nobody gives feedback meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each feedback. Incidents about the image stay.

        Raises:
            Image.DoesNotExist: there is none.
        """
        image = self._stored_at(Image.key.of(*key, **fields))
        if image.deleting_at is None:
            self._rewrite(image.item_key(), _mark)
        self.database.feedback.forget_image(image.image_id)
        self._remove(image.item_key())

    def delete_entity(self, entity: Image) -> None:
        """Delete an image as it was loaded, with its feedback; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.image_id)


def _add_issues(image: Image, issues: list[str]) -> None:
    if issues:
        demand_readable(image, "validation.issues")
        validation = _validation(image)
        validation.issues = [*(validation.issues or ()), *issues]


def _validation(image: Image) -> ImageValidation:
    demand_readable(image, "validation")
    if image.validation is None:
        image.validation = ImageValidation()
    return image.validation


def _checked_score(name: str, value: Any) -> Decimal:
    attribute = getattr(ImageValidation, name)
    score: Decimal = attribute.checked(value)
    if not 0 <= score <= 1:
        raise ValidationError(f"Image: {name} is a number from 0 to 1")
    return score


def _checked_issues(issues: Iterable[str]) -> list[str]:
    if isinstance(issues, str | bytes | Mapping) or not isinstance(issues, Iterable):
        raise ValidationError(f"Image: issues takes a list of texts, not {type(issues).__name__}")
    return [checked_text(issue, name="Image: each of issues") for issue in issues]


def _mark(image: Image) -> None:
    image.deleting_at = clock.utc_now()
