"""Amazon SNS: whether a message is one of the topic that the desk listens to.

Anymail compares a message with its HTTP headers and leaves the signature to the future; here it is checked. Everybody
can have a topic whose messages Amazon signs: so the topic must be the desk's own as well.
"""

from __future__ import annotations

import re
import urllib.request
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TIMEOUT_S = 5.0
_LARGEST_ANSWER = 100_000
_HOST = r"https://sns\.([a-z0-9-]{5,30})\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/[\w-]{1,100}\.pem", re.ASCII)
_CONFIRMATION = re.compile(_HOST + r"/\?[\w=&%:.~+-]{1,2000}", re.ASCII)
# What is signed, by the type of the message, in this order; a subject only where there is one.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 (Amazon's own)


class Forged(ValueError):
    """The message is not one that Amazon signed for this topic."""


def check(said: Mapping[str, Any], topic: str, now: datetime) -> None:
    """Raises Forged unless Amazon signed this message for the topic; OSError when its certificate cannot be had."""
    if said.get("TopicArn") != topic:
        raise Forged("It is of another topic.")
    url = str(said.get("SigningCertURL") or said.get("SigningCertUrl") or "")
    place = _CERTIFICATE.fullmatch(url)
    # arn:aws:sns:REGION:ACCOUNT:NAME
    if place is None or place[1] != topic.split(":")[3]:
        raise Forged("Its certificate is not where Amazon keeps those of the topic's region.")
    method = _HASHES.get(str(said.get("SignatureVersion")))
    if method is None:
        raise Forged("Its signature is of no known version.")
    certificate = _certificate(url)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Forged("Its certificate is not valid now.")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Forged("Its certificate has no RSA key.")
    try:
        key.verify(b64decode(str(said.get("Signature"))), _signed(said), padding.PKCS1v15(), method)
    except InvalidSignature:
        raise Forged("Its signature is wrong.") from None


def _signed(said: Mapping[str, Any]) -> bytes:
    names = _SIGNED.get(str(said.get("Type")), ())
    return "".join(f"{name}\n{said[name]}\n" for name in names if name != "Subject" or said.get(name)).encode()


@lru_cache(maxsize=8)
def _certificate(url: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(fetch(url))


def confirm(said: Mapping[str, Any]) -> None:
    """Tell Amazon that the desk wants the topic's messages. Raises Forged, and OSError when Amazon does not answer."""
    url = str(said.get("SubscribeURL"))
    if not _CONFIRMATION.fullmatch(url):
        raise Forged("Its address for the confirmation is not Amazon's.")
    fetch(url)


def fetch(url: str) -> bytes:
    """What is at an address that has been looked at. Raises OSError."""
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 (only https, only Amazon's)
        return bytes(answer.read(_LARGEST_ANSWER))
