"""Webhooks go to addresses of the public internet, and only to the address that was judged."""

from ipaddress import ip_address

import pytest

from ygs.adapters.webhooks.public_addresses import is_public
from ygs.application.notifications.webhook_messages import checked_webhook_url
from ygs.domain.errors import InvalidText

NOT_PUBLIC = {
    "this machine": ("127.0.0.1", "127.255.255.254", "::1"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00:ec2::254"),
    "link-local": ("169.254.0.1", "fe80::1", "fe80::1%1", "febf::1"),
    "metadata of clouds": ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    "CGNAT": ("100.64.0.1", "100.127.255.255"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "broadcast and reserved": ("255.255.255.255", "240.0.0.1", "192.0.0.1", "198.18.0.1", "192.88.99.1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "IPv4-mapped": ("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254"),
    "IPv4-compatible": ("::127.0.0.1", "::8.8.8.8"),
    "IPv4-translated": ("::ffff:0:127.0.0.1",),
    "NAT64": ("64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"),
    "6to4": ("2002:7f00:1::", "2002:a9fe:a9fe::1"),
    "Teredo": ("2001::1", "2001:0:7f00:1::"),
    "of one network, by its zone": ("2606:4700:4700::1111%1",),
    "site-local and discard": ("fec0::1", "100::1", "5f00::1"),
}
PUBLIC = ("8.8.8.8", "1.1.1.1", "223.130.200.107", "2001:4860:4860::8888", "2606:4700:4700::1111", "2400:cb00::1")


@pytest.mark.parametrize("kind", NOT_PUBLIC)
def test_no_address_inside_is_public(kind: str) -> None:
    assert not [each for each in NOT_PUBLIC[kind] if is_public(ip_address(each))]


def test_addresses_of_the_internet_are_public() -> None:
    assert all(is_public(ip_address(each)) for each in PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://",
        "https:///path",
        "https://:443/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/",
        "https://user@hooks.example.com/",
        "https://user:word@hooks.example.com/",
        "https://:word@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/\r\nHost: other",
        "https://hooks.example.com/a b",
        "https://[::1/",
        "https://훅.한국/",
        "https://hooks.example.com\x00/",
        "file:///etc/passwd",
        "",
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(InvalidText):
        checked_webhook_url(url, insecure=False)


def test_addresses_of_receivers_are_taken_and_http_in_development_alone() -> None:
    for url in ("https://hooks.example.com", "https://hooks.example.com:8443/a?b=c", "https://[2606:4700::1]/"):
        assert checked_webhook_url(url, insecure=False) == url
    assert checked_webhook_url("http://127.0.0.1:9000/", insecure=True)
