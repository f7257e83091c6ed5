"""Calls go to the carriers' public addresses and nowhere else: no loopback, no private network, no link-local."""

import ipaddress


def is_public(address: str) -> bool:
    """Whether an IP address lies in the open internet. A name is not an address: False."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address: such a one is never looked up, so nobody else would judge it."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True
