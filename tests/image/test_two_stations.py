"""Two cards written from one image: nothing that identifies or opens a station is the same."""

from __future__ import annotations

from pathlib import Path

from tests.image.machine import Machine, machine

SECRETS = ("/identity/machine-id", "/identity/hostname", "/ssh/host_ed25519", "/ssh/host_ed25519.pub")


def made_by(made: Machine) -> list[bytes]:
    """What a station has made for itself once somebody may log in."""
    made.put("authorized_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHXGPrVFpAWTBQ7LIUwvgvxsmj0XhhPx4DmBvYxYqUqT me\n")
    made.boot()
    made.until(lambda: made.shell("systemctl is-active ssh || true").strip() == "active", "SSH never came up")
    made.switch_off()
    return [made.data(path) for path in SECRETS]


def test_two_stations_from_one_image_differ(image: Path, tmp_path: Path) -> None:
    stations = []
    for name in ("first", "second"):
        for made in machine(image, tmp_path / name):
            stations.append(made_by(made))
    for one, other in zip(*stations, strict=True):
        assert one
        assert other
        assert one != other
