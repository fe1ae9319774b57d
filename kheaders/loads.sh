# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Whether a kernel would load a module that was built before, maybe elsewhere. It needs the kernel's headers, but no Rust.
# Sourced by rust-kheaders.

# copy_module FILE DIR: copies the module FILE, unpacked, to DIR.
copy_module() {
	local copy command
	[ -f "$1" ] || stop "$misused" "no such module: $1"
	[ -r "$1" ] || stop "$misused" "cannot read $1"
	copy=${1##*/}
	copy=$2/${copy%%.ko*}.ko
	[ ! -e "$copy" ] || stop "$misused" "two modules of one name: ${copy##*/}"
	case $(od -An -t x1 -N 4 "$1") in
	' 7f 45 4c 46') command=cat ;;
	' fd 37 7a 58') command=xz ;;
	' 28 b5 2f fd') command=zstd ;;
	' 1f 8b'*) command=gzip ;;
	*) stop "$misused" "$1 is no kernel module" ;;
	esac
	command -v "$command" >/dev/null || stop "$needs" "needs $command to unpack $1" "$(fix_command "$command")"
	if [ "$command" = cat ]; then
		cp "$1" "$copy"
	else
		"$command" -dc <"$1" >"$copy" 2>/dev/null
	fi || stop "$failed" "$1 cannot be unpacked"
	[ -n "$(modinfo -F vermagic "$copy" 2>/dev/null)" ] || stop "$misused" "$1 is no kernel module"
}

# kernel_magic DIR: prints what the kernel compares a module's vermagic with: what its own headers say, compiled in DIR.
kernel_magic() {
	mkdir "$1"
	echo 'obj-m := magic.o' >"$1/Kbuild"
	printf '%s\n' '#define INCLUDE_VERMAGIC' '#include <linux/vermagic.h>' 'magic VERMAGIC_STRING' >"$1/magic.c"
	# shellcheck disable=SC2046 # no word or one
	PATH=$PATH:${cc%/*} make -s -C "$headers" $(llvm_argument) M="$1" magic.i >"$1/log" 2>&1 ||
		stop "$failed" "the headers are damaged: nothing can be compiled with $headers$(first_error "$1/log")" \
			"$(fix_damage "$headers/Makefile")"
	# Literals side by side are one.
	sed -n 's/" *"//g; s/^magic "\(.*\)"$/\1/p' "$1/magic.i"
}

# refusals MODULE MAGIC: prints why the kernel, whose own vermagic is MAGIC, would not load MODULE, one reason a line.
refusals() {
	local found
	found=$(different_magic "$1" "$2")
	[ -z "$found" ] || echo "its vermagic is '$found', and the kernel's is '${2% }'"
	found=$(repeated_sections "$1")
	[ -z "$found" ] || echo "it has more than one section $found, and the kernel takes one"
	[ "$(config MODULE_SIG_FORCE)" != y ] || is_signed "$1" ||
		echo "it is not signed, and the kernel takes no others (CONFIG_MODULE_SIG_FORCE)"
	[ "$(config MODVERSIONS)" != y ] || [ -n "$(checksums "$1")" ] ||
		echo "it has no checksums of the symbols that it needs, and the kernel compares these (CONFIG_MODVERSIONS)"
	missing_symbols "$1"
}

# different_magic MODULE MAGIC: prints the vermagic of MODULE unless the kernel takes it: see same_magic() in
# kernel/module/version.c. Where both have the table of checksums, that stands for the release.
different_magic() {
	local built kernel=$2
	built=$(modinfo -F vermagic "$1")
	set -- "$1" "${built% }" "${kernel% }"
	if [ "$(config MODVERSIONS)" = y ] && readelf -SW "$1" | grep -q ' __versions '; then
		[ "${2#* }" != "${3#* }" ] || return 0
	else
		[ "$2" != "$3" ] || return 0
	fi
	printf '%s\n' "$2"
}

is_signed() {
	[ "$(tail -c 28 "$1")" = '~Module signature appended~' ]
}

# checksums MODULE: prints each symbol that MODULE has a checksum of, and the checksum, with a tab between them. Names
# that are too long for the old table, as Rust's are, are in the new one.
checksums() {
	local dir=${1%/*}
	modprobe --dump-modversions "$1" 2>/dev/null | awk '{ print $2 "\t" $1 }'
	objcopy --dump-section "__version_ext_crcs=$dir/crcs" --dump-section "__version_ext_names=$dir/names" "$1" /dev/null 2>/dev/null
	[ -s "$dir/crcs" ] && [ -s "$dir/names" ] || return 0
	od -An -v -t x4 -w4 "$dir/crcs" | tr -d ' ' | sed 's/^/0x/' >"$dir/crcs.txt"
	tr '\0' '\n' <"$dir/names" | paste - "$dir/crcs.txt" | grep '^[^	]'
	rm "$dir/crcs" "$dir/names" "$dir/crcs.txt"
}

# exports MODULE...: prints the symbols that these export.
exports() {
	local module
	for module; do
		readelf -sW "$module" | sed -n 's/^.* __ksymtab_\([^ ]*\)$/\1/p'
	done
}

# demangled: copies lines, with Rust's symbols as people have written them. Hashes stay in brackets.
demangled() {
	if command -v c++filt >/dev/null; then
		c++filt
	else
		cat
	fi
}

# missing_symbols MODULE: prints which symbols MODULE needs that the kernel would not let it have, and why. The modules
# beside it may have them.
missing_symbols() {
	local license dir=${1%/*}
	license=$(modinfo -F license "$1" | head -n 1)
	imports "$1" >"$dir/imports"
	{
		awk -F '\t' '{ print "kernel\t" $2 "\t" $1 "\t" $4 "\t" $5 }' "$headers/Module.symvers"
		{
			exports "$dir"/*.ko
			sed -n 's/^alias symbol:\([^ ]*\) .*/\1/p' "/lib/modules/$release/modules.symbols" 2>/dev/null
		} | sed 's/^/module\t/'
		modinfo -F import_ns "$1" | sed 's/^/namespace\t/'
		[ "$(config MODVERSIONS)" != y ] || checksums "$1" | sed 's/^/checksum\t/'
		demangled <"$dir/imports" | paste "$dir/imports" - | sed 's/^/needed\t/'
	} | awk -F '\t' -v license="${license:-none}" -v module="$(basename "$1" .ko)" \
		-v lenient="$(config MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS)" '
		# A symbol of Rust without the hashes of its crates, which depend on the compiler and on the sources.
		function without_hashes(symbol) {
			gsub(/Cs[0-9A-Za-z]+_/, "C", symbol)
			return symbol
		}
		# The crate that such a symbol names first: its length comes before it.
		function crate(symbol) {
			match(symbol, /Cs[0-9A-Za-z]+_/)
			symbol = substr(symbol, RSTART + RLENGTH)
			match(symbol, /^[0-9]+_?/)
			return substr(symbol, RLENGTH + 1, symbol + 0)
		}
		function shown(symbol, name) {
			gsub(/\[[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]+\]/, "", name)
			return name == symbol ? symbol : name " (" symbol ")"
		}
		# Symbols that are missing for one reason make one line.
		function keep(reason, name) {
			if (!count[reason]++)
				first[reason] = name
		}
		# To the kernel, - and _ are the same in the name of a module.
		function is_for_us(namespace, names, i, n) {
			sub(/^module:/, "", namespace)
			gsub(/-/, "_", namespace)
			gsub(/-/, "_", module)
			n = split(namespace, names, ",")
			for (i = 1; i <= n; i++)
				if (names[i] == module || sub(/\*$/, "", names[i]) && index(module, names[i]) == 1)
					return 1
			return 0
		}
		$1 == "kernel" {
			crc[$2] = $3
			type[$2] = $4
			space[$2] = $5
			if ($2 ~ /^_R/) {
				rust = 1
				hashed[without_hashes($2)]
			}
			next
		}
		$1 == "module" { elsewhere[$2]; next }
		$1 == "namespace" { imported[$2]; next }
		$1 == "checksum" {
			built[$2] = $3
			if ($2 == "module_layout" && $2 in crc && crc[$2] != $3)
				print "it was built for a kernel that has another struct module: the checksum of module_layout differs"
			next
		}
		!($2 in type) && $2 in elsewhere { next }
		!($2 in type) && $2 ~ /^_R/ && !rust {
			keep("rust", shown($2, $3))
			next
		}
		{ needs = "it needs " shown($2, $3) }
		!($2 in type) && $2 ~ /^_R/ {
			print needs (without_hashes($2) in hashed ? ", and the kernel has another hash of the crate " crate($2) \
				": the module was built with metadata of other sources or of another rustc" : \
				", and the kernel exports nothing of that name of the crate " crate($2))
			next
		}
		!($2 in type) { print needs ", and the kernel exports nothing of that name"; next }
		type[$2] ~ /_GPL$/ && license !~ /^(GPL|GPL v2|GPL and additional rights|Dual (BSD|MIT|MPL)\/GPL)$/ {
			keep("license", shown($2, $3))
			next
		}
		space[$2] ~ /^module:/ && !is_for_us(space[$2]) {
			print needs ", and the kernel exports it to other modules only: " substr(space[$2], 8)
		}
		space[$2] != "" && space[$2] !~ /^module:/ && !(space[$2] in imported) && lenient != "y" {
			keep("namespace " space[$2], shown($2, $3))
		}
		$2 in built && built[$2] != crc[$2] {
			print needs ", and the kernel has another version of it: the checksum is " crc[$2] ", not " built[$2]
		}
		END {
			for (reason in count) {
				needs = "it needs " first[reason] (count[reason] > 1 ? " and " count[reason] - 1 " more" : "")
				if (reason == "rust")
					print needs ", and the kernel exports no symbols of Rust (CONFIG_RUST is off)"
				else if (reason == "license")
					print needs ", and the kernel exports that to modules under the GPL only: the license of this one is " license
				else
					print needs ", and it does not import the " reason
			}
		}'
	rm "$dir/imports"
}
