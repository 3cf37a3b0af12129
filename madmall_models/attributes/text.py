"""Hold text, ids, known words and truth values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from pynamodb import attributes as pynamodb_attributes
from pynamodb.constants import STRING

from madmall_models.attributes.checked import Checked
from madmall_models.attributes.type_variables import Options, Text, Truth
from madmall_models.identifiers import is_id


class UnicodeAttribute(Checked[Text, Text], pynamodb_attributes.UnicodeAttribute):
    """Hold text."""

    attr_type = STRING

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: UnicodeAttribute[str], *, null: Literal[False] | None = None, **options: Unpack[Options[str]]
        ) -> None: ...
        @overload
        def __init__(self: UnicodeAttribute[str | None], *, null: bool, **options: Unpack[Options[str]]) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def fault(self, value: Any) -> str | None:
        """Return "text" unless ``value`` is text that UTF-8 can hold."""
        if not isinstance(value, str):
            return "text"
        return "text without lone surrogates" if has_lone_surrogate(value) else None

    def serialize(self, value: Any) -> str:
        """Return the text to store."""
        # Nearly every text that is stored is this.
        if type(self) in _TAKES_ANY_TEXT and type(value) is str and value.isascii():
            return value
        return str(self.checked(value))


def has_lone_surrogate(text: str) -> bool:
    """Tell whether a text holds half of a pair of surrogates, which UTF-8 cannot write."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class IdAttribute(UnicodeAttribute[Text]):
    """Hold an id: 1 to 128 of letters, digits, ``_`` and ``-``."""

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: IdAttribute[str], *, null: Literal[False] | None = None, **options: Unpack[Options[str]]
        ) -> None: ...
        @overload
        def __init__(self: IdAttribute[str | None], *, null: bool, **options: Unpack[Options[str]]) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def fault(self, value: Any) -> str | None:
        """Return the form of an id unless ``value`` is one."""
        return None if is_id(value) else "an id (1 to 128 of A-Z a-z 0-9 _ -)"


class EnumAttribute(UnicodeAttribute[Text]):
    """Hold one of a list of texts.

    Args:
        choices: the texts known.
        strict: whether another text is an error (INVALID_VALUE); otherwise it is a warning. Reading takes any text.
        read_only: texts that are read without a murmur but never written.
    """

    @overload
    def __init__(
        self: EnumAttribute[str],
        *choices: str,
        strict: bool = False,
        read_only: tuple[str, ...] = (),
        null: Literal[False] | None = None,
        **options: Unpack[Options[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: EnumAttribute[str | None],
        *choices: str,
        strict: bool = False,
        read_only: tuple[str, ...] = (),
        null: bool,
        **options: Unpack[Options[str]],
    ) -> None: ...
    def __init__(self, *choices: str, strict: bool = False, read_only: tuple[str, ...] = (), **options: Any) -> None:
        Checked.__init__(self, **options)
        self.choices = choices
        self.strict = strict
        self.read_only = read_only


# Of these two, every text fits that UTF-8 can hold; a subclass may see that otherwise.
_TAKES_ANY_TEXT = frozenset([UnicodeAttribute, EnumAttribute])


class BooleanAttribute(Checked[Truth, Truth], pynamodb_attributes.BooleanAttribute):
    """Hold True or False."""

    if TYPE_CHECKING:

        @overload
        def __init__(
            self: BooleanAttribute[bool], *, null: Literal[False] | None = None, **options: Unpack[Options[bool]]
        ) -> None: ...
        @overload
        def __init__(self: BooleanAttribute[bool | None], *, null: bool, **options: Unpack[Options[bool]]) -> None: ...
        def __init__(self, **options: Any) -> None: ...

    def fault(self, value: Any) -> str | None:
        """Return "True or False" unless ``value`` is a bool."""
        return None if isinstance(value, bool) else "True or False"

    def serialize(self, value: Any) -> bool:
        """Return the bool to store."""
        return bool(self.checked(value))
