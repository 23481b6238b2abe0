# SPDX-License-Identifier: MIT
"""Files that cannot be read, and file systems that are full."""

import errno
import os
import resource

import httpx
import pytest

from support.simulator import start_server

PROGRAM = """
    import os, sys, tinyweb, vfs

    app = tinyweb.webserver()

    class Broken:
        # A file system whose every open() fails with the error that the file's name says.
        def mount(self, readonly, mkfs):
            pass

        def umount(self):
            pass

        def stat(self, path):
            if path.startswith("/stat-"):
                raise OSError(int(path[6:]))
            return (0x8000, 0, 0, 0, 0, 0, 100, 0, 0, 0)

        def open(self, path, mode):
            raise OSError(int(path[1:]))

    class Disk:
        # Some KiB of flash.
        def __init__(self, blocks):
            self.data = bytearray(512 * blocks)

        def readblocks(self, n, buf, offset=0):
            buf[:] = memoryview(self.data)[n * 512 + offset :][: len(buf)]

        def writeblocks(self, n, buf, offset=0):
            self.data[n * 512 + offset : n * 512 + offset + len(buf)] = buf

        def ioctl(self, op, arg):
            return {4: len(self.data) // 512, 5: 512, 6: 0}.get(op)

    vfs.mount(Broken(), "/broken")
    for kind, blocks in (vfs.VfsLfs2, 16), (vfs.VfsFat, 50):
        disk = Disk(blocks)
        kind.mkfs(disk)
        vfs.mount(kind(disk), "/" + kind.__name__)

    @app.route("/broken/<name>")
    async def broken(req, resp, name):
        await resp.send_file("/broken/" + name)

    @app.route("/file")
    async def file(req, resp):
        await resp.send_file(sys.argv[3])

    @app.route("/write/<kind>/<size>")
    async def write(req, resp, kind, size):
        path = "/" + kind + "/log"
        with open(path, "wb") as f:
            for _ in range(int(size)):
                f.write(b"x" * 512)
        resp.add_header("X-Size", os.stat(path)[6])
        await resp.send_file(path)

    @app.route("/remove/<kind>")
    async def remove(req, resp, kind):
        os.remove("/" + kind + "/log")

    app.run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="module", params=[64, 32], ids=["64-bit", "32-bit"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "file.txt").write_text("content")
    running = start_server(PROGRAM, folder=folder, bits=request.param, args=(folder / "file.txt",))
    yield running
    running.stop()


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=10, trust_env=False) as session:
        yield session


@pytest.mark.parametrize("at", ["", "stat-"])
@pytest.mark.parametrize(
    "code",
    "ENOENT EACCES ENODEV ENOTDIR EISDIR EINVAL ENAMETOOLONG".split(),
)
def test_no_such_file(server, client, at, code):
    before = len(server.log())
    assert client.get(f"/broken/{at}{getattr(errno, code)}").status_code == 404
    assert "Traceback" not in server.log()[before:]


@pytest.mark.parametrize("at", ["", "stat-"])
@pytest.mark.parametrize("code", "EIO EMFILE ENFILE ENOMEM EBUSY EBADF".split())
def test_file_that_cannot_be_read(server, client, at, code):
    """It is there, or may be: a 404 would tell clients and caches that it is not."""
    before = len(server.log())
    assert client.get(f"/broken/{at}{getattr(errno, code)}").status_code == 500
    assert "OSError" in server.log()[before:]


def test_no_descriptor_for_a_file(server, client):
    assert client.get("/file").text == "content"
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    limit = next(n for n in range(1024) if n not in used)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, hard))
    try:
        for _ in range(3):
            assert client.get("/file").status_code == 500
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    assert client.get("/file").text == "content"


@pytest.mark.parametrize("kind", ["VfsLfs2", "VfsFat"])
def test_full_file_system(server, client, kind):
    for _ in range(3):
        before = len(server.log())
        assert client.get(f"/write/{kind}/100").status_code == 500
        assert "ENOSPC" in server.log()[before:] or f"{errno.ENOSPC}" in server.log()[before:]
        assert client.get(f"/remove/{kind}").status_code == 200
        answer = client.get(f"/write/{kind}/8")
        assert (answer.content, answer.headers["X-Size"]) == (b"x" * 4096, "4096")
