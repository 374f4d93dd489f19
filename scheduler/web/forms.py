"""Forms: a pydantic model says what is well-formed; what is allowed is the domain's business.

A field's words for people stand in its ``json_schema_extra={"words": "…"}``, or in a ``ValueError`` raised by
a validator; everything typed is kept and shown again.
"""

import re
import unicodedata
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from scheduler.domain.errors import Invalid, Unreadable

Model = TypeVar("Model", bound="Form")

MISSING = "Please fill this in."
MALFORMED = "This does not look right. Please check it."
TOO_LONG = "Please keep this under {most:,} characters."
MOST_FIELDS = 200
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a letter: no text that can be kept
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # pasted from elsewhere; PostgreSQL keeps no NUL


class Form(BaseModel):
    """The base of all forms: surrounding space is dropped, unknown fields are ignored, values are frozen."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", frozen=True)


async def read(request: Request, model: type[Model]) -> Model:
    """Return the request's form as ``model``; a field in which nothing can be seen counts as not sent.

    Raises:
        Invalid: a field is missing or malformed; holds the words beside each field and what was typed.
        Unreadable: as `typed`.
    """
    return check(await typed(request), model)


async def typed(request: Request) -> dict[str, str]:
    """Return what was typed, by field; of a repeated field the last value. A body of another type is empty.

    Control characters become spaces.

    Raises:
        Unreadable: the body is broken, brings a file or too many fields, or letters that are no letters.
    """
    fields = await _fields(request)
    return _readable(fields)


class InMemory(MultiPartParser):
    """Reads files without laying them on the disk, where they would lie unsealed."""

    spool_max_size = 64 * 1024 * 1024  # far above what the shields let in


async def typed_with_file(request: Request, name: str) -> tuple[dict[str, str], bytes]:
    """Return what was typed, by field, and the bytes of the one file called ``name``; none are b"".

    Raises:
        Unreadable: the body is broken, or brings more than one file or too many fields.
    """
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        return await typed(request), b""
    try:
        parser = InMemory(request.headers, request.stream(), max_files=1, max_fields=MOST_FIELDS)
        form = await parser.parse()
    except (MultiPartException, ValueError) as broken:
        raise Unreadable(str(broken)) from broken
    fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    file = form.get(name)
    data = b"" if file is None or isinstance(file, str) else await file.read()
    await form.close()
    return _readable(fields), data


def _readable(fields: dict[str, str]) -> dict[str, str]:
    if any(_SURROGATE.search(text) for field in fields.items() for text in field):
        raise Unreadable("half a letter")
    return {name: _CONTROL.sub(" ", text) for name, text in fields.items()}


async def _fields(request: Request) -> dict[str, str]:
    try:
        if request.headers.get("content-type", "").startswith(URLENCODED):  # what all our forms send
            body = (await request.body()).decode(errors="replace")
            return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
        form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    except (HTTPException, ValueError) as broken:
        raise Unreadable(str(broken)) from broken
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def check(values: dict[str, str], model: type[Model]) -> Model:
    """Return the typed values as ``model``.

    Raises:
        Invalid: a field is missing or malformed; holds the words beside each field and what was typed.
    """
    try:
        return model.model_validate({name: value for name, value in values.items() if _is_seen(value)})
    except ValidationError as wrong:
        errors = {
            str(error["loc"][0]) if error["loc"] else "form": _words(model, error) for error in wrong.errors()
        }
        raise Invalid(errors, typed=values) from wrong


def _is_seen(text: str) -> bool:
    """Tell whether there is any letter in a text, not just spaces and invisible marks (Unicode Z and C)."""
    return any(unicodedata.category(letter)[0] not in "ZC" for letter in text)


def _words(model: type[Form], error: object) -> str:
    assert isinstance(error, dict)
    if error["type"] == "missing":
        return MISSING
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    field = model.model_fields.get(str(error["loc"][0])) if error["loc"] else None
    extra = field.json_schema_extra if field is not None else None
    return str(extra["words"]) if isinstance(extra, dict) and "words" in extra else MALFORMED
