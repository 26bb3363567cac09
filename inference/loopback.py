"""`is_loopback`: whether only this machine reaches an address, so that no password and no https is needed there."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Of an address or name to listen on, with or without the brackets of IPv6."""
    host = host.strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
