# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Shared by the selftests and the crash tests: what is where in a machine, and keys.

# Debian's 6.1 has none; what a vault is there, test_vault_unverifiable.sh asks
has_ecdsa() { grep -q '^name *: ecdsa-nist-p256' /proc/crypto; }

# char_node NAME: its character device, found without starting a process
char_node() {
	local file name
	for file in /sys/block/dm-*/dm/name; do
		read -r name <"$file" && [ "$name" = "$1" ] || continue
		file=${file%/dm/name}
		echo "/dev/vde/${file##*/}"
	done
}

# region_uuid NAME: of an active region
region_uuid() { cat "/sys/class/vde/$(basename "$(char_node "$1")")/uuid"; }

# make_key FILE [CURVE]: a private key, on P-256 unless another curve is named
make_key() { openssl ecparam -name "${2:-prime256v1}" -genkey -noout -out "$1"; }
