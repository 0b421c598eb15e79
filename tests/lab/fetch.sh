# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages that are unpacked, not installed: from the suites of this machine, or
# from another one through package lists of our own, so that the configuration of this
# machine's apt stays as it is. Source it after lib.sh; apt checks what it downloads
# against the archive's signature.

fetch_options=()

# fetch_archive: the address of the archive that this machine uses for Debian itself
fetch_archive() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | awk -v codename="$codename" '
		$2 == codename && $3 == "main" { print $1; exit }'
}

# fetch_update: package lists may be absent (fresh image) or older than the archive. Old
# ones must do without a network; apt-get calls that a success or not, as the case may be
fetch_update() {
	say "reading package lists"
	apt-get -qq "${fetch_options[@]}" update >&2 || true
	[ -n "$(apt-get "${fetch_options[@]}" indextargets --format '$(FILENAME)' \
		'Created-By: Packages')" ] || die "cannot read the package lists"
}

# fetch_from SUITE: what the other functions use; a suite of backports with its base
fetch_from() {
	local dir=$LAB_CACHE/apt/$1 archive suite
	fetch_options=()
	[ "$1" != host ] || return 0
	mkdir -p "$dir/lists/partial"
	fetch_options=(-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir"
		-o APT::Sandbox::User=root)
	[ ! -e "$dir/sources.list" ] || return 0
	archive=$(fetch_archive)
	[ -n "$archive" ] || die "cannot tell which archive this machine uses for Debian"
	for suite in "${1%-backports}" "$1"; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
			"$archive $suite main"
	done | sort -u >"$dir/sources.list.new"
	fetch_update_new "$dir"
}

# fetch_update_new DIR: lists that were read half are no lists
fetch_update_new() {
	say "reading package lists of ${1##*/}"
	apt-get -qq "${fetch_options[@]}" -o Dir::Etc::sourcelist="$1/sources.list.new" \
		update >&2 || die "cannot read the package lists of ${1##*/}"
	mv "$1/sources.list.new" "$1/sources.list"
}

# fetch_newest PREFIX RELEASES: the newest release that has a package PREFIX-RELEASE
fetch_newest() {
	apt-cache "${fetch_options[@]}" search --names-only "^$1-$2\$" |
		sed -nE "s/^$1-([^ ]*) .*/\1/p" | sort -V | tail -n 1
}

# fetch_depends PACKAGE REGEX: those of its dependencies that match
fetch_depends() {
	apt-cache "${fetch_options[@]}" depends --no-recommends --no-suggests "$1" 2>/dev/null |
		sed -n 's/^[ |]*\(Pre\)\?Depends: //p' | grep -E "$2" || true
}

# fetch_version PACKAGE: its newest version
fetch_version() {
	apt-cache "${fetch_options[@]}" madison "$1" | awk -F' *[|] *' '{ print $2 }' |
		sort -V | tail -n 1
}

# fetch_unpack DIR PACKAGE...: downloads and unpacks them below DIR
fetch_unpack() {
	local dir=$1 file
	shift
	mkdir -p "$dir/debs"
	# apt likes to download as a user who cannot write here; what it says is no news
	(cd "$dir/debs" && apt-get -qq "${fetch_options[@]}" \
		-o APT::Sandbox::User=root download "$@" >apt.log 2>&1) ||
		{ cat "$dir/debs/apt.log" >&2; return 1; }
	for file in "$dir"/debs/*.deb; do dpkg-deb -x "$file" "$dir" || return 1; done
	rm -rf "$dir/debs"
}
