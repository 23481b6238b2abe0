# SPDX-License-Identifier: MIT
"""The forms for issues: the forge shows no form that has a mistake, and says so to nobody."""

import re

import pytest
import yaml

from firmware import table
from support.simulator import TOP

FOLDER = TOP / ".github" / "ISSUE_TEMPLATE"
FORMS = sorted(path for path in FOLDER.glob("*.yml") if path.name != "config.yml")
# The forge's documentation, "Syntax for GitHub's form schema": what each type must have and may.
MUST = {
    "markdown": {"value"},
    "textarea": {"label"},
    "input": {"label"},
    "dropdown": {"label", "options"},
}
MAY = {
    "markdown": set(),
    "textarea": {"description", "placeholder", "value", "render"},
    "input": {"description", "placeholder", "value"},
    "dropdown": {"description", "multiple", "default"},
}


def loaded(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_there_are_forms_for_bugs_questions_and_proposals():
    assert [path.stem for path in FORMS] == ["bug", "feature", "question"]
    assert len({loaded(path)["name"] for path in FORMS}) == 3


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_form_has_what_the_forge_asks_for(path):
    form = loaded(path)
    assert set(form) == {"name", "description", "labels", "body"}
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    ids = [part["id"] for part in asked]
    labels = [part["attributes"]["label"] for part in asked]
    assert len(set(ids)) == len(ids) > 0 and len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[\w-]+", name) for name in ids)
    assert any(part.get("validations") == {"required": True} for part in asked)
    for part in form["body"]:
        kind, attributes = part["type"], set(part["attributes"])
        assert set(part) <= {"type", "id", "attributes", "validations"}
        assert MUST[kind] <= attributes <= MUST[kind] | MAY[kind], part


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_links_lead_to_files(path):
    links = re.findall(r"\]\(([^)]*)\)", path.read_text(encoding="utf-8"))
    assert links
    for link in links:
        # Beside .../OWNER/NAME/issues/new, where the forge shows the form.
        assert link.startswith("../blob/main/")
        assert (TOP / link.removeprefix("../blob/main/")).is_file(), link


def test_each_chip_can_be_chosen():
    (board,) = [part for part in loaded(FOLDER / "bug.yml")["body"] if part.get("id") == "board"]
    chosen = {
        re.sub(r"[^a-z0-9]", "", x.split(",")[0].lower()) for x in board["attributes"]["options"]
    }
    assert {variant.chip for variant in table.load().values()} <= chosen


def test_blank_issues_are_off_and_links_are_whole():
    config = loaded(FOLDER / "config.yml")
    assert set(config) == {"blank_issues_enabled", "contact_links"}
    assert config["blank_issues_enabled"] is False
    for link in config["contact_links"]:
        assert set(link) == {"name", "url", "about"} and link["url"].startswith("https://")
