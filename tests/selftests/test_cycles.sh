#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A thousand devices made and removed leave nothing behind, and the module can go.
#
# lab: --timeout 120 --arg slab_nomerge
set -u
. "$(dirname "$0")/lib.sh"

blocks=1024

# objects CACHE: how many the slab holds once free ones were given back
objects() {
	echo 1 >"/sys/kernel/slab/$1/shrink"
	awk -v cache="$1" '$1 == cache { print $3 }' /proc/slabinfo
}

is_gone() { ! grep -q '^dm_vde ' /proc/modules; }

# workqueues: rescuers of ours that are still there; before Linux 6.9 they bear the bare name
workqueues() { pgrep -c "^(kworker/R-)?vde_"; }

cycles=1000
[ -z "${LAB_SHORT-}" ] || cycles=100

null_disk fast 8
format /dev/fast $blocks
tap_is "before: the cache of windows is the module's own, and empty" "$(objects vde_window)" 0
tap_is "$cycles times: create, append, remove" \
	"$(dmcycle w $((blocks * 8)) /dev/fast $cycles 2>&1)" "$cycles cycles"
tap_is "no window is left" "$(objects vde_window)" 0
is_sound /dev/fast
tap $? "vdectl finds nothing wrong"
attach w /dev/fast $blocks
tap_is "each append is there" "$(status w hwm) $(io w direct read:0:$cycles:1)" "$cycles OK"
[ "$(workqueues)" -gt 0 ]
tap $? "an active device has threads"
rmmod dm_vde 2>/dev/null
tap_is "the module stays while a device is active" $? 1
detach w
# Tables that never went live
for i in 1 2 3; do
	must dmsetup create t$i --notable
	must dmsetup load t$i --table "$(table /dev/fast $blocks)"
	! dmsetup load t$i --table "$(table /dev/fast $blocks nonsense)" 2>/dev/null ||
		bail "nonsense was loaded"
	must dmsetup remove t$i
done
tap_is "after tables that never went live, neither" "$(objects vde_window)" 0
rmmod dm_vde
tap_is "then the module can be removed" $? 0
is_gone
tap $? "and is gone"
[ ! -e /sys/kernel/slab/vde_window ]
tap $? "with its cache"
tap_is "and all its threads" "$(workqueues)" 0
dmsetup targets | grep -q '^vde'
tap_is "and its target" $? 1
tap_done
