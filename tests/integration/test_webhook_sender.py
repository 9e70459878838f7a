"""What leaves over HTTP: to the address that was judged, once, and nothing that is answered is trusted."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.webhook_receiver import Receiver, receiving
from ygs.adapters.webhooks import http_sender as module
from ygs.adapters.webhooks.http_sender import HttpWebhookSender
from ygs.adapters.webhooks.not_configured import NoWebhooks
from ygs.ports.channels import Refused, TryAgain

HEADERS = {"webhook-id": "msg_1", "content-type": "application/json"}


@pytest.fixture
async def sender() -> AsyncIterator[HttpWebhookSender]:
    made = HttpWebhookSender(insecure=True, total=1)
    yield made
    await made.close()


async def test_a_message_arrives_as_it_was_sent(sender: HttpWebhookSender) -> None:
    async with receiving(Receiver()) as receiver:
        for _ in range(2):
            assert await sender.post(receiver.url("/a?b=c"), b'{"a":1}', HEADERS) == 204
    for got in receiver.received:
        assert (got.path, got.body, got.headers["webhook-id"]) == ("/a?b=c", b'{"a":1}', "msg_1")
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert not got.headers.keys() & {"cookie", "authorization", "transfer-encoding"}


@pytest.mark.parametrize(
    ("status", "wait"),
    [
        ("500 Oops", None),
        ("404 Not Found", None),
        ("302 Found\r\nLocation: /elsewhere\r\nRetry-After: 9", None),
        ("307 Temporary Redirect\r\nLocation: /elsewhere", None),
        ("503 Busy\r\nRetry-After: 120", timedelta(seconds=120)),
        ("429 Too Many\r\nretry-after: soon", None),
        ("429 Too Many\r\nRetry-After: Mon, 01 Jan 2001 00:00:00 GMT", timedelta()),
        ("429 Too Many\r\nRetry-After: 99999999999999999999", timedelta(seconds=10**6)),
    ],
)
async def test_anything_but_success_is_tried_again_and_no_redirect_followed(
    sender: HttpWebhookSender, status: str, wait: timedelta | None
) -> None:
    async with receiving(Receiver(reply=lambda _: (status, b"a secret"))) as receiver:
        with pytest.raises(TryAgain) as told:
            await sender.post(receiver.url(), b"{}", HEADERS)
    assert (told.value.error, told.value.status, told.value.wait) == ("http_status", int(status[:3]), wait)
    assert [each.path for each in receiver.received] == ["/hook"]


async def test_a_receiver_that_is_gone_is_told_apart(sender: HttpWebhookSender) -> None:
    async with receiving(Receiver(reply=lambda _: ("410 Gone", b""))) as receiver:
        with pytest.raises(Refused) as told:
            await sender.post(receiver.url(), b"{}", HEADERS)
    assert (told.value.gone, told.value.status) == (True, 410)


async def test_a_reply_without_an_end_is_read_only_so_far(sender: HttpWebhookSender) -> None:
    async with receiving(Receiver(reply=lambda _: ("200 OK", b"x" * 10_000_000))) as receiver:
        assert await asyncio.wait_for(sender.post(receiver.url(), b"{}", HEADERS), 1) == 200
        assert await sender.post(receiver.url(), b"{}", HEADERS) == 200


async def test_a_receiver_that_is_slow_not_there_or_speaks_nonsense_is_tried_again(sender: HttpWebhookSender) -> None:
    async with receiving(Receiver(seconds=9)) as slow, receiving(Receiver(reply=lambda _: ("x", b""))) as odd:
        with pytest.raises(TryAgain, match="timeout"):
            await sender.post(slow.url(), b"{}", HEADERS)
        with pytest.raises(TryAgain, match="no_answer"):
            await sender.post(odd.url(), b"{}", HEADERS)
    with pytest.raises(TryAgain, match="not_connected"):
        await sender.post(f"http://127.0.0.1:{odd.port}/", b"{}", HEADERS)
    with pytest.raises(TryAgain, match="unknown_host"):
        await sender.post("http://nowhere.invalid/", b"{}", HEADERS)


PRIVATE = ("127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0", "[64:ff9b::7f00:1]")


@pytest.mark.parametrize("host", PRIVATE)
async def test_nothing_is_sent_inside_however_the_address_is_written(host: str) -> None:
    sender = HttpWebhookSender(total=1)
    async with receiving(Receiver()) as receiver:
        with pytest.raises(Refused, match="private_address"):
            await sender.post(receiver.url(host=host), b"{}", HEADERS)
    await sender.close()
    assert receiver.received == []


def _resolves(monkeypatch: pytest.MonkeyPatch, *answers: Sequence[str]) -> list[str]:
    """Let the resolver answer so, one after another and the last one from then on; the hosts it is asked for."""
    asked, rest = list[str](), list(answers)

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = rest.pop(0) if len(rest) > 1 else rest[0]
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo, raising=False)
    return asked


async def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = HttpWebhookSender(total=1)
    async with receiving(Receiver()) as receiver:
        _resolves(monkeypatch, ["8.8.8.8", "127.0.0.1"])
        with pytest.raises(Refused, match="private_address"):
            await sender.post(receiver.url(host="hooks.test"), b"{}", HEADERS)
    assert receiver.received == []


async def test_a_name_that_changes_after_it_was_judged_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once, and the address is connected to by its number."""
    connected = list[str]()

    async def connect(_: object, address: IPv4Address | IPv6Address, *__: object) -> Any:
        connected.append(str(address))
        raise TryAgain("not_connected")

    monkeypatch.setattr(module._JudgedConnections, "_connect", connect)
    asked = _resolves(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(TryAgain):
        await HttpWebhookSender(total=1).post("https://hooks.test/", b"{}", HEADERS)
    assert (asked, connected) == (["hooks.test"], ["8.8.8.8"])


async def test_the_number_that_is_connected_to_is_what_the_system_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    dialled = list[tuple[str, int]]()

    async def dial(self: object, host: str, port: int, *_: object, **__: object) -> Any:
        dialled.append((host, port))
        raise OSError

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", dial)
    _resolves(monkeypatch, ["93.184.215.14"])
    with pytest.raises(TryAgain):
        await HttpWebhookSender(total=1).post("https://hooks.test:8443/", b"{}", HEADERS)
    assert dialled == [("93.184.215.14", 8443)]


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server with a certificate for that name, and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins, ends = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2099))
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, begins, ends)
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = folder / f"{name}.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(encoding))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=certificate.public_bytes(encoding).decode())


async def test_tls_checks_the_name_though_a_number_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, client = _certificate(tmp_path, "hooks.test")
    sender = HttpWebhookSender(insecure=True, certificates=client, total=2)
    async with receiving(Receiver(), tls=server) as receiver:
        _resolves(monkeypatch, ["127.0.0.1"])
        assert await sender.post(receiver.url(host="hooks.test"), b"{}", HEADERS) == 204
        assert receiver.names == ["hooks.test"]
        assert receiver.received[0].headers["host"] == f"hooks.test:{receiver.port}"
        with pytest.raises(TryAgain, match="not_connected"):
            await sender.post(receiver.url(host="other.test"), b"{}", HEADERS)
    await sender.close()
    assert len(receiver.received) == 1


async def test_the_next_address_is_tried_when_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = HttpWebhookSender(insecure=True, total=1)
    async with receiving(Receiver()) as receiver:
        _resolves(monkeypatch, ["127.0.0.3", "127.0.0.1"])  # nothing listens at the first
        assert await sender.post(receiver.url(host="hooks.test"), b"{}", HEADERS) == 204
    await sender.close()


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, sender: HttpWebhookSender) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with receiving(Receiver()) as receiver:
        assert await sender.post(receiver.url(), b"{}", HEADERS) == 204


async def test_without_its_package_nothing_is_lost() -> None:
    with pytest.raises(TryAgain):
        await NoWebhooks().post("https://hooks.example.com", b"", {})
