#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vdectl on image files with streams, without the kernel module. What format writes is
# compared with, and what check and dump read is made by, tests/streams.py: an
# implementation of its own of the format. THOROUGH=1 flips every bit instead of a sample.
#
# host: --timeout 600
set -u
# shellcheck source=tools/vde/tests/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
make -s -C "$here/.." tests/flip >&2 || exit 1

streams() { PYTHONDONTWRITEBYTECODE=1 python3 "$here/streams.py" "$@"; }

# What format writes ------------------------------------------------------------------

# formatted_is NAME SIZE REGIONS OPTION...: REGIONS as streams.py has them
formatted_is() {
	local name=$1 size=$2 regions=$3
	shift 3
	fresh "$size"
	# shellcheck disable=SC2086
	"$vdectl" format image "$@" --uuid $uuid --label ring >out 2>&1 &&
		streams compare image ring $regions
	tap $? "format writes every byte as the format says: $name"
	status_is "check finds nothing: $name" 0 "$vdectl" check --data image
}
formatted_is "one block" 112K 1:16:0 --stream 4K
formatted_is "no key" 2M 256:16:0 --stream 1M
formatted_is "every key" 2M 256:7:1 --stream 1M,growth=7,policy=stop
formatted_is "keys in another order" 2M 256:1:0 --stream 1M,policy=overwrite,growth=1
formatted_is "more growth than room" 2M 256:2147483647:0 --stream 1M,growth=2147483647
formatted_is "the rest" 1M 229:16:0 --stream rest
formatted_is "all the rest there is" 1000001 217:16:0 --stream rest
formatted_is "beside WORM regions" 4M "256:16:0 100 77:3:1 1 494:16:0" --stream 1M \
	--worm 400K --stream 308K,policy=stop,growth=3 --worm 4096 --stream rest
formatted_is "a WORM region has the rest" 4M "1:16:0 967" --stream 4K --worm rest

# 127 slots hold 42 streams and no more
many() { local i; for ((i = 0; i < $1; i++)); do echo --stream 4K; done; }
fresh 8M
# shellcheck disable=SC2046
status_is "42 streams fill 126 slots" 0 "$vdectl" format image $(many 42)
status_is "and are fine" 0 "$vdectl" check image
# shellcheck disable=SC2046
status_is "43 are refused" 2 "$vdectl" format image --force $(many 43)

fresh 4M
"$vdectl" format image --worm 4K --stream 8K,growth=2 --worm 4K --stream 1M,policy=stop >out
says "regions are numbered by kind" "  worm region 1: 4 KiB (1 blocks, 8 sectors), retention for ever"
says "format prints growth and policy" \
	"  stream region 0: 8 KiB (2 blocks, 16 sectors), growth 2 blocks, policy overwrite"
says "of each stream" \
	"  stream region 1: 1 MiB (256 blocks, 2048 sectors), growth 16 blocks, policy stop"

# What format refuses -----------------------------------------------------------------

fresh 1M
for region in "" 0 4095 "4K," 4K,growth 4K,growth= 4K,growth=0 4K,growth=-1 4K,growth=1K \
	4K,growth=2147483648 4K,growth=99999999999999999999 4K,growth=1,growth=1 \
	4K,policy 4K,policy= 4K,policy=Stop 4K,policy=wrap 4K,policy=stop,policy=stop \
	4K,retention=1d 4K,x=1 "4K, growth=1" growth=1; do
	status_is "stream '$region' is an error" 2 "$vdectl" format image --stream "$region"
done
status_is "a stream larger than the device is an error" 2 "$vdectl" format image --stream 1M
says "which says what would fit" "916 KiB of data would still fit"
status_is "so much fits" 0 "$vdectl" format image --stream 916K
fresh 1M
status_is "and no block more" 2 "$vdectl" format image --stream 920K
cmp -s image <(head -c 1M /dev/zero)
tap $? "which writes nothing"
streams closed image
status_is "a volume with streams is refused" 2 "$vdectl" format image --stream 4K
says "for its sealed data" "WORM region 0 holds 30 sealed blocks"
fresh 1M
"$vdectl" format image --stream 4K --label ring >out
status_is "streams alone are refused, too" 2 "$vdectl" format image --stream 4K
says "by the label" "label ring"
status_is "but hold no sealed data" 0 "$vdectl" format image --stream 4K --force

# Usage -------------------------------------------------------------------------------

status_is "stream --help" 0 "$vdectl" stream --help
status_is "help stream" 0 "$vdectl" help stream
status_is "stream without a verb" 2 "$vdectl" stream
status_is "stream with an unknown verb" 2 "$vdectl" stream frobnicate x
for verb in append cat tail consume reset status watch; do
	status_is "stream $verb --help" 0 "$vdectl" stream $verb --help
	says "tells the usage of $verb" "Usage: vdectl stream $verb NAME"
	status_is "stream $verb without a name" 2 "$vdectl" stream $verb
	says "sends to its help, $verb" "See 'vdectl stream $verb --help'."
	status_is "stream $verb with an unknown option" 2 "$vdectl" stream $verb x --nonsense
	status_is "stream $verb with two names too many" 2 "$vdectl" stream $verb x y z
done
status_is "consume wants to know what" 2 "$vdectl" stream consume x
status_is "and only once" 2 "$vdectl" stream consume x --all --count 1
status_is "a count is a number" 2 "$vdectl" stream consume x --count 1K
for from in "" -1 1K end 18446744073709551615; do
	status_is "position '$from'" 2 "$vdectl" stream cat x --from "$from"
	says "is no position, '$from'" "'$from' is no position"
done
for interval in "" 0 -1 1s 1e3 . 0.0001 86401 nan; do
	status_is "interval '$interval'" 2 "$vdectl" stream watch x --interval "$interval"
	says "is not a number, '$interval'" "interval '$interval' is not a number of seconds"
done
status_is "a watch without a look" 2 "$vdectl" stream watch x --count 0
printf %5000d 0 >file
status_is "append of a file with a partial block" 2 "$vdectl" stream append x file
says "says so at once" \
	"file ends with a partial block of 904 bytes, which --pad would fill with zeros: 0 blocks were appended"
status_is "append of no file" 2 "$vdectl" stream append x nothing
status_is "append of a directory" 2 "$vdectl" stream append x .
for size in 0 4097 1048577T 2097152T x; do
	status_is "attach --length $size is an error" 2 \
		"$vdectl" attach image x --stream --length $size
	says "which says so, $size" "length '$size'"
done
status_is "a WORM region's length is not free" 2 "$vdectl" attach image x --worm --length 4K
says "as is said" "a worm region has the length of its capacity"
status_is "one region is attached" 2 "$vdectl" attach image x --worm --stream

# Streams with entries ----------------------------------------------------------------

# newest FIELD...: of the newest commit of each stream
newest() {
	local field filter=
	for field in "$@"; do filter+=",.$field"; done
	"$vdectl" dump image --json | jq -c "[.regions[] | select(.kind == \"stream\") |
		.commits[] | select(.newest) | [${filter#,}]]"
}

for kind in active closed reopened far "reset active" "reset closed"; do
	# shellcheck disable=SC2086
	set -- $kind
	streams "$1" image ${2+"$2"}
	status_is "check of streams left $kind" 0 "$vdectl" check --data image
	status_is "check --json, $kind" 0 "$vdectl" check --data --json image
	json_is_valid "is JSON, $kind"
	status_is "dump --json, $kind" 0 "$vdectl" dump --json image
	json_is_valid "is JSON, too, $kind"
	status_is "dump, $kind" 0 "$vdectl" dump image
done
streams active image
status_is "check counts what streams hold" 0 "$vdectl" check image
says "in its summary" "3 region(s), 30 sealed blocks, 125 blocks in streams"
tap_is "and in JSON" "$("$vdectl" check --json image | jq .stream_blocks)" 125
tap_is "dump shows the state of streams" \
	"$(newest capacity allocated head tail entries growth policy)" \
	'[[100,100,307,207,100,16,"overwrite"],[40,40,50,25,25,7,"stop"]]'
tap_is "and that no block is imaged" "$(newest imaged clean)" "[[null,false],[null,false]]"
streams closed image
tap_is "but by a clean close" "$(newest imaged clean)" "[[0,true],[0,true]]"
streams far image
status_is "positions up to the last one" 0 "$vdectl" dump image
says "are all there" "head 9223372036854775807, tail 9223372036854775707"
streams closed image
status_is "log shows the WORM region's records" 0 "$vdectl" log image
tap_is "and no others" "$(wc -l <out)" 30

# Cut commits: legal, a note ----------------------------------------------------------

for kind in active closed lapped; do
	bad=""
	for ((sectors = 0; sectors <= 16; sectors++)); do
		streams commit_cut image $sectors $kind
		"$vdectl" check --data image >out 2>&1 || bad+=" $sectors"
	done
	tap_is "a commit that was cut is in order, $kind" "$bad" ""
done
streams commit_cut image 4
status_is "a cut commit" 0 "$vdectl" check image
says "is noted" "note: stream region 0: commit was interrupted"

# Damage ------------------------------------------------------------------------------

for what in capacity allocated negative tail too_many entries beyond growth policy; do
	streams wrong image $what
	status_is "a state that cannot be, $what" 1 "$vdectl" check image
	says "is named, $what" \
		"warning: stream region 0: stream positions contradict each other (volume block 11)"
done
for what in head tail shrunk growth policy; do
	streams history image $what
	status_is "a state that cannot follow, $what" 1 "$vdectl" check image
	says "is an error, $what" \
		"error: stream region 0: stream positions contradict each other (volume block 11)"
done
for what in future allocated padding growth; do
	streams header image $what
	status_is "a header that cannot be in place, $what" 1 "$vdectl" check image
	says "is found there, $what" "(volume block 10)"
done
streams closed image
volume edit image $((27 * 4096 + 5)) 00
status_is "nothing tells what an entry should hold" 0 "$vdectl" check --data image

# flips_found NAME IMAGE FIRST COUNT STEP
flips_found() {
	local name=$1 step=$5
	[ -z "${THOROUGH-}" ] || step=1
	"$here/flip" "$2" "$3" "$4" "$step" >out
	tap $? "every flipped bit of $name is found"
	sed -n 's/^/# missed: /p' out | head -n 20
}
fresh 2M
"$vdectl" format image --stream 400K >out # header in block 10, commit slots from 11
flips_found "a new stream's header" image 10 1 8
flips_found "its only commit" image 13 2 8
streams closed image
flips_found "a closed stream's header" image 10 1 11
flips_found "its commits" image 11 16 509
streams reopened image
flips_found "a dirty stream's header" image 10 1 11
flips_found "its commits, the header's among them" image 11 16 509

# Nothing read is trusted: no crash, whatever lies there ------------------------------

bad=""
for ((seed = 0; seed < 100; seed++)); do
	streams garbage image $seed
	for verb in "check --data" "dump --json" log "format --stream 4K"; do
		# shellcheck disable=SC2086
		timeout 20 "$vdectl" $verb image >out 2>&1
		[ $? -le 2 ] || bad+=" $seed($verb)"
	done
done
tap_is "damaged streams under valid checksums" "$bad" ""
tap_done
