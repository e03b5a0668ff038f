"""The wire trusts no server but the one it was told of, and no answer that nobody asked for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from outreach.clock import monotonic
from outreach.telephony.sdk_http import NeverSent, NoAnswer
from outreach.telephony.wire import Wire, WireAnswer

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
HOST = "127.0.0.1"


def _answer(sid: str) -> bytes:
    body = f'{{"sid": "{sid}"}}'
    return f"HTTP/1.1 201 Created\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def _form_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    return await reader.readexactly(int(length.partition(b":")[2]))


def _posted(serve: Serve, forms: list[bytes], tls: ssl.SSLContext | None = None) -> list[WireAnswer]:
    """The answers to forms posted one after the other to a server of our own."""

    served: list[asyncio.Task[None]] = []

    async def serve_to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer)
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.ensure_future(serve_to_the_end(reader, writer)))

    async def post_all() -> list[WireAnswer]:
        server = await asyncio.start_server(connected, HOST, 0, ssl=tls)
        scheme, port = "https" if tls else "http", server.sockets[0].getsockname()[1]
        wire = Wire(f"{scheme}://{HOST}:{port}/x", ("account", "token"), timeout_seconds=2.0)
        try:
            return [await wire.post(form, until=monotonic() + 5) for form in forms]
        finally:
            await wire.close()
            server.close()
            await asyncio.wait_for(asyncio.gather(*served), 10)

    return asyncio.run(post_all())


def test_what_a_server_says_unasked_is_never_the_answer_to_the_next_message() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        form = await _form_of(reader)
        writer.write(_answer(form.decode()) + _answer("stray")[:-5])  # its end comes with the next request
        await reader.read(1)
        writer.write(_answer("stray")[-5:])

    answers = _posted(serve, [b"first", b"second"])
    assert [answer.body for answer in answers] == [b'{"sid": "first"}', b'{"sid": "second"}']


def test_an_interim_answer_is_not_the_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            form = await _form_of(reader)
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" + _answer(form.decode()))

    answers = _posted(serve, [b"first", b"second"])
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[1].body == b'{"sid": "second"}'


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{}",  # and then nothing
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b" " * 300_000,
        b"220 mail.example ESMTP\r\n",
        b"",
    ],
)
def test_half_an_answer_or_none_leaves_the_fate_unknown(said: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _form_of(reader)
        writer.write(said)

    with pytest.raises(NoAnswer):
        _posted(serve, [b"first"])


def _certified(name: x509.GeneralName, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server that can prove to be `name`, and the certificate to trust for it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "certificate.pem", folder / "key.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(trusted, secret)
    return server, trusted


@pytest.mark.parametrize(
    ("trusted", "name", "posts"),
    [
        (True, x509.IPAddress(ip_address(HOST)), True),
        (True, x509.DNSName("elsewhere.example"), False),
        (False, x509.IPAddress(ip_address(HOST)), False),
    ],
)
def test_nothing_is_posted_to_a_server_that_does_not_prove_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool, name: x509.GeneralName, posts: bool
) -> None:
    tls, certificate = _certified(name, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate if trusted else tmp_path / "none.pem"))
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await _form_of(reader))
        writer.write(_answer("told"))

    if posts:
        assert _posted(serve, [b"To=1"], tls)[0].status == 201
    else:
        with pytest.raises(NeverSent):
            _posted(serve, [b"To=1"], tls)
    assert seen == ([b"To=1"] if posts else [])
