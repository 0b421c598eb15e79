# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by crash tests on the host and in a lab machine.

# excused FILE: is that all that vdectl check or vde-verify complains about, which a cut may
# leave? One block of a superblock group that is a generation behind can be a single bit:
# neither can tell that from damage, and both warn of it.
excused() {
	local problems
	problems=$(grep -E '^(error|warning): ' "$1")
	[[ $problems != *$'\n'* ]] || return
	[[ $problems == "warning: superblock group is torn"* ]] ||
		[[ $problems =~ ^warning:\ (primary|mirror)\ superblock\ group:\ [^:]*:\ generation\ is ]]
}
