# SPDX-License-Identifier: MIT
"""What picoweb imports of pkg_resources, on the file system alone."""


def resource_stream(package, resource):
    return open(resource if package is None else package + "/" + resource, "rb")
