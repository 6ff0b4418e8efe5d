"""The bill of materials: by the official schema, complete, and the same again for the same content."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.sbom import SITE, of_image, of_package

STATUS = """\
Package: libc6
Status: install ok installed
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.41-12+deb13u1
Description: GNU C Library: Shared libraries
 Contains the standard libraries.

Package: libstdc++6
Status: install ok installed
Maintainer: Debian GCC Maintainers <debian-gcc@lists.debian.org>
Architecture: amd64
Source: gcc-14 (14.2.0-19)
Version: 1:14.2.0-19
Depends: libc6 (>= 2.38), libgcc-s1 | nothing (>= 3)
Description: GNU Standard C++ Library v3

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
"""


def dist(site: Path, name: str, version: str, *lines: str) -> Path:
    """A distribution as pip leaves it."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    text = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *lines, "", ""])
    (folder / "METADATA").write_text(text)
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / SITE
    dist(site, "chargepoint", "0.1.0", "License-Expression: Apache-2.0", "Requires-Dist: Some_Lib>=2",
         'Requires-Dist: pillow; extra == "display"')  # fmt: skip
    dist(site, "Some.Lib", "2.3", "License: MIT", "Author-email: Jo Doe <jo@example.com>", "Summary: Does things")
    wheel = dist(site, "crypto", "50.0", "License-Expression: Apache-2.0 OR BSD-3-Clause")
    (wheel / "sboms").mkdir()
    openssl = {"type": "library", "name": "openssl", "version": "4.0.3", "purl": "pkg:generic/openssl@4.0.3"}
    crate = {"type": "library", "name": "c", "version": "1", "purl": "pkg:cargo/c@1?download_url=file:///home/jo",
             "bom-ref": "/home/jo/c"}  # fmt: skip
    told = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [openssl, crate, openssl]}
    (wheel / "sboms" / "sbom.json").write_text(json.dumps(told))
    (wheel / "sboms" / "broken.json").write_text("{")
    return site


@pytest.fixture
def root(site: Path, tmp_path: Path) -> Path:
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_ID="13"\n')
    doc = tmp_path / "usr/share/doc/libc6"
    doc.mkdir(parents=True)
    head = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
    (doc / "copyright").write_text(head + "Files: *\nLicense: LGPL-2.1+\n\nFiles: x\nLicense: BSD-3-clause\n")
    return tmp_path


def objections(told: dict[str, Any]) -> object:
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(told))


def named(told: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in told["components"] if each["name"] == name]
    return dict(found)


def needs(told: dict[str, Any], ref: str) -> list[str]:
    return list(next(each.get("dependsOn", []) for each in told["dependencies"] if each["ref"] == ref))


# --- the package ------------------------------------------------------------------------------------------------------


def test_a_package_names_what_it_brings_along_by_the_official_schema(site: Path) -> None:
    told = of_package(site, "0.1.0", "Acme")
    assert objections(told) is None
    assert [each["purl"] for each in told["components"]] == [
        "pkg:pypi/chargepoint@0.1.0",
        "pkg:pypi/crypto@50.0",
        "pkg:pypi/some-lib@2.3",
    ]
    assert told["metadata"]["component"]["supplier"] == {"name": "Acme"}


def test_a_component_tells_who_made_it_what_for_and_under_which_licence(site: Path) -> None:
    lib = named(of_package(site, "0.1.0"), "some-lib")
    assert (lib["publisher"], lib["description"]) == ("Jo Doe", "Does things")
    assert lib["licenses"] == [{"license": {"id": "MIT"}}]


def test_what_needs_what_is_told_and_extras_nobody_installed_are_not(site: Path) -> None:
    told = of_package(site, "0.1.0")
    assert needs(told, "pypi:chargepoint") == ["pypi:some-lib"]
    assert needs(told, "chargepoint@0.1.0") == ["pypi:chargepoint", "pypi:crypto"]  # what nothing else needs


def test_what_is_compiled_into_a_wheel_is_named_and_no_path_of_its_builder(site: Path) -> None:
    told = of_package(site, "0.1.0")
    inside = named(told, "crypto")["components"]
    assert [each["purl"] for each in inside] == ["pkg:generic/openssl@4.0.3", "pkg:cargo/c@1"]
    assert "/home" not in json.dumps(told)


def test_the_same_content_gives_the_same_document(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    first = of_package(site, "0.1.0")
    assert first == of_package(site, "0.1.0")
    assert first["metadata"]["timestamp"] == "2026-05-28T20:26:40Z"
    dist(site, "another", "1")
    assert of_package(site, "0.1.0")["serialNumber"] != first["serialNumber"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["License-Expression: MIT-0", "License: other"], [{"expression": "MIT-0"}]),
        (["License: EPL-2.0 OR GPL-2.0-or-later"], [{"expression": "EPL-2.0 OR GPL-2.0-or-later"}]),
        (["License: BSD-3-Clause", "Classifier: License :: OSI Approved :: BSD License"],
         [{"expression": "BSD-3-Clause"}]),
        (["License: MIT", "Classifier: License :: OSI Approved :: MIT License"], [{"license": {"id": "MIT"}}]),
        (["License: BSD", "Classifier: License :: OSI Approved :: BSD License"], [{"license": {"name": "BSD"}}]),
        (["Classifier: License :: OSI Approved", "Classifier: License :: OSI Approved :: Apache Software License"],
         [{"license": {"id": "Apache-2.0"}}]),
        (["License: " + "Permission is hereby granted " * 9, "Classifier: License :: OSI Approved :: MIT License"],
         [{"license": {"id": "MIT"}}]),
        ([], []),
    ],
)  # fmt: skip
def test_licences_are_told_in_spdx_words_as_far_as_they_are_known(
    tmp_path: Path, lines: list[str], told: list[dict[str, Any]]
) -> None:
    dist(tmp_path / "site", "lib", "1", *lines)
    document = of_package(tmp_path / "site", "1")
    assert named(document, "lib").get("licenses", []) == told
    assert objections(document) is None


# --- the image --------------------------------------------------------------------------------------------------------


def test_an_image_names_its_debian_packages_too(root: Path) -> None:
    told = of_image(root, "7", name="wallbox")
    assert objections(told) is None
    assert [each["name"] for each in told["components"]] == ["libc6", "libstdc++6", "chargepoint", "crypto", "some-lib"]
    assert named(told, "libstdc++6")["purl"] == (
        "pkg:deb/debian/libstdc%2B%2B6@1%3A14.2.0-19?arch=amd64&distro=debian-13"
    )
    assert told["metadata"]["component"]["name"] == "wallbox"


def test_a_debian_package_tells_its_source_its_licences_and_what_it_needs(root: Path) -> None:
    told = of_image(root, "7")
    assert named(told, "libstdc++6")["properties"] == [{"name": "debian:source", "value": "gcc-14 (14.2.0-19)"}]
    assert named(told, "libc6")["licenses"] == [
        {"license": {"name": "BSD-3-clause"}},
        {"license": {"name": "LGPL-2.1+"}},
    ]
    assert needs(told, "deb:libstdc++6:amd64") == ["deb:libc6:amd64"]


def test_a_folder_without_packages_is_an_empty_bill(tmp_path: Path) -> None:
    told = of_image(tmp_path, "7")
    assert told["components"] == []
    assert objections(told) is None


# --- this program -----------------------------------------------------------------------------------------------------


def test_the_command_tells_what_this_program_needs(tmp_path: Path) -> None:
    file = tmp_path / "bill.json"
    subprocess.run([sys.executable, "-m", "deploy.sbom", "-o", str(file), "--supplier", "Acme"], check=True)
    told = json.loads(file.read_text())
    assert objections(told) is None
    wanted = {"chargepoint", "cryptography", "websockets", "aiohttp", "pyserial", "pymodbus", "gpiozero"}
    assert wanted <= {each["name"] for each in told["components"]}
    assert "pytest" not in {each["name"] for each in told["components"]}
    assert all(each.get("licenses") for each in told["components"])
    assert all(re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[\w.]+", each["purl"]) for each in told["components"])
