"""NOTICE names every part whose licence asks for more than to leave its notice in place; nothing is under the GPL."""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.deploy.compose_file import ROOT

NOTICE = (ROOT / "NOTICE").read_text()
LOCKED = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|0BSD|Zlib|CC0|CNRI|Unlicense|Dual License|Public Domain", re.IGNORECASE
)
COPYLEFT = re.compile(r"GPL|General Public|MPL|Mozilla|EPL|EUPL|CDDL|SSPL|AGPL", re.IGNORECASE)


def installed() -> dict[str, Distribution]:
    """What of the runtime lock is here; a few packages are for other systems or versions of Python."""
    found = {}
    for name in LOCKED:
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
    return found


def declared(package: Distribution) -> str:
    """Everything a package says of its licence."""
    data = package.metadata
    classifiers = [one for one in data.get_all("Classifier", []) if one.startswith("License")]
    text = (data.get("License") or "").partition("\n")[0]
    return " ; ".join([data.get("License-Expression") or "", text, *classifiers])


def noticed() -> dict[str, str]:
    """The table of NOTICE: package to licence."""
    rows = re.findall(r"^  ([a-z0-9-]+) {2,}(\S.*?) {2,}\S", NOTICE, re.MULTILINE)
    return {name: licence for name, licence in rows if name != "package"}


def test_every_package_whose_licence_asks_for_more_stands_in_the_notice_and_no_licence_is_unknown() -> None:
    packages = installed()
    assert len(packages) > 80
    known = {
        name for name, one in packages.items() if PERMISSIVE.search(declared(one)) or COPYLEFT.search(declared(one))
    }
    assert set(packages) - known == set()
    assert {name for name, one in packages.items() if COPYLEFT.search(declared(one))} == set(noticed())


@pytest.mark.parametrize(("name", "licence"), noticed().items())
def test_the_notice_states_the_licence_a_package_declares_itself(name: str, licence: str) -> None:
    assert licence in declared(distribution(name)).replace("LGPLv2+", "LGPL-2.1-or-later")


def test_no_package_declares_the_gpl() -> None:
    plain_gpl = re.compile(r"(?<![AL])GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)
    assert {name for name, one in installed().items() if plain_gpl.search(declared(one))} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="the files of other systems lie elsewhere")
def test_what_comes_inside_the_audio_library_is_named() -> None:
    package = Path(str(distribution("av").locate_file("av.libs")))
    carried = {file.name.partition("-")[0].removeprefix("lib") for file in package.iterdir()}
    names = {"x264": "x264", "x265": "x265", "gnutls": "GnuTLS", "nettle": "Nettle", "gmp": "GMP", "mp3lame": "LAME"}
    for library, name in names.items():
        assert (library in carried) <= (name in NOTICE), library


def test_the_notice_goes_with_the_product() -> None:
    assert 'license-files = ["LICENSE", "NOTICE"]' in (ROOT / "pyproject.toml").read_text()
