# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by crash tests on the host and in a lab machine.

# excused STATUS FILE: is that all that vdectl check or vde-verify complains about, which a
# cut may leave? One block of a superblock group that is a generation behind can be a single
# bit: neither can tell that from damage, and both warn of it.
excused() {
	local problems
	[ "$1" = 1 ] && problems=$(grep -E '^(error|warning): ' "$2") || return
	[[ $problems != *$'\n'* ]] || return
	[[ $problems == "warning: superblock group is torn"* ]] && return
	[[ $problems =~ ^warning:\ (primary|mirror)\ superblock\ group:\ .*:\ generation\ is\ ([0-9]+),\ not\ ([0-9]+) ]] &&
		[ $((BASH_REMATCH[3] - BASH_REMATCH[2])) = 1 ]
}

# no_damage FILE COMMAND...: what the command says, into FILE, is excused; else it is shown
no_damage() {
	local status=0
	"${@:2}" >"$1" 2>&1 || status=$?
	[ $status = 0 ] || excused $status "$1" || { cat "$1"; return 1; }
}
