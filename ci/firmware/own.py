# SPDX-License-Identifier: MIT
"""A firmware of one's own: another manifest, more C modules, another partition table.

python -m firmware.own OUT FOLDER: makes the folder OUT with this repository's C modules and
those in FOLDER, and prints its path. For the builds of the simulator and the emulated board.
"""

import dataclasses
import pathlib
import sys

from . import BOARDS, TOP, FirmwareError

CMODULES = TOP / "cmodules"


@dataclasses.dataclass(frozen=True)
class Own:
    """What a user gives; each part is a path, or None where the board's own is taken."""

    manifest: pathlib.Path | None = None
    modules: pathlib.Path | None = None
    partitions: pathlib.Path | None = None

    def __post_init__(self):
        for name in ("manifest", "modules", "partitions"):
            path = getattr(self, name)
            object.__setattr__(self, name, path and pathlib.Path(path).expanduser().resolve())

    def __bool__(self):
        return any((self.manifest, self.modules, self.partitions))

    def check(self, entry):
        """FirmwareError for what is not there or does not suit the board."""
        self._check_files()
        if self.modules:
            self.check_modules(self._listing(entry))
        if self.partitions and entry.port == "esp8266":
            raise FirmwareError(
                "PARTITIONS: the ESP8266 has no partition table; its flash is laid out by "
                f"{(BOARDS / entry.board / entry.layout).relative_to(TOP)}"
            )

    def _check_files(self):
        for name, path in (("FROZEN_MANIFEST", self.manifest), ("PARTITIONS", self.partitions)):
            if path and not path.is_file():
                raise FirmwareError(f"{name}={path} is not a file")

    def check_modules(self, listing):
        """FirmwareError where a module's folder is none; listing: the build's file in each."""
        if not any((path / listing).is_file() for path in self.module_folders()):
            raise FirmwareError(
                f"USER_C_MODULES={self.modules} has no */{listing}: each C module is a folder"
            )
        taken = {p.name for p in self.module_folders()} & {p.name for p in _folders(CMODULES)}
        if taken:
            raise FirmwareError(
                f"USER_C_MODULES={self.modules} has modules with names that are taken: "
                f"{', '.join(sorted(taken))}"
            )

    @staticmethod
    def _listing(entry):
        return "micropython.mk" if entry.port == "esp8266" else "micropython.cmake"

    def module_folders(self):
        return _folders(self.modules) if self.modules else []

    def module_files(self, entry):
        """The build's files of the user's modules."""
        listing = self._listing(entry)
        return [p / listing for p in self.module_folders() if (p / listing).is_file()]

    def build_dir(self, entry):
        """Where the build goes: never where a release takes images from."""
        return TOP / "build" / "own" / entry.build_name if self else entry.build_dir

    def folder_of_modules(self, out):
        """One folder with this repository's modules and the user's, as make takes it."""
        if not self.modules:
            return CMODULES
        folder = out / "modules"
        folder.mkdir(parents=True, exist_ok=True)
        for link in folder.iterdir():
            link.unlink()
        for source in (*_folders(CMODULES), *self.module_folders()):
            (folder / source.name).symlink_to(source)
        return folder

    def list_of_modules(self, entry, out):
        """One file that includes this repository's modules and the user's, as CMake takes it."""
        own = CMODULES / "micropython.cmake"
        if not self.modules:
            return own
        out.mkdir(parents=True, exist_ok=True)
        path = out / "modules.cmake"
        path.write_text("".join(f"include({p})\n" for p in (own, *self.module_files(entry))))
        return path

    def describe(self):
        """What was given, for the record of the build."""
        return {
            name: str(path) for name, path in dataclasses.asdict(self).items() if path is not None
        }


def _folders(path):
    """The C modules in a folder."""
    if not path.is_dir():
        raise FirmwareError(f"USER_C_MODULES={path} is not a folder")
    return sorted(p for p in path.iterdir() if p.is_dir() and any(p.glob("micropython.*")))


def main(argv):
    out, folder = map(pathlib.Path, argv)
    try:
        own = Own(modules=folder)
        own.check_modules("micropython.mk")
        print(own.folder_of_modules(out))
    except FirmwareError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
