import datetime
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from mocast import certificate as module
from mocast.certificate import MOST_NAMES, fingerprint, keep_certificate, names_of

NAMES = ["localhost", "127.0.0.1", "2001:db8::1", "laptop.local"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "config" / "certificate.pem", tmp_path / "config" / "key.pem"


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_certificate_is_made_for_all_names_and_its_key_is_the_owner_s_alone(files: tuple[Path, Path]) -> None:
    assert keep_certificate(*files, NAMES)
    made = load(files[0])
    assert names_of(made) == {*NAMES}
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o600
    assert stat.S_IMODE(files[1].parent.stat().st_mode) == 0o700
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca, "it signs for nobody else"
    assert made.not_valid_after_utc - made.not_valid_before_utc <= datetime.timedelta(days=825)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
    ssl.create_default_context(cafile=str(files[0]))
    assert len(fingerprint(files[0])) == 32 * 3 - 1


def test_it_is_kept_while_it_fits(files: tuple[Path, Path]) -> None:
    keep_certificate(*files, NAMES)
    before = fingerprint(files[0])
    assert not keep_certificate(*files, NAMES[:2])
    assert fingerprint(files[0]) == before


def test_a_new_address_makes_a_new_one_that_is_still_for_the_old_ones(files: tuple[Path, Path]) -> None:
    keep_certificate(*files, NAMES)
    before = fingerprint(files[0])
    assert keep_certificate(*files, ["localhost", "192.0.2.9"])
    assert fingerprint(files[0]) != before
    assert names_of(load(files[0])) == {*NAMES, "192.0.2.9"}
    assert not keep_certificate(*files, NAMES), "back at the first place"


def test_old_addresses_are_forgotten_before_they_are_many(files: tuple[Path, Path]) -> None:
    keep_certificate(*files, [f"192.0.2.{number}" for number in range(MOST_NAMES)])
    keep_certificate(*files, NAMES)
    names = names_of(load(files[0]))
    assert len(names) == MOST_NAMES
    assert names >= {*NAMES}


def test_one_that_expires_soon_is_made_anew(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    keep_certificate(*files, NAMES)
    later = datetime.datetime.now(datetime.UTC) + module.VALID - module.RENEWED + datetime.timedelta(days=1)
    monkeypatch.setattr(module, "_now", lambda: later)
    assert keep_certificate(*files, NAMES)


def test_a_lost_or_other_key_makes_a_new_pair(files: tuple[Path, Path], tmp_path: Path) -> None:
    keep_certificate(*files, NAMES)
    other = tmp_path / "other.pem", tmp_path / "other-key.pem"
    keep_certificate(*other, NAMES)
    other[1].replace(files[1])
    assert keep_certificate(*files, NAMES)
    files[1].unlink()
    assert keep_certificate(*files, NAMES)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)


def test_a_certificate_of_somebody_else_is_not_replaced(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "ORGANIZATION", "A real authority")
        keep_certificate(*files, NAMES)
    before = files[0].read_bytes(), files[1].read_bytes()
    with pytest.raises(OSError, match="not replaced"):
        keep_certificate(*files, ["192.0.2.9"])
    files[0].write_text("nonsense")
    with pytest.raises(OSError, match="not replaced"):
        keep_certificate(*files, NAMES)
    assert files[1].read_bytes() == before[1]
