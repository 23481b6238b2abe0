# SPDX-License-Identifier: MIT
# Each variant names its flash layout and its parts, then includes tinyweb.mk,
# which turns that into what the port's Makefile reads.
