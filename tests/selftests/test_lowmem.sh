#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Appends, verified reads and scrubs make progress in a machine short of memory, whose
# page cache is full of dirty data of the same device.
#
# A kernel that checks itself does not even boot with so little.
# only: uml-6.12
# lab: --mem 128M --disk 400M --timeout 150
set -u
. "$(dirname "$0")/lib.sh"
. tests/selftests/scrub.sh

buffered=61440 # 240 MiB, twice the memory
direct=20480

memory() { sed -n "s/^$1: *\([0-9]*\) kB/\1/p" /proc/meminfo; }

# fill_memory: leaves little of what can be freed, most of that for dirty pages
fill_memory() {
	local spare
	spare=$(($(memory MemAvailable) - 45000))
	[ $spare -gt 0 ] || bail "only $(memory MemAvailable) kB available"
	dd if=/dev/zero of=/run/ballast bs=1k count=$spare status=none || bail "ballast"
	echo 80 >/proc/sys/vm/dirty_ratio
	echo 60 >/proc/sys/vm/dirty_background_ratio
	echo "# available: $(memory MemAvailable) kB"
}

# most_dirty: the highest amount of dirty data seen while the process runs
most_dirty() {
	local most=0 now
	while kill -0 "$1" 2>/dev/null; do
		now=$(($(memory Dirty) + $(memory Writeback)))
		[ $now -le $most ] || most=$now
		sleep 0.05
	done
	echo $most
}

# write_buffered: through the page cache and one open file, flushed at the end
write_buffered() {
	local at words=()
	for ((at = 0; at < buffered; at += 256)); do words+=("write:$at:256:1"); done
	io w buffered "${words[@]}" fsync
}

format "$LAB_DISK0" $buffered $direct
attach w "$LAB_DISK0" $buffered
attach d "$LAB_DISK0" $direct region=1
fill_memory
write_buffered >/run/written &
writer=$!
appender /dev/mapper/d 0 $direct 2 64 8 >/run/appended &
appender=$!
reader /dev/mapper/d follow 0 $direct 2 >/run/followed &
reader=$!
dirty=$(most_dirty $writer)
wait $appender
kill $reader
wait
echo "# dirty at most: $dirty kB"
[ "$dirty" -gt 15000 ]
tap $? "the page cache was full of dirty data"
all_ok </run/written
tap $? "240 MiB written through the page cache, flushed"
tap_is "80 MiB appended directly meanwhile" "$(cat /run/appended)" \
	"acked=$direct eio=0 other=OK"
grep -qx 'reads=[1-9][0-9]* OK' /run/followed
tap $? "and read, verified: $(cat /run/followed)"
tap_is "nothing was refused" "$(status w refused) $(status d refused)" "0 0 0 0 0 0 0 0"
tap_is "the marks" "$(status w hwm) $(status d hwm)" "$buffered $direct"
echo 3 >/proc/sys/vm/drop_caches
tap_is "what was written is read back" \
	"$(io w direct read:0:$buffered:1) $(io d direct read:0:$direct:2)" "OK OK"
scrub
tap_is "and scrubbed" "$(tells state position corrupted)" "3 $buffered 0"
tap_is "nothing was taken for damage" "$(status w corrupt) $(status d corrupt)" "0 0"
detach w
detach d
is_sound "$LAB_DISK0"
tap $? "vdectl finds nothing wrong"
tap_done
