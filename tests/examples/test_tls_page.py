# SPDX-License-Identifier: MIT
"""The program and the commands of docs/tls.md."""

import re
import ssl
import subprocess

import httpx

from support.simulator import TOP

PAGE = (TOP / "docs" / "tls.md").read_text(encoding="utf-8")


def test_program_with_the_certificate_of_the_commands(serve, tmp_path):
    commands = re.search(r"^```sh\n(.*?)^mpremote", PAGE, re.M | re.S)[1]
    subprocess.run(commands, shell=True, cwd=tmp_path, check=True, capture_output=True)
    program = re.search(r"^```python\n(.*?)^```", PAGE, re.M | re.S)[1]
    for name in ("certificate.pem", "key.pem"):
        program = program.replace(f'"/{name}"', f'"{name}"')
    program = "import sys\n\n" + program.replace(
        'host="0.0.0.0", port=443', "host=sys.argv[2], port=int(sys.argv[1])"
    )
    server = serve(program, cwd=tmp_path)
    trust = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    with httpx.Client(verify=trust, trust_env=False, timeout=20) as client:
        url = f"https://127.0.0.1:{server.port}"
        page = client.get(url, extensions={"sni_hostname": "device.local"})
    assert page.text == "<h1>Hello, in secret</h1>"
