"""What all messages have in common: a class with annotated fields becomes one that reads, writes and shows itself.

A subclass states its fields as annotations, in the order of KFP's documentation:

    class V2beta1ArtifactList(Model):
        artifact_ids: Optional[List[str]] = None

From them come the constructor, a property for each field, `openapi_types` and `attribute_map`.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Dict, List, Optional

from artifactd_client.models.showing import model_html, model_text

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform

    from artifactd_client.configuration import Configuration
else:

    def dataclass_transform(**_: Any) -> Callable[[Any], Any]:
        """Only type checkers need to know."""
        return lambda each: each


_BY_NAME: Dict[str, type] = {}
_EXTRA = "local_vars_configuration"


@dataclass_transform()
class Model:
    """The base of all messages. `None` is unset: it is not sent.

    Attributes:
        openapi_types: the fields' types as KFP's documentation writes them, by the fields' names.
        attribute_map: the fields' names on the wire, by their names.
        discriminator: always `None`.
    """

    openapi_types: ClassVar[Dict[str, str]] = {}
    attribute_map: ClassVar[Dict[str, str]] = {}
    wire_names: ClassVar[Dict[str, str]] = {}
    discriminator: ClassVar[None] = None
    __hash__: ClassVar[None]  # type: ignore[assignment]  # Equal ones may change.

    if TYPE_CHECKING:
        local_vars_configuration: Configuration

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        # A class derived from a message is that message: it keeps its fields, and answers are read without it.
        if abstract or cls.openapi_types:
            return
        annotations = dict(vars(cls).get("__annotations__") or cls.__annotations__)
        fields = {name: text for name, text in annotations.items() if not text.startswith("ClassVar")}
        cls.openapi_types = {name: _openapi_type(text) for name, text in fields.items()}
        cls.attribute_map = {name: cls.wire_names.get(name, name) for name in fields}
        if "__init__" not in vars(cls):
            cls.__init__ = _constructor(cls, fields)  # type: ignore[method-assign]  # Made for its fields.
        for name in fields:
            setattr(cls, name, _property(name))
        setattr(cls, _EXTRA, property(_configuration, _set_configuration))
        _BY_NAME[cls.__name__] = cls

    def to_dict(self) -> Dict[str, Any]:
        """Every field by its name, unset ones as `None`; messages inside become dictionaries too."""
        return {name: _plain(getattr(self, name)) for name in self.openapi_types}

    def to_str(self) -> str:
        """The message as text for people: its set fields."""
        return model_text(self)

    def set_fields(self) -> Dict[str, Any]:
        """The fields that are set, by their names, as they are."""
        given = ((name, getattr(self, name)) for name in self.openapi_types)
        return {name: value for name, value in given if value is not None}

    def __repr__(self) -> str:
        return model_text(self)

    def _repr_html_(self) -> str:
        """The message as a notebook shows it."""
        return model_html(self)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.to_dict() == other.to_dict()

    def finish(self) -> None:
        """Called once the message has been read from an answer."""


def model_named(name: str) -> Optional[type]:
    """The message or enumeration of that name, `None` if there is none."""
    return _BY_NAME.get(name)


def _openapi_type(annotation: str) -> str:
    """A field's type as KFP's documentation writes it: `Optional[List[str]]` is `list[str]`.

    An enumeration is annotated `Union[Enumeration, str]`, since its values are strings.
    """
    inner = re.sub(r"^Optional\[(.*)\]$", r"\1", annotation)
    if match := re.match(r"Union\[(\w+), str\]$", inner):
        return match[1]
    if match := re.match(r"List\[(.*)\]$", inner):
        return f"list[{_openapi_type(match[1])}]"
    if match := re.match(r"Dict\[str, (.*)\]$", inner):
        return f"dict(str, {_openapi_type(match[1])})"
    return {"Any": "object"}.get(inner, inner)


def _constructor(cls: type, fields: Dict[str, str]) -> Any:
    """`__init__` with an argument for each field.

    `dataclasses` makes such too, but takes longer to load and to run than all else that is imported here.
    """
    arguments = "".join(f"{name}=None, " for name in fields)
    stores = "".join(f"    slots['_{name}'] = {name}\n" for name in fields)
    scope: Dict[str, Any] = {}
    source = f"def __init__(self, {arguments}{_EXTRA}=None):\n    slots = self.__dict__\n{stores}"
    exec(f"{source}    self.{_EXTRA} = {_EXTRA}\n", scope)  # nosec B102  # noqa: S102 - the names of fields are all that varies
    constructor = scope["__init__"]
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    constructor.__module__ = cls.__module__
    constructor.__annotations__ = {**fields, _EXTRA: "Any", "return": "None"}
    return constructor


def _property(name: str) -> property:
    slot = f"_{name}"

    def assign(self: Model, value: Any) -> None:
        self.__dict__[slot] = value

    return property(operator.attrgetter(slot), assign)


def _configuration(self: Any) -> Any:
    """The configuration that the message was made with; a new one for most, made when somebody asks."""
    from artifactd_client.configuration import Configuration

    given = self.__dict__.get(f"_{_EXTRA}")
    return Configuration.get_default_copy() if given is None else given


def _set_configuration(self: Any, value: Any) -> None:
    if value is not None:
        self.__dict__[f"_{_EXTRA}"] = value


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


class Enumeration(Model, abstract=True):
    """The base of enumerations, whose values are plain strings.

    Attributes:
        allowable_values: the values, in the order of KFP's documentation.
    """

    allowable_values: ClassVar[List[str]] = []

    def __init_subclass__(cls) -> None:
        cls.allowable_values = [value for name, value in vars(cls).items() if name.isupper() and isinstance(value, str)]
        _BY_NAME[cls.__name__] = cls

    def __init__(self, local_vars_configuration: Any = None) -> None:
        self._local_vars_configuration = local_vars_configuration

    if not TYPE_CHECKING:
        local_vars_configuration = property(_configuration)
