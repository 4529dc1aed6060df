"""One mailbox, several spellings: letters in any case, a domain in Unicode or in ASCII, a tag behind a plus."""

from __future__ import annotations


def spellings(address: str) -> tuple[str, str]:
    """An address in lower case as it is written, and with its domain in the other alphabet (RFC 5890), if it has one.

    Both are the same where there is no other spelling.
    """
    written = address.strip().lower()
    local, at, domain = written.rpartition("@")
    if not at or (domain.isascii() and "xn--" not in domain):
        return written, written
    try:
        other = domain.encode().decode("idna") if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return written, written
    return written, f"{local}@{other.lower()}"


def domain_of(address: str) -> str:
    """The domain of an address, in ASCII and small letters; nothing where it has none."""
    found = next((one for one in spellings(address) if one.isascii()), "")
    return found.rpartition("@")[2].rstrip(".") if "@" in found else ""


def untagged(address: str) -> str:
    """The address without the tag behind its plus (RFC 5233), or the same where there is none."""
    local, at, domain = address.rpartition("@")
    bare = local.partition("+")[0]
    return f"{bare}{at}{domain}" if bare else address
