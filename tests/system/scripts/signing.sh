#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# signing.sh ceremony|token|refusals: has module-signing sign for a fleet, with keys in files (ceremony) or in a token,
# or tries what it must refuse. In place of a module there is the beginning of one: who signs looks no further.
#
# Exit codes: 0 as it should be; 1 otherwise, and the last lines say what.

# shellcheck disable=SC3043 # local is in every sh that Debian and Fedora have

set -eu
umask 077

PATH=/mnt/tree/signing:$PATH
dir=$(mktemp -d)
cd "$dir"

# fail LINE...: ends the script, with these lines.
fail() {
	printf '%s\n' "$@"
	exit 1
}

# module TEXT: prints what begins as a module does and goes on with TEXT.
module() {
	printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\1\0\76\0%s' "$1"
}

# refuses CODE TEXT COMMAND...: the command must end with CODE, with one line that contains TEXT on standard error, and
# nothing on standard output.
refuses() {
	local code=0 expected="$1" text="$2" said
	shift 2
	"$@" >stdout 2>stderr <input || code=$?
	said=$(cat stderr)
	[ "$code" = "$expected" ] || fail "$*: exit code $code, not $expected:" "$said"
	[ "$(wc -l <stderr)" = 1 ] || fail "$*: not one line:" "$said"
	case $said in
	"module-signing: "*"$text"*) ;;
	*) fail "$*: not '$text':" "$said" ;;
	esac
	[ ! -s stdout ] || fail "$*: printed something"
}

# contains TEXT FILE
contains() {
	grep -q -e "$1" "$2" || fail "$2: not '$1':" "$(cat "$2")"
}

# release DIR OPTION...: makes the key of a release, which the CA in the directory ca certifies. The options are for the
# CA.
release() {
	local name="$1"
	shift
	module-signing request "$name" "$name" >told
	module-signing issue ca "$name/request.csr" "$@" >"$name/certificate.pem" 2>issued
	contains "$(sed -n 's/^the SHA-256 of the public key: //p' told)" issued
}

# check_signed MODULE DIGEST: looks at a signed module without module-signing: what the kernel's struct
# module_signature says, and what openssl says of the signature.
check_signed() {
	local size length
	size=$(wc -c <"$1")
	[ "$(tail -c 28 "$1")" = '~Module signature appended~' ] || fail "$1 ends otherwise"
	[ "$(tail -c 40 "$1" | od -An -tx1 -N8)" = ' 00 00 02 00 00 00 00 00' ] || fail "$1 has another type"
	length=$((0x$(tail -c 32 "$1" | od -An -tx1 -N4 | tr -d ' ')))
	head -c $((size - 40 - length)) "$1" | cmp - input
	tail -c $((40 + length)) "$1" | head -c "$length" >cms
	openssl cms -verify -binary -inform DER -in cms -content input -CAfile ca/ca.pem -no-CApath -no-CAstore \
		-purpose codesign -out /dev/null 2>log || fail "$1:" "$(cat log)"
	openssl cms -cmsout -print -inform DER -in cms >text
	contains "algorithm: $2 " text
	[ "$(grep -A1 ' signedAttrs:' text | grep -c '<ABSENT>')" = 1 ] || fail "$1 has attributes"
}

ceremony() {
	local digest
	module-signing ca ca 'Example fleet' --passphrase-file passphrase >told
	contains "SHA1 fingerprint: $(openssl x509 -in ca/ca.der -noout -fingerprint -sha1 | sed 's/.*=//')" told
	contains 'BEGIN ENCRYPTED PRIVATE KEY' ca/key.pem
	openssl x509 -in ca/ca.der -noout -text >text
	contains 'Public-Key: (4096 bit)' text
	# What kernels demand for their keyring .machine, and what keeps shim from booting by it.
	contains 'CA:TRUE, pathlen:0' text
	contains '^ *Certificate Sign, CRL Sign$' text
	contains '^ *Code Signing, 1\.3\.6\.1\.4\.1\.2312\.16\.1\.2$' text
	contains 'Subject Key Identifier' text

	release one --passphrase-file passphrase
	release two --passphrase-file passphrase
	openssl x509 -in one/certificate.pem -noout -text >text
	contains 'CA:FALSE' text
	contains '^ *Digital Signature$' text
	contains '^ *Code Signing$' text
	contains 'Authority Key Identifier' text
	[ "$(find ca/issued -type f | wc -l)" = 2 ] || fail "the CA has not kept what it has issued"
	find . \( -name 'key.*' -o -type d \) -perm /077 >others
	[ ! -s others ] || fail "others can read:" "$(cat others)"

	for digest in sha256 sha384 sha512; do
		module-signing sign one --digest "$digest" <input >signature
		cp input one.ko
		chmod 640 one.ko
		module-signing attach one.ko signature
		[ "$(stat -c %a one.ko)" = 640 ] || fail "attach has changed the mode"
		check_signed one.ko "$digest"
	done
	module-signing sign two <input >signature
	cp input two.ko
	module-signing attach two.ko signature
	check_signed two.ko sha256
	gzip -k two.ko
	for module in two.ko two.ko.gz; do
		module-signing verify "$module" ca/ca.pem >told
		contains "^$module: signed by CN=two, .*; CN=Example fleet vouches" told
	done

	# A request gets neither what it asks for nor a name that it cannot prove.
	openssl req -new -newkey rsa:2048 -nodes -keyout sly.pem -subj /CN=sly -addext basicConstraints=critical,CA:TRUE \
		-out sly.csr 2>log
	module-signing issue ca sly.csr --passphrase-file passphrase >sly.crt 2>told
	openssl x509 -in sly.crt -noout -text >text
	contains 'CA:FALSE' text
	! grep -q 'CA:TRUE' text || fail "a request has made a CA"
}

token() {
	local driver=/usr/lib/softhsm/libsofthsm2.so module
	cat >openssl.cnf <<-END
		openssl_conf = init
		[init]
		providers = providers
		[providers]
		default = software
		pkcs11 = token
		[software]
		activate = 1
		[token]
		pkcs11-module-path = $driver
		pkcs11-module-quirks = no-deinit
		activate = 1
	END
	mkdir tokens
	echo "directories.tokendir = $dir/tokens" >softhsm2.conf
	export SOFTHSM2_CONF="$dir/softhsm2.conf"
	echo 1234 >pin
	echo 4321 >wrong
	softhsm2-util --init-token --free --label fleet --so-pin 5678 --pin 1234
	for key in ca:rsa:4096 one:rsa:3072 two:EC:prime256v1; do
		pkcs11-tool --module "$driver" --login --pin 1234 --token-label fleet --keypairgen \
			--key-type "${key#*:}" --label "${key%%:*}" --id "$(printf %s "${key%%:*}" | od -An -tx1 | tr -d ' ')"
	done
	refuses 1 'cannot reach the token; to fix: name its driver' \
		module-signing ca ca 'Example fleet' --key 'pkcs11:token=fleet;object=ca' --passphrase-file pin
	export OPENSSL_CONF="$dir/openssl.cnf"
	refuses 2 'a PIN must not be on a command line' \
		module-signing ca ca 'Example fleet' --key 'pkcs11:token=fleet;object=ca?pin-value=1234'
	module-signing ca ca 'Example fleet' --key 'pkcs11:token=fleet;object=ca' --passphrase-file pin
	for name in one two; do
		module-signing request "$name" "$name" --key "pkcs11:token=fleet;object=$name" --passphrase-file pin
		module-signing issue ca "$name/request.csr" --passphrase-file pin >"$name/certificate.pem"
		module-signing sign "$name" --passphrase-file pin <input >signature
		cp input "$name.ko"
		module-signing attach "$name.ko" signature
		check_signed "$name.ko" sha256
		module-signing verify "$name.ko" ca/ca.der
		refuses 1 'openssl cms failed' module-signing sign "$name" --passphrase-file wrong
	done
	! grep -rl 'PRIVATE KEY' ca one two || fail "a key has left the token"
}

refusals() {
	module-signing ca ca 'Example fleet' --passphrase-file passphrase
	module-signing ca other 'Other fleet' --passphrase-file passphrase
	release one --passphrase-file passphrase
	module-signing sign one <input >signature
	cp input one.ko
	module-signing attach one.ko signature

	# Keys that others can read or replace, or that would be published.
	chmod 640 one/key.pem
	refuses 1 "others can read $dir/one/key.pem; to fix: chmod go= $dir/one/key.pem" module-signing sign one
	chmod 600 one/key.pem
	chmod 755 one
	refuses 1 "others can read $dir/one; to fix: chmod go= $dir/one" module-signing sign one
	chmod 700 one
	chown 1234 one/key.pem
	refuses 1 "; to fix: chown root: $dir/one/key.pem" module-signing sign one
	chown 0 one/key.pem
	mkdir place
	mv one place
	chmod 777 place
	refuses 1 "others can write to $dir/place" module-signing sign place/one
	chmod 755 place
	chown 1234 place
	refuses 1 "$dir/place, where $dir/place/one is, belongs to" module-signing sign place/one
	chown 0 place
	for mark in .git .hg .svn; do
		mkdir "place/$mark"
		refuses 1 "in a tree of version control, as $dir/place/$mark shows" module-signing sign place/one
		refuses 1 "in a tree of version control" module-signing request place/new/two two
		refuses 1 "in a tree of version control" module-signing ca place two --passphrase-file passphrase
		[ ! -e place/new ] || fail "it has begun all the same"
		rmdir "place/$mark"
	done
	mv place/one .
	# A work tree of git has a file.
	touch one/.git
	refuses 1 "in a tree of version control" module-signing sign one
	rm one/.git
	chmod 644 passphrase
	refuses 1 "others can read $dir/passphrase" module-signing issue ca one/request.csr --passphrase-file passphrase
	chmod 600 passphrase
	refuses 1 'one has a key already' module-signing request one one
	refuses 1 'ca has a key already' module-signing ca ca ca --passphrase-file passphrase
	refuses 1 'one is not the directory of a CA' module-signing issue one one/request.csr
	refuses 1 'ca has the key of a CA' module-signing sign ca

	# Requests.
	openssl req -in one/request.csr -outform DER | sed 's/one/two/' | openssl req -inform DER -out changed.csr
	refuses 1 'the signature of changed.csr is bad' module-signing issue ca changed.csr --passphrase-file passphrase
	openssl req -new -newkey ed25519 -nodes -keyout key -subj /CN=x -out unknown.csr 2>log
	refuses 1 'kernels cannot use the key in unknown.csr' module-signing issue ca unknown.csr --passphrase-file passphrase
	openssl req -new -newkey rsa:1024 -nodes -keyout key -subj /CN=x -out weak.csr 2>log
	refuses 1 'kernels cannot use the key in weak.csr' module-signing issue ca weak.csr --passphrase-file passphrase
	openssl req -new -newkey rsa:2048 -nodes -keyout key -subj '/CN=Example fleet' -out ca.csr 2>log
	refuses 1 'ca.csr asks for the name of the CA itself' module-signing issue ca ca.csr --passphrase-file passphrase

	# Modules.
	mv input unsigned
	cp one.ko input
	refuses 1 'standard input is signed already' module-signing sign one
	echo text >input
	refuses 1 'standard input is no kernel module' module-signing sign one
	mv unsigned input
	refuses 1 'one.ko is signed already' module-signing attach one.ko signature
	module other >other.ko
	cp other.ko before
	refuses 1 'signature does not belong to these bytes' module-signing attach other.ko signature
	refuses 1 'passphrase is no signature' module-signing attach other.ko passphrase
	cp input attributes.ko
	openssl cms -sign -binary -outform DER -signer one/certificate.pem -inkey one/key.pem -in input -out attributes
	refuses 1 'attributes has signed attributes' module-signing attach attributes.ko attributes
	openssl cms -sign -binary -noattr -nocerts -outform DER -signer one/certificate.pem -inkey one/key.pem -in input -out bare
	refuses 1 'bare lacks the certificate of its signer' module-signing attach attributes.ko bare
	cmp other.ko before
	cmp attributes.ko input
	refuses 1 'other.ko is not signed' module-signing verify other.ko ca/ca.pem
	refuses 1 'one.ko is signed by CN=one, for whom CN=Other fleet does not vouch' \
		module-signing verify one.ko other/ca.pem
	printf x | dd of=one.ko bs=1 seek=22 conv=notrunc status=none
	refuses 1 'the signature in one.ko does not belong to these bytes' module-signing verify one.ko ca/ca.pem

	# Certificates.
	release old --passphrase-file passphrase --days 0
	sleep 1
	refuses 1 'old/certificate.pem has expired' module-signing sign old
	cp ca/ca.pem old/certificate.pem
	refuses 1 'old/certificate.pem is not for signing code' module-signing sign old
	cp one/certificate.pem old/certificate.pem
	refuses 1 'key values mismatch' module-signing sign old

	# Usage.
	refuses 2 'no such command: sing' module-signing sing one
	refuses 2 'sign has not got its arguments' module-signing sign
	refuses 2 'one argument too many: c' module-signing attach a b c
	refuses 2 'no such option: --force' module-signing sign one --force
	refuses 2 '--digest takes sha256, sha384 or sha512, not md5' module-signing sign one --digest md5
	refuses 2 '--key takes pkcs11:URI' module-signing request three three --key one/key.pem
	refuses 2 'is no name for a certificate' module-signing request three 'a/b=c'
	[ ! -e three ] || fail "it has begun all the same"
}

echo passphrase >passphrase
module 'a module' >input
"$1"
