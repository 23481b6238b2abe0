# SPDX-License-Identifier: MIT
"""ci/publish-release, with a stand-in for gh that keeps what was published in a folder."""

import os
import subprocess

import pytest

from firmware import TOP, webpage

GH = """\
#!/bin/sh
# gh release view|create|upload|edit TAG ...: a release is the folder $RELEASES/TAG.
set -eu
[ "$1" = release ]
action=$2
here=$RELEASES/$3
shift 3
case $action in
    view) [ -d "$here" ] ;;
    create)
        mkdir "$here"
        for word; do [ "$word" != --draft ] || touch "$here/draft"; done
        ;;
    upload)
        for word; do
            [ "$word" != --clobber ] || continue
            if [ -e "$RELEASES/broken" ]; then echo "the network is gone" >&2; exit 1; fi
            cp "$word" "$here/"
        done
        ;;
    edit) for word; do [ "$word" != --draft=false ] || rm -f "$here/draft"; done ;;
esac
"""


@pytest.fixture
def publish(tmp_path):
    """``publish()``: run it for v1.2.3 and tmp_path/dist; releases are in tmp_path/releases."""
    for name in ("bin", "dist", "releases"):
        (tmp_path / name).mkdir()
    tool = tmp_path / "bin" / "gh"
    tool.write_text(GH)
    tool.chmod(0o755)
    for name in ("RELEASE_NOTES.md", "a.bin", "SHA256SUMS"):
        (tmp_path / "dist" / name).write_text(name)
    (tmp_path / "dist" / "web").mkdir()
    (tmp_path / "dist" / "web" / "index.html").touch()

    def run():
        return subprocess.run(
            [TOP / "ci" / "publish-release", "v1.2.3", tmp_path / "dist"],
            env={
                **os.environ,
                "PATH": f"{tool.parent}:{os.environ['PATH']}",
                "RELEASES": str(tmp_path / "releases"),
            },
            capture_output=True,
            text=True,
        )

    return run


def published(tmp_path):
    return sorted(path.name for path in (tmp_path / "releases" / "v1.2.3").iterdir())


def test_release_has_all_files(publish, tmp_path):
    done = publish()
    assert done.returncode == 0, done.stderr
    assert published(tmp_path) == ["RELEASE_NOTES.md", "SHA256SUMS", "a.bin"]


def test_run_that_failed_half_way_can_be_repeated(publish, tmp_path):
    broken = tmp_path / "releases" / "broken"
    broken.touch()
    assert publish().returncode != 0
    # Nobody sees a release without its files.
    assert published(tmp_path) == ["draft"]
    broken.unlink()
    assert publish().returncode == 0
    assert published(tmp_path) == ["RELEASE_NOTES.md", "SHA256SUMS", "a.bin"]
    # And once more, with another file.
    (tmp_path / "dist" / "a.bin").write_text("another")
    assert publish().returncode == 0
    assert (tmp_path / "releases" / "v1.2.3" / "a.bin").read_text() == "another"


def test_archive_of_the_page_is_the_same_each_time(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "reference").mkdir(parents=True)
        (tmp_path / name / "index.html").write_text("page")
        (tmp_path / name / "reference" / "a.html").write_text("a")
    os.utime(tmp_path / "two" / "index.html", (1, 1))
    for name in ("one", "two"):
        webpage.pack(tmp_path / name, tmp_path / f"{name}.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    listed = subprocess.run(
        ["tar", "-tzf", tmp_path / "one.tar.gz"], check=True, capture_output=True, text=True
    )
    assert listed.stdout.split() == ["index.html", "reference/", "reference/a.html"]
