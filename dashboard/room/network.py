"""Which addresses mean this machine: to itself alone, and on its networks."""

from __future__ import annotations

import re
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

__all__ = ["EVERYWHERE", "is_local", "number", "own_addresses"]

EVERYWHERE = ("0.0.0.0", "::")
"""What a server is told that is to listen on all of its machine's addresses."""

ELSEWHERE = ("192.0.2.1", "2001:db8::1")
"""Addresses that nobody has (RFC 5737, RFC 3849): what is sent there leaves by the network that leads outwards."""

WITHIN = re.compile(r"(docker|br-|veth|virbr|vmnet|lxc|podman)")
"""How networks are called to which nothing but this machine itself is connected."""

SIOCGIFADDR = 0x8915
"""Linux: give the IPv4 address of the interface with this name."""


def number(host: str) -> IPv4Address | IPv6Address | None:
    """`host` as an address, None if it is a name. An IPv4 address written as IPv6 is the IPv4 address."""
    try:
        found = ip_address(host)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def is_local(host: str) -> bool:
    """Whether `host`, a name or an address, means the very machine that uses it, or none."""
    found = number(host)
    if found is None:
        return f".{host.lower().rstrip('.')}".endswith(".localhost")
    return found.is_loopback or found.is_unspecified


def own_addresses() -> list[str]:
    """This machine's addresses on its networks, the likeliest to be reached first. Empty without a network."""
    found = dict.fromkeys([*_outwards(), *_of_interfaces(), *_of_its_name()])
    known = {one: at for one in found if (at := number(one)) and not is_local(one)}
    # One that a machine has given to itself is better than none; of IPv6 it would not do without the interface's name.
    usable = [one for one, at in known.items() if at.version == 4 or not at.is_link_local]
    return sorted(usable, key=lambda one: (known[one].version, known[one].is_link_local))


def _outwards() -> Iterator[str]:
    """That from which it would reach the internet. Nothing is sent to find out."""
    for address in ELSEWHERE:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            yield probe.getsockname()[0]


def _of_interfaces() -> Iterator[str]:
    """Those of its network cards, the internet behind them or not: as where a laptop is the hall's access point."""
    if sys.platform != "linux":
        return  # elsewhere the name of the machine knows them
    from fcntl import ioctl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            if WITHIN.match(name):
                continue
            with suppress(OSError):  # it has none
                asked = struct.pack("256s", name.encode()[:15])
                yield socket.inet_ntoa(ioctl(probe, SIOCGIFADDR, asked)[20:24])


def _of_its_name() -> Iterator[str]:
    """What the system knows by the machine's name, which on some systems is a loopback alone."""
    with suppress(OSError):
        for *_, address in socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM):
            yield str(address[0]).partition("%")[0]
