"""Which addresses are on the public internet: anything else may be a machine of the operator's own network.

Python's `is_global` is not enough. On 3.11 it takes IPv4 addresses inside IPv6 ones, such as 64:ff9b::7f00:1 of NAT64
for 127.0.0.1, for public ones, and multicast too.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

# Of the addresses that `is_global` takes, and of those that some releases of Python take.
_NOT_PUBLIC_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",  # of carriers (CGNAT), and a cloud's metadata
            "168.63.129.16/32",  # a cloud's metadata at a public address
            "192.0.0.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "198.18.0.0/15",
            "224.0.0.0/3",  # multicast and reserved
        ),
    )
)
# Outside this network nothing is public: no loopback, private, link-local, multicast, mapped or translated address.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo, benchmarks, ORCHID
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3ffe::/16",
            "3fff::/20",
        ),
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether a message may be sent to that address."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_4)
    inside = address in _GLOBAL_UNICAST and not address.scope_id
    return inside and address.is_global and not any(address in network for network in _NOT_PUBLIC_6)
