"""The bill of materials of the image: SPDX 2.3, as JSON (https://spdx.github.io/spdx-spec/v2.3)."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from lkjam_box import __version__

NONE = "NOASSERTION"


def document(lists: Iterable[Path], folders: Iterable[Path], kernel: str) -> dict[str, object]:
    """``lists``: Debian packages, a line each (name, version, processor, source, its version).
    ``folders``: those that Python packages lie in. ``kernel``: its release, for the comment."""
    packages = [*_debian(lists), *_python(folders)]
    sums = hashlib.sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", 0)) or _now(), UTC)
    about = [{"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": "SPDXRef-image"}]
    image = {
        "SPDXID": "SPDXRef-image",
        "name": "lkjam-box-image",
        "versionInfo": __version__,
        "downloadLocation": NONE,
        "licenseConcluded": NONE,
        "licenseDeclared": NONE,
        "copyrightText": NONE,
        "primaryPackagePurpose": "OPERATING-SYSTEM",
        "filesAnalyzed": False,
        "comment": f"kernel {kernel}",
    }
    inside = [
        {"spdxElementId": "SPDXRef-image", "relatedSpdxElement": p["SPDXID"]} for p in packages
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"lkjam-box-{__version__}",
        "documentNamespace": f"https://spdx.org/spdxdocs/lkjam-box-{__version__}-{sums[:32]}",
        "creationInfo": {
            "created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: lkjam-box-image-{__version__}"],
        },
        "packages": [image, *packages],
        "relationships": [
            *({**pair, "relationshipType": "DESCRIBES"} for pair in about),
            *({**pair, "relationshipType": "CONTAINS"} for pair in inside),
        ],
    }


def write(bill: dict[str, object], image: Path) -> Path:
    """Beside the image."""
    path = image.with_suffix(".spdx.json")
    path.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n")
    return path


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _package(kind: str, name: str, version: str, purl: str, **more: str) -> dict[str, object]:
    return {
        "SPDXID": f"SPDXRef-{kind}-" + re.sub(r"[^A-Za-z0-9.-]", "-", f"{name}-{version}"),
        "name": name,
        "versionInfo": version,
        "downloadLocation": NONE,
        "licenseConcluded": NONE,
        "licenseDeclared": NONE,
        "copyrightText": NONE,
        "filesAnalyzed": False,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": purl,
            }
        ],
        **more,
    }


def _debian(lists: Iterable[Path]) -> Iterator[dict[str, object]]:
    seen = set()
    for path in lists:
        for line in sorted(path.read_text().splitlines()):
            name, version, arch, source, source_version = line.split("\t")
            if (name, version) not in seen:
                seen.add((name, version))
                yield _package(
                    "deb",
                    name,
                    version,
                    f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={arch}",
                    supplier="Organization: Debian",
                    sourceInfo=f"Debian source package {source} {source_version}",
                )


def _python(folders: Iterable[Path]) -> Iterator[dict[str, object]]:
    for folder in folders:
        for path in sorted(folder.glob("*.dist-info/METADATA")):
            about = HeaderParser().parsestr(path.read_text(errors="replace"))
            name, version = about["Name"], about["Version"]
            licence = (about["License-Expression"] or about["License"] or "").strip()
            more = {"licenseComments": licence.splitlines()[0][:120]} if licence else {}
            if about["License-Expression"]:
                more["licenseDeclared"] = about["License-Expression"]
            plain = re.sub(r"[-_.]+", "-", name).lower()
            yield _package("pypi", name, version, f"pkg:pypi/{plain}@{version}", **more)
