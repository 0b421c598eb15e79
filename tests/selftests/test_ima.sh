#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What IMA keeps of tables, in a kernel that was told to measure device-mapper: each table of
# a region with its options, the one that takes its place, and which is in use. Only stock
# kernels have IMA. Nothing here clears a table or renames a device: with IMA that corrupts
# memory on some kernels.
#
# only: stock-*
# lab: --disk 8M --arg ima_policy=critical_data --timeout 200
set -u
. "$(dirname "$0")/lib.sh"
any_kernel=1
. tests/selftests/vault.sh
. tests/selftests/stream.sh

blocks=512
sectors=$((blocks * 8))
log=/sys/kernel/security/integrity/ima/ascii_runtime_measurements

# Of device-mapper, a line each: EVENT DIGEST TEXT
measured() {
	local digest event text
	while read -r _ _ _ digest event text; do
		[[ $event != dm_* ]] || echo "$event $digest $(xxd -r -p <<<"$text")"
	done <$log
}

# last EVENT: the newest one of that kind
last() { measured | grep "^$1 " | tail -n 1; }

# its_target: what that tells of the only target of a table
its_target() { sed -n 's/.*,target_len=[0-9]*,//p'; }

# of_region SYNC NO_VERIFY_READS: what the target says
of_region() {
	echo "target_name=vde,target_version=1.0.0,device=$disk,kind=worm,region_uuid=$region,\
region=0,uuid=-,reorder_ms=100,max_inflight=8388608,commit_ms=1000,sync=$1,\
no_verify_reads=$2,on_corruption=error;"
}

# in_use NAME: is the table that was loaded last?
in_use() {
	local digest
	read -r _ digest _ < <(last dm_table_load)
	[[ $(last dm_device_resume) == *"name=w,"*";active_table_hash=$digest;"* ]]
	tap $? "$1: the resume tells that it is in use"
}

region_tables() {
	attach w "$LAB_DISK0" $blocks sync
	region=$(region_uuid w)
	tap_is "a region's table, with its options" "$(last dm_table_load | its_target)" \
		"$(of_region y n)"
	in_use "a region's table"
	live "$(table "$LAB_DISK0" $blocks no_verify_reads)"
	tap_is "one that turns verification off" "$(last dm_table_load | its_target)" \
		"$(of_region n y)"
	in_use "one that turns verification off"
}

another_in_its_place() {
	local before
	live "0 $sectors linear $LAB_DISK0 80"
	[[ $(last dm_table_load) == *"name=w,"*",target_name=linear,"*"$disk"* ]]
	tap $? "a linear table in the region's place"
	in_use "a linear table in the region's place"
	before=$(measured | wc -l)
	live "$(table "$LAB_DISK0" $blocks no_verify_reads)"
	live "0 $sectors linear $LAB_DISK0 80"
	tap_is "what is the same as before is not kept again" "$(measured | wc -l)" "$before"
	detach w
	[[ $(last dm_device_remove) == *"name=w,"* ]]
	tap $? "the removal"
}

other_kinds() {
	make_issuer
	attach_stream r "$LAB_DISK0"
	[[ $(last dm_table_load | its_target) == target_name=vde,*,kind=stream,* ]]
	tap $? "a stream's table"
	detach r
	attach_vault v "$LAB_DISK0" 10
	[[ $(last dm_table_load | its_target) == *,kind=vault,*"issuer_key=$point"* ]]
	tap $? "a vault's table, with the issuer's key"
	detach v
}

must mount -t securityfs securityfs /sys/kernel/security
must vdectl format "$LAB_DISK0" --worm $((blocks * 4096)) --stream 409600 --vault 40960 >/dev/null
disk=$(mountpoint -x "$LAB_DISK0")
region_tables
another_in_its_place
other_kinds
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done
