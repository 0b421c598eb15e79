#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Verifies a DWVD volume offline; see vde-verify(8)."""
import os
import sys

# Where the package vde_verify is; "make install" puts its place here
LIBRARY = os.path.dirname(os.path.realpath(__file__))

sys.dont_write_bytecode = True
sys.path.insert(0, LIBRARY)
from vde_verify.main import main  # noqa: E402

sys.exit(main())
