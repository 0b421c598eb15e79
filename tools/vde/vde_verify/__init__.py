# SPDX-License-Identifier: GPL-2.0-only
"""Offline verification of DWVD volumes as dm-vde writes them.

Written from Documentation/admin-guide/device-mapper/dm-vde-format.rst alone. It
shares no code with the kernel module, libvde or vdectl, and must not: what it is
good for is that a mistake in those is not made here as well.
"""
