"""A certificate for the addresses of this machine, signed by itself and kept: HTTPS in a network without a name."""

import contextlib
import datetime
import ipaddress
import os
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANIZATION: Final = "Mocast, self-signed"
"""By this a certificate is known as one of ours. Others are never replaced."""

VALID: Final = datetime.timedelta(days=820)
"""Apple's systems take no certificate of more than 825 days (https://support.apple.com/en-us/103769)."""
RENEWED: Final = datetime.timedelta(days=60)
"""Before its end, at a start."""
MOST_NAMES: Final = 64
"""Old addresses are kept up to this, so that a laptop has one certificate at home and at work."""

_KEY_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)  # Windows has no such flag


def keep_certificate(certificate: Path, key: Path, names: Iterable[str]) -> bool:
    """Make a certificate and its key for these names and addresses, where there are none that fit; tell whether it did.

    Raises ``OSError`` where they cannot be read or written, and where the files hold what Mocast has not made.
    """
    wanted, kept = frozenset(names), _kept(certificate, key)
    if kept is not None and wanted <= names_of(kept) and kept.not_valid_after_utc - _now() > RENEWED:
        return False
    old = sorted(names_of(kept) - wanted) if kept is not None else []
    private = ec.generate_private_key(ec.SECP256R1())
    made = _signed(private, [*sorted(wanted), *old][:MOST_NAMES])
    no_password = serialization.NoEncryption()
    _write(
        key,
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password),
        _KEY_MODE,
    )
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return True


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of a certificate, as browsers show it. Raises ``OSError`` or ``ValueError``."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return loaded.fingerprint(hashes.SHA256()).hex(":").upper()


def expiry(certificate: Path) -> datetime.datetime:
    """Return until when a certificate is valid, UTC. Raises ``OSError`` or ``ValueError``."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the names and addresses that a certificate is for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = names.get_values_for_type(x509.IPAddress)
    return frozenset([*names.get_values_for_type(x509.DNSName), *map(str, addresses)])


def _kept(certificate: Path, key: Path) -> x509.Certificate | None:
    """The certificate that is there already; ``None`` where there is none, or its key is another one."""
    if not certificate.exists() and not key.exists():
        return None
    kept = None
    with contextlib.suppress(FileNotFoundError, ValueError):
        kept = x509.load_pem_x509_certificate(certificate.read_bytes())
    issuer = kept.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME) if kept is not None else []
    if kept is None or [part.value for part in issuer] != [ORGANIZATION]:
        raise OSError(-1, "it is there and not of Mocast's making, so it is not replaced", str(certificate))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (FileNotFoundError, ssl.SSLError):
        return None
    return kept


def _signed(key: ec.EllipticCurvePrivateKey, names: list[str]) -> x509.Certificate:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION), x509.NameAttribute(NameOID.COMMON_NAME, "Mocast")]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - datetime.timedelta(days=1))  # for clocks that are behind
        .not_valid_after(_now() + VALID)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole, or leave what is there; never readable by more than ``mode`` says."""
    path.parent.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, _NEW_FILE, mode), "wb") as file:
        file.write(content)
    draft.replace(path)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
