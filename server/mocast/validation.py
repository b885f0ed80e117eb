"""Parses and validates clients' queries and JSON into the dataclasses that define the options.

A field's annotation holds its bounds and its help: ``Annotated[float, Interval(ge=0, le=1), doc("What it is for.")]``.
The fields of a dataclass within a dataclass are read as if they were the outer one's own. Where a name is a keyword of
Python's, the field has an underscore behind it, which clients leave out.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    Protocol,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)
from urllib.parse import quote

from annotated_types import DocInfo
from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from mocast.errors import Unprocessable

T = TypeVar("T")
Source = Literal["query", "body"]

MOST_ERRORS: Final = 16
"""Errors that are reported for one request, at most."""
_SHOWN: Final = 60
"""Characters of a client's value that an error quotes, at most."""


@runtime_checkable
class Refusing(Protocol):
    """Metadata of an option that says better than pydantic why some values are refused."""

    def refusal(self, value: object, /) -> str | None:
        """Return why, or ``None`` for values of which it knows nothing."""


class Schema(BaseModel):
    """The pydantic model of a dataclass's options."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, alias_generator=lambda name: name.removesuffix("_"), title=None
    )
    DATACLASS: ClassVar[Any]
    """The dataclass. In capitals, since an option may have any other name."""


def read_query(kind: type[T], query: Mapping[str, str]) -> T:
    """Return the ``kind`` that a query asks for (a multi-dict, where it comes from aiohttp); lists have commas.

    Raises ``Unprocessable`` with all errors, as all functions here do.
    """
    lists = {name.removesuffix("_") for name, annotation, _ in _options(kind) if get_origin(_bare(annotation)) is tuple}
    given: dict[str, Any] = {}
    for name, text in query.items():
        if name in given:
            raise _refused([((name,), "It is given more than once")], "query")
        given[name] = [word.strip() for word in text.split(",") if word.strip()] if name in lists else text
    read: T = _read(kind, given, "query")
    return read


def read_json(kind: type[T], given: object) -> T:
    """Return the ``kind`` that a JSON object asks for."""
    read: T = _read(kind, given, "body")
    return read


def read_change(current: T, given: object) -> T:
    """Return ``current`` with what a JSON object of some of its options changes in it."""
    read: T = _read(type(current), given, "body", current)
    return read


def to_json(options: Any) -> dict[str, Any]:
    """Return all options, side by side, as clients read them."""
    flat: dict[str, Any] = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if is_dataclass(value):
            flat |= to_json(value)
        else:
            flat[field.name.removesuffix("_")] = _listed(value) if isinstance(value, tuple) else value
    return flat


def _listed(values: tuple[Any, ...]) -> list[Any]:
    return [to_json(value) if is_dataclass(value) else value for value in values]


@functools.cache
def schema_of(kind: Any) -> type[Schema]:
    """Return the schema of a dataclass."""
    options: dict[str, Any] = {name: (_for_pydantic(annotation), value) for name, annotation, value in _options(kind)}
    schema = create_model(kind.__name__, __base__=Schema, **options)
    schema.DATACLASS = kind
    return schema


def _read(kind: Any, given: object, source: Source, current: Any = None) -> Any:
    if not isinstance(given, dict):
        raise _refused([((), "Input should be a JSON object")], source)
    schema = schema_of(kind)
    try:
        checked = schema.model_validate(given, strict=source == "body")
    except ValidationError as error:
        known = ", ".join(field.alias or name for name, field in schema.model_fields.items())
        words = {
            "extra_forbidden": f"There is no such option; there are {known}",
            "model_type": "Input should be a JSON object",
        }
        found = error.errors(include_url=False, include_context=False)[:MOST_ERRORS]
        wrong = [(one["loc"], _refusal(schema, one) or words.get(one["type"]) or _said(one)) for one in found]
        raise _refused(wrong, source, error.error_count()) from None
    return _built(kind, checked, current)


def _refusal(schema: type[Schema], error: ErrorDetails) -> str | None:
    """Why a value is refused, where the option's own metadata say it."""
    name = ".".join(map(str, error["loc"]))
    metadata = schema.model_fields[name].metadata if name in schema.model_fields else []
    said = (it.refusal(error["input"]) for it in metadata if isinstance(it, Refusing))
    return next(filter(None, said), None)


def _said(error: ErrorDetails) -> str:
    """What pydantic says, without its own workings: a list "has at least 26 items after validation"."""
    return error["msg"].replace(" after validation", "")


def _built(kind: Any, checked: Schema, current: Any = None) -> Any:
    """The dataclass with the given options; the others are as in ``current``, or else their defaults."""
    values: dict[str, Any] = {}
    for name, annotation in _hints(kind).items():
        if is_dataclass(annotation):
            values[name] = _built(annotation, checked, getattr(current, name, None))
        elif name in checked.model_fields_set:
            values[name] = _without_pydantic(getattr(checked, name))
    return kind(**values) if current is None else replace(current, **values)


def _without_pydantic(value: Any) -> Any:
    """Turn lists into tuples; those of names without duplicates."""
    if not isinstance(value, list):
        return value
    if all(isinstance(item, Schema) for item in value):
        return tuple(_built(item.DATACLASS, item) for item in value)
    return tuple(dict.fromkeys(value)) if all(isinstance(item, str) for item in value) else tuple(value)


def _options(kind: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, annotation and default of all options; the default is ``...`` where they must be given."""
    hints = _hints(kind)
    for field in fields(kind):
        if is_dataclass(hints[field.name]):
            yield from _options(hints[field.name])
        elif field.default_factory is not MISSING:
            yield field.name, hints[field.name], field.default_factory()
        else:
            yield field.name, hints[field.name], ... if field.default is MISSING else field.default


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _for_pydantic(annotation: Any) -> Any:
    """The annotation with lists for tuples, which JSON has none of, and schemas for the dataclasses in them."""
    if is_dataclass(annotation):
        return schema_of(annotation)  # type: ignore[arg-type]
    if get_origin(annotation) is Annotated:
        bare, *metadata = get_args(annotation)
        metadata = [Field(description=it.documentation) if isinstance(it, DocInfo) else it for it in metadata]
        return Annotated[_for_pydantic(bare), *metadata]
    if get_origin(annotation) is tuple:
        # The first error of a list is enough: thousands of them take tens of milliseconds.
        return Annotated[list[_for_pydantic(get_args(annotation)[0])], FailFast()]  # type: ignore[misc]
    return annotation


def _refused(found: list[tuple[tuple[int | str, ...], str]], source: Source, count: int = 1) -> Unprocessable:
    """The exception for a failed validation, with the list of errors of RFC 9457's example (section 3).

    ``count``: how many there were.
    """
    place, wrong = found[0]
    name = _shown(".".join(str(part) for part in (place[:1] if source == "query" else place)))
    detail = f'Option "{name}" is not valid: {wrong[0].lower()}{wrong[1:]}' if place else wrong
    more = f" (the first of {count} errors)" if count > 1 else ""
    errors = [{"detail": f"{wrong}.", **_pointed(place, source)} for place, wrong in found]
    return Unprocessable(f"{detail}{more}.", errors)


def _pointed(place: tuple[int | str, ...], source: Source) -> dict[str, str]:
    if source == "query":
        return {"parameter": _shown(str(place[0]))}
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    # As the fragment of a URI (RFC 6901, section 6).
    return {"pointer": "#" + "".join(f"/{quote(_shown(part), safe='~')}" for part in parts)}


def _shown(name: str) -> str:
    """The client's value for an error message, truncated where it is long."""
    text = name.encode(errors="replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
