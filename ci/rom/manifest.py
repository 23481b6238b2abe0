# SPDX-License-Identifier: MIT
"""rom(), which names a package in a manifest, and what takes the place of mpy-tool.py for it.

makemanifest.py compiles every file, then calls mpy-tool.py, which writes them as C. Modules in ROM
need another C text, so this runs mpy-tool.py itself, in this process, with other input and output.
"""

import contextlib
import importlib.util
import io
import os
import sys
from pathlib import Path

from . import RomError, micropython, report
from .linker import Linker
from .native import NativeModules
from .writer import Writer

_TOP = Path(__file__).resolve().parents[2]


def install(manifest):
    """Give rom() to every manifest that `manifest`, a ManifestFile, executes now or later."""
    kind = type(manifest)
    if not hasattr(kind, "rom"):
        step = _Step(manifest, sys.modules["__main__"])
        kind.rom = staticmethod(step.rom)
        plain = getattr(kind, "_manifest_globals", lambda self, kwargs: {})

        def _manifest_globals(self, kwargs):
            return {**plain(self, kwargs), "rom": step.rom}

        kind._manifest_globals = _manifest_globals
    # Those that are being executed now have their names already.
    frame = sys._getframe()
    while frame is not None:
        if getattr(frame.f_globals.get("include"), "__self__", None) is manifest:
            frame.f_globals.setdefault("rom", kind.rom)
        frame = frame.f_back


class _Step:
    def __init__(self, manifest, makemanifest):
        self.manifest = manifest
        self.makemanifest = makemanifest
        self.packages = {}
        self.constant = {}
        self.variables = {}
        self.append = {}
        # Other tools read manifests too; only makemanifest.py writes frozen content.
        self.enabled = os.environ.get("ROM", "1") != "0" and hasattr(makemanifest, "system")
        if self.enabled:
            lacks = micropython.missing(manifest._path_vars["MPY_DIR"])
            if lacks:
                sys.exit("\n".join(lacks))
            self.system = makemanifest.system
            makemanifest.system = self.replacement

    def rom(self, package, constant=(), variables=(), append=None, without=()):
        """Put a frozen package or module into ROM.

        package: the first part of its dotted name, or all of it for a package in a package.
        constant: "module:NAME" of dictionaries that nobody changes although that cannot be seen,
            "module:Class.method" for the dictionaries that are defaults of its arguments.
        variables: "module:NAME" of names that code elsewhere assigns.
        append: {module: statements}, which are added to a module at its end.
        without: dotted names of modules that stay frozen ordinarily.
        """
        self.packages.setdefault(package, set()).update(without)
        for names, into in ((constant, self.constant), (variables, self.variables)):
            for name in names:
                module, _, rest = name.partition(":")
                into.setdefault(module, []).append(rest)
        self.append.update(append or {})

    def replacement(self, command):
        """makemanifest.system(): mpy-tool.py is run here, other programs as ever."""
        if len(command) < 2 or os.path.basename(command[1]) != "mpy-tool.py":
            return self.system(command)
        try:
            return 0, self._run(command[1], command[2:]).encode()
        except RomError as error:
            sys.exit(str(error))

    # The step

    def _run(self, path, args):
        tool = _import_file("mpy_tool", path)
        options = _options(sys.argv[1:])
        plain = tool.freeze_mpy

        def freeze_mpy(firmware_qstr_idents, compiled_modules):
            self._freeze(tool, options, plain, firmware_qstr_idents, compiled_modules)

        tool.freeze_mpy = freeze_mpy
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            tool.main(args)
        return output.getvalue()

    def _freeze(self, tool, options, plain, firmware_qstr_idents, compiled):
        build = options.build_dir
        variables = self.manifest._path_vars
        native = NativeModules(
            build,
            [
                os.path.join(variables["MPY_DIR"], "py"),
                os.path.join(variables["MPY_DIR"], "extmod"),
                variables["PORT_DIR"],
                _TOP / "cmodules",
            ],
        )
        compiler = _Compiler(self.makemanifest, tool, options, variables["MPY_DIR"])
        linker = Linker(tool, native, compiler.compile)
        for result in self.manifest.files():
            self._add(linker, result)
        _add_packages(linker)
        modules = linker.link()
        if not modules:
            plain(firmware_qstr_idents, compiled)
            _log(linker, modules, None, build)
            return
        # Ports say so by the string that they intern.
        has_file = "__file__" in firmware_qstr_idents
        in_rom = {x.target: x.code for x in modules}
        compiled = [x for x in compiled if x.source_file.str not in in_rom]
        # Counters of mpy-tool.py that freeze_mpy() sets to zero
        for counter in ("const_str_content", "const_int_content", "const_obj_content"):
            setattr(tool, counter, 0)
        # Twice, because the first time adds the strings to intern that the text depends on.
        Writer(tool, linker, modules, has_file).text()
        writer = Writer(tool, linker, modules, has_file)
        text = writer.text()
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            plain(firmware_qstr_idents, compiled + list(in_rom.values()))
        # Whatever only the body of a module used is dropped by the compiler.
        print('#pragma GCC diagnostic ignored "-Wunused-variable"')
        print("#if __GNUC__ >= 6")
        print('#pragma GCC diagnostic ignored "-Wunused-const-variable"')
        print("#endif")
        print(_without_names(output.getvalue(), in_rom))
        print(text)
        _log(linker, modules, writer, build)

    def _add(self, linker, result):
        target = result.target_path
        if not target.endswith(".py") or result.kind != _kind("KIND_FREEZE_AS_MPY"):
            return
        name = target[: -len(".py")].replace("/", ".").removesuffix(".__init__")
        for package, without in self.packages.items():
            if (name == package or name.startswith(package + ".")) and name not in without:
                break
        else:
            return
        tagged = sys.modules["manifestfile"].tagged_py_file(result.full_path, result.metadata)
        with tagged as path, open(path, encoding="utf-8") as file:
            text = file.read()
        if name in self.append:
            text = text.rstrip("\n") + "\n" + self.append[name] + "\n"
        linker.add(
            name,
            target,
            text,
            self.constant.get(name, ()),
            self.variables.get(name, ()),
            result.opt,
        )


class _Compiler:
    # mpy-cross, for the changed text of a module
    def __init__(self, makemanifest, tool, options, mpy_dir):
        self.mpy_cross = makemanifest.mpy_cross
        self.tool = tool
        self.options = options
        self.program = os.getenv("MICROPY_MPYCROSS", mpy_dir + "/mpy-cross/build/mpy-cross")

    def compile(self, module, text):
        base = Path(self.options.build_dir) / "rom_mpy" / module.target
        base.parent.mkdir(parents=True, exist_ok=True)
        base.write_text(text, encoding="utf-8")
        binary = base.with_suffix(".mpy")
        try:
            self.mpy_cross.compile(
                str(base),
                dest=str(binary),
                src_path=module.target,
                opt=module.options,
                mpy_cross=self.program,
                extra_args=self.options.mpy_cross_flags.split(),
            )
        except self.mpy_cross.CrossCompileError as error:
            raise RomError(f"{module.target}: {error.args[0]}") from error
        return self.tool.read_mpy(str(binary))


def _kind(name):
    return getattr(sys.modules["manifestfile"], name)


def _import_file(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _options(argv):
    # The options of makemanifest.py that it does not pass on.
    import argparse

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-b", "--build-dir")
    parser.add_argument("-f", "--mpy-cross-flags", default="")
    return parser.parse_known_args(argv)[0]


def _add_packages(linker):
    # A folder without __init__.py is a package too.
    for name in list(linker.modules):
        parent = name.rpartition(".")[0]
        while parent:
            if parent not in linker.modules:
                linker.add(parent, parent.replace(".", "/") + "/__init__.py", "", options=3)
            parent = parent.rpartition(".")[0]


def _without_names(text, in_rom):
    # Modules in ROM are not found by name among the frozen ones.
    lines = text.split("\n")
    for target, code in in_rom.items():
        short = target.removesuffix(".py").removesuffix("/__init__")
        for line in (
            f'    "{target}\\0"',
            f"    &frozen_module_{code.escaped_name},",
            f'MICROPY_FROZEN_LIST_ITEM("{short}", "{target}")',
        ):
            if lines.count(line) != 1:
                raise RomError(f"mpy-tool.py does not write {line.strip()!r}: see docs/rom.md")
            lines.remove(line)
    return "\n".join(lines)


def _log(linker, modules, writer, build):
    for line in report.refusals(linker):
        print(line, file=sys.stderr)
    text = report.table(linker, modules, writer)
    (Path(build) / "rom_report.txt").write_text(text)
    print(f"Modules in ROM: {len(modules)}, see {build}/rom_report.txt", file=sys.stderr)
