# SPDX-License-Identifier: MIT
"""What a release says of its images: licence texts, a bill of materials, how they were built.

The bill of materials (SBOM) is CycloneDX, https://cyclonedx.org; the provenance is an in-toto
statement with SLSA's predicate, https://slsa.dev/spec/v1.0/provenance. All of it is made from the
records of the builds, so that equal builds give equal files.
"""

import datetime
import hashlib
import json
import os
import uuid

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

SCHEMA = SchemaVersion.V1_6
RULE = "=" * 78


def _parts(found):
    """{(name, text): (part, [names of images])} of all components, in the order of names."""
    result = {}
    for checked in found:
        for part in checked.record["components"]:
            key = (part["name"], part["text"])
            result.setdefault(key, (part, []))[1].append(checked.variant.name)
    return dict(sorted(result.items()))


def licences(found):
    """One text with the licences of all that the images hold, and which image holds what."""
    texts = [
        "What the images of this release hold, and under which licences. The names are those\n"
        "of the image files, without the version.\n"
    ]
    for part, images in _parts(found).values():
        title = f"{part['name']} {part['version'] or ''}".strip()
        texts.append(
            f"{RULE}\n{title}\nLicence: {part['licence']}\nFrom: {part['url'] or 'here'}\n"
            f"In: {', '.join(images)}\n{RULE}\n\n{part['text'].rstrip()}\n"
        )
    return "\n".join(texts)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _library(part, factory):
    return Component(
        bom_ref="@".join(filter(None, (part["name"], part["version"]))),
        name=part["name"],
        version=part["version"],
        type=ComponentType.LIBRARY,
        licenses=[factory.make_from_string(part["licence"])],
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(part["url"]))
        ]
        if part["url"]
        else [],
    )


def materials(version, found):
    """The bill of materials of a release's images, as CycloneDX's JSON."""
    factory = LicenseFactory()
    bom = Bom()
    commit = found[0].record["source"]["commit"]
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"tinyweb {version} {commit}")
    date = max(checked.record["source"]["date"] for checked in found)
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(date, datetime.UTC)
    bom.metadata.component = Component(
        bom_ref=f"TinyWeb firmware@{version}",
        name="TinyWeb firmware",
        version=version,
        type=ComponentType.FIRMWARE,
        licenses=[factory.make_from_string("MIT")],
    )
    libraries, images = {}, []
    for checked in found:
        image = Component(
            bom_ref=checked.variant.name,
            name=checked.variant.file_name("image", version),
            version=version,
            type=ComponentType.FIRMWARE,
            description=checked.variant.title,
            hashes=[HashTypeFactory().from_hashlib_alg("sha256", _sha256(checked.path))],
        )
        images.append(image)
        bom.components.add(image)
        mine = []
        for part in checked.record["components"]:
            key = (part["name"], part["version"])
            if key not in libraries:
                libraries[key] = _library(part, factory)
                bom.components.add(libraries[key])
            mine.append(libraries[key])
        bom.register_dependency(image, mine)
    bom.register_dependency(bom.metadata.component, images)
    return make_outputter(bom, OutputFormat.JSON, SCHEMA).output_as_string(indent=2) + "\n"


def _builder():
    """Who built: GitHub's name of the running workflow, or a machine that nobody vouches for."""
    env = os.environ
    if "GITHUB_WORKFLOW_REF" in env:
        return f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{env['GITHUB_WORKFLOW_REF']}"
    return "urn:tinyweb:a-machine-that-nobody-vouches-for"


def provenance(version, found, files):
    """How the images were built: one in-toto statement a line.

    files: {name of the variant: paths of the release's files that were made of its image}.
    """
    lines = []
    for checked in found:
        record = checked.record
        micropython, sdk = record["micropython"], record["sdk"]
        dependencies = [
            {"name": "TinyWeb", "digest": {"gitCommit": record["source"]["commit"]}},
            {
                "name": f"MicroPython {micropython['version']}",
                "uri": "git+https://github.com/micropython/micropython",
                "digest": {"gitCommit": micropython["commit"]},
            },
        ]
        dependencies += [
            {"name": name, "digest": {"gitCommit": commit}}
            for name, commit in micropython["submodules"].items()
        ]
        digests = {"commit": "gitCommit", "sha256 of lib/*.a": "sha256"}
        source = {"name": f"{sdk['name']} {sdk['version']}"}
        # Where the SDK was no git repository, its origin is all that is known.
        for part in record["components"]:
            if part["name"] == sdk["name"]:
                source["uri"] = part["url"]
        if digest := {digests[k]: v for k, v in sdk.items() if k in digests and v}:
            source["digest"] = digest
        dependencies.append(source)
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [
                {"name": path.name, "digest": {"sha256": _sha256(path)}}
                for path in files[checked.variant.name]
            ],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": "urn:tinyweb:make-firmware",
                    "externalParameters": {
                        "command": f"make firmware BOARD={checked.variant.board} "
                        f"VARIANT={checked.variant.variant}".removesuffix(" VARIANT="),
                        "version": version,
                    },
                    "internalParameters": {
                        "compiler": record["compiler"],
                        "esptool": record["esptool"],
                        "SOURCE_DATE_EPOCH": record["source"]["date"],
                    },
                    "resolvedDependencies": dependencies,
                },
                "runDetails": {"builder": {"id": _builder()}},
            },
        }
        lines.append(json.dumps(statement) + "\n")
    return "".join(lines)
