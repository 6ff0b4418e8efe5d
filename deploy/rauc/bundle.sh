#!/bin/sh
# Makes an update bundle from a root file system: ./dev bundle
set -eu

usage() {
    cat <<'END'
usage: ./dev bundle [OPTION ...] ROOT BUNDLE

Packs ROOT, the squashfs or ext4 image of a root file system (`./dev image` leaves one beside the disk image), into a
signed RAUC bundle. What it is for and its version stand in the root itself: IMAGE_ID and IMAGE_VERSION in os-release.

  --key FILE           the key that signs it (PEM, or a PKCS#11 address)
  --cert FILE          its certificate, which leads to one in the stations' keyring
  --intermediate FILE  a certificate between the two
  --keyring FILE       the stations' keyring: the bundle is checked against it once it is made

Without a key, one for development is made and kept in ~/.local/share/chargepoint; its certificate is no station's but
those whose keyring you put it into. docs/updating.md tells how to make keys for stations that are sold.
END
}

give_up() {
    printf 'dev bundle: %s\n' "$@" >&2
    exit 1
}

key='' cert='' intermediate='' keyring=''
while [ $# -gt 0 ]; do
    case $1 in
    --key | --cert | --intermediate | --keyring)
        [ $# -gt 1 ] || give_up "$1 what?"
        eval "${1#--}=\$2"
        shift
        ;;
    -h | --help) usage && exit 0 ;;
    -*) give_up "$1 is no option." "$(usage)" ;;
    *) break ;;
    esac
    shift
done
[ $# -eq 2 ] || { usage >&2 && exit 2; }
image=$1 bundle=$2

for program in rauc:rauc openssl:openssl mksquashfs:squashfs-tools; do
    command -v "${program%%:*}" >/dev/null || give_up "${program%%:*} is needed: sudo apt-get install ${program##*:}"
done
[ -f "$image" ] || give_up "$image is not a file."
[ -n "$key" ] && [ -z "$cert" ] && give_up "--key wants --cert, the certificate of that key."
[ -n "$cert" ] && [ -z "$key" ] && give_up "--cert wants --key, the key of that certificate."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- what is in it ----------------------------------------------------------------------------------------------------

# file PATH: a file of the root.
file() {
    case $(head -c 4 "$image") in
    hsqs) unsquashfs -cat "$image" "$1" 2>/dev/null ;;
    *) debugfs -R "cat $1" "$image" 2>/dev/null ;;
    esac
}

told() {
    sed -n "s/^$1=[\"']\\{0,1\\}\\([^\"']*\\).*/\\1/p" "$work/os-release" | tail -n 1
}

for place in usr/lib/os-release etc/os-release; do
    file "$place" >"$work/os-release" || :
    [ -z "$(told IMAGE_VERSION)" ] || break
done
compatible=$(told IMAGE_ID) version=$(told IMAGE_VERSION)
if [ -z "$compatible" ] || [ -z "$version" ]; then
    give_up "$image does not say what it is: IMAGE_ID= and IMAGE_VERSION= are missing in its os-release." \
        "Is it the root file system (FILE.squashfs), and not the whole disk image?"
fi

# --- who signs it -----------------------------------------------------------------------------------------------------

make_development_key() {
    folder=${XDG_DATA_HOME:-$HOME/.local/share}/chargepoint
    key=$folder/development.key cert=$folder/development.pem
    if [ ! -e "$key" ] || [ ! -e "$cert" ]; then
        mkdir -p "$folder"
        (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$key")
        openssl req -x509 -new -key "$key" -out "$cert" -days 3650 \
            -subj "/CN=development of $(id -un) on $(uname -n): not for stations that are sold" >/dev/null 2>&1
    fi
    printf 'dev bundle: %s\n' "signed with a key for development. Stations take it whose keyring is $cert." >&2
}

[ -n "$key" ] || make_development_key

# --- made -------------------------------------------------------------------------------------------------------------

mkdir "$work/content"
ln "$image" "$work/content/rootfs.img" 2>/dev/null || cp "$image" "$work/content/rootfs.img"
cat >"$work/content/manifest.raucm" <<END
[update]
compatible=$compatible
version=$version

[bundle]
format=verity

[image.rootfs]
filename=rootfs.img
END

rauc --cert="$cert" --key="$key" ${intermediate:+--intermediate="$intermediate"} \
    bundle "$work/content" "$work/bundle" >"$work/log" 2>&1 || give_up "$(tail -n 3 "$work/log")"
if [ -n "$keyring" ]; then
    rauc --keyring="$keyring" info "$work/bundle" >"$work/log" 2>&1 ||
        give_up "stations with this keyring will not take it: $(tail -n 1 "$work/log")"
fi
mv "$work/bundle" "$bundle"
printf '%s: %s %s, %s MiB\n' "$bundle" "$compatible" "$version" "$(($(stat -c %s "$bundle") / 1048576))"
