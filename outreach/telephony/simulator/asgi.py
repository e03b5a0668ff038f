"""Requests and answers of the simulator, as lean as ASGI allows: the hot path takes thousands a second."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_LARGEST_BODY = 1 << 20


class Form:
    """Names and values of a form or a query; most names have one value."""

    __slots__ = ("_values",)

    def __init__(self, text: str) -> None:
        self._values = parse_qs(text, keep_blank_values=True)

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of a name."""
        values = self._values.get(name)
        return values[0] if values else otherwise

    def all(self, name: str) -> list[str]:
        """Every value of a name; the SDK repeats a name for a list, TwiML parts words with spaces."""
        return [word for value in self._values.get(name, []) for word in value.split()]

    def has(self, name: str) -> bool:
        """Whether the name was given at all."""
        return name in self._values

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """A true or false value."""
        return self.one(name, str(otherwise)).lower() == "true"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its body read."""

    method: str
    path: str
    query: str
    authorization: str
    body: bytes

    def form(self) -> Form:
        """The body as a form."""
        return Form(self.body.decode("utf-8", "replace"))

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; raises ApiError."""
        try:
            told = json.loads(self.body or b"{}")
        except ValueError:
            raise ApiError(400, 20001, "The body is not JSON.") from None
        if not isinstance(told, dict):
            raise ApiError(400, 20001, "The body is not a JSON object.")
        return told


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; JSON unless said otherwise."""

    status: int
    body: bytes = b""


def json_answer(told: object, status: int = 200) -> Answer:
    """An answer that holds a JSON document."""
    return Answer(status, json.dumps(told, ensure_ascii=False).encode())


class ApiError(Exception):
    """A refusal in the provider's form: an HTTP status and a code of its catalogue."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Answer:
        """The refusal as the provider writes it."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        told = {"code": self.code, "message": self.message, "more_info": more, "status": self.status}
        return json_answer(told, self.status)


def not_found() -> ApiError:
    """The refusal for what does not exist."""
    return ApiError(404, 20404, "The requested resource was not found")


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The whole request; bodies above 1 MiB are cut off and refused."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _LARGEST_BODY:
            raise ApiError(413, 20001, "The body is too large.")
    return Request(
        method=scope["method"],
        path=unquote(scope["path"]),
        query=scope["query_string"].decode("latin-1"),
        authorization=_header(scope["headers"], b"authorization"),
        body=body,
    )


async def send_answer(send: Send, answer: Answer) -> None:
    """Write an answer."""
    headers = [
        (b"content-type", b"application/json;charset=utf-8"),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def reset_connection(send: Send) -> None:
    """Drop the connection without a word, as a failing network does.

    ASGI has no message for it; uvicorn's `send` is bound to an object that holds the transport.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("this server cannot reset a connection")
    transport.abort()


def _header(headers: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    for name, value in headers:
        if name == wanted:
            return value.decode("latin-1")
    return ""


def text_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """Form fields as the provider writes them: booleans in lower case, nothing left out but None."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in fields.items()
        if value is not None
    }
