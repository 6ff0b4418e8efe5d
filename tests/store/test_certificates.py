"""Certificates and keys on disk: whole or not at all, newest last, readable by nobody else."""

import errno
import os
import stat
from pathlib import Path

import pytest

from chargepoint.core.certificatekind import Kind
from chargepoint.store.certificates import END, CertificateFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certificates"


def pems(folder: Path, kind: Kind) -> list[str]:
    """What the next run of the program finds."""
    return [kept.pem for kept in CertificateFiles(folder).all(kind)]


def test_what_is_added_is_there_in_the_next_life_newest_last(folder: Path) -> None:
    files = CertificateFiles(folder)
    for n in range(11):  # more than nine: numbers, not letters, give the order
        files.add(Kind.CSMS_ROOT, f"root {n}")
    files.add(Kind.MANUFACTURER_ROOT, "maker")
    assert pems(folder, Kind.CSMS_ROOT) == [f"root {n}" for n in range(11)]
    assert pems(folder, Kind.MANUFACTURER_ROOT) == ["maker"]
    assert CertificateFiles(folder).count() == files.count() == 12
    assert files.count([Kind.MANUFACTURER_ROOT, Kind.V2G_ROOT]) == 1


def test_what_is_removed_is_gone_and_its_number_is_not_that_of_a_newer_one(folder: Path) -> None:
    files = CertificateFiles(folder)
    old, new = files.add(Kind.STATION, "old", b"old key"), files.add(Kind.STATION, "new", b"new key")
    files.remove(old)
    assert [kept.number for kept in files.all(Kind.STATION)] == [new.number]
    assert pems(folder, Kind.STATION) == ["new"]
    assert sorted(path.name for path in folder.iterdir()) == [new.file.name, new.key_file.name][::-1]
    assert new.key_file.read_bytes() == b"new key"


def test_nobody_else_may_read_keys(folder: Path) -> None:
    files = CertificateFiles(folder)
    before = os.umask(0)
    try:
        kept = files.add(Kind.STATION, "certificate", b"key")
        files.keep_pending_key(b"next")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {kept.file.name: 0o600, kept.key_file.name: 0o600, "pending.key": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_key_of_an_open_request_is_kept_until_it_is_needed_no_more(folder: Path) -> None:
    files = CertificateFiles(folder)
    assert files.pending_key is None
    files.keep_pending_key(b"key")
    assert CertificateFiles(folder).pending_key == b"key"
    files.keep_pending_key(None)
    assert CertificateFiles(folder).pending_key is None
    files.keep_pending_key(None)


@pytest.mark.parametrize("after", range(6))
def test_a_power_cut_in_the_middle_leaves_what_was_there_or_what_is_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    files = CertificateFiles(folder)
    files.add(Kind.STATION, "old", b"old key")
    calls = 0

    def cut(descriptor: int) -> None:  # two syncs a file: its content, then its name
        nonlocal calls
        calls += 1
        if calls > after:
            raise SystemExit

    monkeypatch.setattr(os, "fsync", cut)
    if after < 4:
        with pytest.raises(SystemExit):
            files.add(Kind.STATION, "new", b"new key")
    else:
        files.add(Kind.STATION, "new", b"new key")
    assert pems(folder, Kind.STATION) in ([["old"], ["old", "new"]] if after < 4 else [["old", "new"]])
    again = CertificateFiles(folder)
    again.tidy()
    left = again.all(Kind.STATION)
    assert [kept.key_file.read_bytes() for kept in left] == [b"old key", b"new key"][: len(left)]
    names = {path.name for path in folder.iterdir()}
    assert names == {path.name for kept in left for path in (kept.file, kept.key_file)}


def test_a_full_disk_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = CertificateFiles(folder)
    files.add(Kind.STATION, "old", b"old key")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for change in (lambda: files.add(Kind.STATION, "new", b"new key"), lambda: files.keep_pending_key(b"key")):
        with pytest.raises(OSError, match="No space"):
            change()
    assert [kept.pem for kept in files.all(Kind.STATION)] == ["old"]
    assert pems(folder, Kind.STATION) == ["old"]
    assert files.pending_key is None


def test_one_that_cannot_be_read_counts_no_more_and_costs_none_of_the_others(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = CertificateFiles(folder)
    gone, binary = files.add(Kind.CSMS_ROOT, "gone"), files.add(Kind.CSMS_ROOT, "binary")
    files.add(Kind.CSMS_ROOT, "root" + END)
    gone.file.unlink()
    binary.file.write_bytes(b"\xff\xfe")
    for _ in range(3):
        assert files.texts(Kind.CSMS_ROOT) == ["root" + END]
    assert caplog.text.count("cannot be read") == 2


def test_only_the_certificate_itself_is_told_of_one_that_is_kept_with_its_issuer(folder: Path) -> None:
    files = CertificateFiles(folder)
    kept = files.add(Kind.CSMS_ROOT, "root" + END + "issuer" + END)
    assert (kept.first, files.texts(Kind.CSMS_ROOT)) == ("root" + END, ["root" + END])


@pytest.mark.parametrize("named", ["file", "system"])
def test_what_the_installer_trusts_counts_until_it_is_superseded_and_again_once_it_is_changed(
    folder: Path, tmp_path: Path, named: str
) -> None:
    file = tmp_path / "ca.pem" if named == "file" else None
    (tmp_path / "ca.pem").write_text("by hand")
    files = CertificateFiles(folder)
    assert not files.is_superseded(file)
    files.supersede(file)
    assert not files.is_superseded(file)  # nothing has taken its place
    root = files.add(Kind.CSMS_ROOT, "root")
    assert CertificateFiles(folder).is_superseded(file)
    (tmp_path / "ca.pem").write_text("by hand, later")
    assert files.is_superseded(file) is (file is None)
    assert not files.is_superseded(tmp_path / "missing.pem")
    files.remove(root)
    assert not files.is_superseded(file)


def test_other_files_in_the_folder_are_left_alone(folder: Path) -> None:
    files = CertificateFiles(folder)
    files.add(Kind.CSMS_ROOT, "root")
    (folder / "CSMSRootCertificate-copy.pem").write_text("somebody's copy")
    (folder / "notes.txt").write_text("notes")
    assert pems(folder, Kind.CSMS_ROOT) == ["root"]
    assert (folder / "notes.txt").exists()


def test_a_key_whose_certificate_has_come_waits_for_nothing(tmp_path: Path) -> None:
    files = CertificateFiles(tmp_path)
    files.keep_pending_key(b"key")
    files.add(Kind.STATION, "certificate", b"key")  # and the power fails
    again = CertificateFiles(tmp_path)
    again.tidy()
    assert again.pending_key is None
    assert [kept.pem for kept in again.all(Kind.STATION)] == ["certificate"]


def test_a_key_whose_certificate_was_cut_off_still_waits(tmp_path: Path) -> None:
    files = CertificateFiles(tmp_path)
    files.keep_pending_key(b"key")
    files.add(Kind.STATION, "certificate", b"key").file.unlink()  # the key was written first
    again = CertificateFiles(tmp_path)
    again.tidy()
    assert again.pending_key == b"key"
    assert again.all(Kind.STATION) == []


def test_a_new_key_waits_beside_a_certificate_for_another(tmp_path: Path) -> None:
    files = CertificateFiles(tmp_path)
    files.add(Kind.STATION, "certificate", b"key")
    files.keep_pending_key(b"new key")
    files.tidy()
    assert files.pending_key == b"new key"
