#!/bin/bash
# Makes a disk image of Debian 13 with this charge point in it: see README.md beside this.
#
#   ./dev image [--arch amd64|arm64] [--deb FILE] [--etc FOLDER] [--keyring FILE] [--output FILE]
#
#   --deb FILE      this package instead of one built from the tree
#   --etc FOLDER    a maker's own /etc/chargepoint: chargepoint.toml, certificates; never a secret
#   --keyring FILE  certificates of whoever signs updates; without it the image takes none
#   --output FILE   default: dist/chargepoint-VERSION-ARCH.img; beside it FILE.squashfs, the root alone, for update bundles
#
# Needs root and Debian's archive. The first run fetches Debian into ~/.cache (CHARGEPOINT_IMAGE_CACHE names another place):
# some three minutes; later ones take one or two. A foreign machine is emulated: half an hour.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
deb='' etc='' keyring='' output=''
release=trixie
BOOT_MB=384 ROOT_MB=1024 DATA_MB=64

give_up() {
    printf 'dev image: %s\n' "$@" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
    --arch) arch=${2:-} ;;
    --deb) deb=$(readlink -f "${2:-}") ;;
    --etc) etc=$(readlink -f "${2:-}") ;;
    --keyring) keyring=$(readlink -f "${2:-}") ;;
    --output) output=$(readlink -m "${2:-}") ;;
    *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0" >&2; exit 2 ;;
    esac
    [ $# -ge 2 ] || give_up "$1 needs a value."
    shift 2
done
case $arch in amd64) efi=x64 grub=x86_64-efi ;; arm64) efi=aa64 grub=arm64-efi ;; *) give_up "there is no image for \"$arch\"; there are amd64 and arm64." ;; esac
[ "$(id -u)" -eq 0 ] || give_up "it needs root, for the files inside belong to several users." "Try: sudo ./dev image"
cache=${CHARGEPOINT_IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chargepoint/image}
mkdir -p "$cache"
work=$(mktemp -d "$cache/making.XXXXXX")
root=$work/root
trap 'umount -q "$root/proc" "$root/dev" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT

install_tools() {
    local pair missing=()
    for pair in mmdebstrap:mmdebstrap mksquashfs:squashfs-tools mkfs.vfat:dosfstools mcopy:mtools sfdisk:fdisk \
        mke2fs:e2fsprogs grub-mkimage:grub-common grub-editenv:grub-common; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    [ "$arch" != amd64 ] || [ -d /usr/lib/grub/$grub ] || missing+=(grub-efi-amd64-bin)
    [ ${#missing[@]} -eq 0 ] && return
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get -qq update
    apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# The archive that this machine's own apt uses, or Debian's.
mirror() {
    [ -z "${CHARGEPOINT_DEBIAN_MIRROR:-}" ] || { echo "$CHARGEPOINT_DEBIAN_MIRROR"; return; }
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -E '/debian/?$' | sort -u | grep -m 1 . ||
        echo http://deb.debian.org/debian
}

packages() {
    sed -n "s/^$arch://p; /^#/d; /:/d; p" "$here/packages" | sed '/^$/d' | sort -u | paste -sd,
}

# Debian alone: the part that takes minutes and changes only with the list of packages.
debian() {
    base=$cache/base-$arch-$(packages | cksum | cut -d' ' -f1).tar
    [ -s "$base" ] && return
    echo "dev image: fetching Debian into $base; once, some three minutes (emulated: half an hour) ..." >&2
    mmdebstrap --quiet --format=tar --variant=minbase --architectures="$arch" --include="$(packages)" \
        --components="main" "$release" "$base.new" "$(mirror)"
    mv "$base.new" "$base"
}

# The package carries byte code of the release's own Python: where this machine has none, the one just unpacked makes it.
lend_python() {
    local name
    name=$(basename "$(readlink "$root/usr/bin/python3")")
    ! "$name" -c '' 2>/dev/null || return 0
    mkdir "$work/bin"
    printf '#!/bin/sh\nexec %q --library-path %q %q "$@"\n' "$(ls "$root"/lib*/ld-linux-*.so.*)" \
        "$(echo "$root"/usr/lib/*-linux-gnu)" "$root/usr/bin/$name" >"$work/bin/$name"
    chmod 755 "$work/bin/$name"
    PATH=$work/bin:$PATH
}

package() {
    [ -n "$deb" ] && return
    lend_python
    "$tree/dev" deb --arch "$arch" --release "$release" --output "$work/deb"
    deb=$(ls "$work"/deb/*.deb)
}

inside() {
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$root" "$@"
}

unpack() {
    mkdir "$root"
    tar -C "$root" --numeric-owner -xf "$base"
}

fill_root() {
    mount --bind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    cp "$deb" "$root/tmp/chargepoint.deb"
    # Nothing may be started in here.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    inside dpkg --install /tmp/chargepoint.deb >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; give_up "the package cannot be installed."; }
    rm "$root/tmp/chargepoint.deb" "$root/usr/sbin/policy-rc.d"
    version=$(inside dpkg-query -W -f '${Version}' chargepoint)
    (cd "$here/root" && tar -cf - --owner=0 --group=0 .) | tar -C "$root" --no-overwrite-dir -xf -
    install_rauc
    [ -z "$etc" ] || own_configuration
    printf 'IMAGE_ID=chargepoint-%s\nIMAGE_VERSION=%s\n' "$arch" "$version" >>"$root/usr/lib/os-release"
    # On a board the hardware watchdog counts to 15 s at most.
    [ "$arch" != arm64 ] || sed -i 's/^RuntimeWatchdogSec=.*/RuntimeWatchdogSec=14s/' "$root/usr/lib/systemd/system.conf.d/50-chargepoint.conf"
    inside systemctl --quiet preset-all
    inside usermod --password '!*' root
    inside update-initramfs -c -k all >/dev/null
    umount "$root/proc" "$root/dev"
}

# A maker's configuration replaces the package's example.
own_configuration() {
    ! grep -rlE 'PRIVATE KEY' "$etc" || give_up "$etc holds a private key: every station would have the same." "Leave it to ./dev image's user: keys are made on the device."
    cp -r --no-preserve=ownership "$etc/." "$root/etc/chargepoint/"
    inside chown -R root:chargepoint /etc/chargepoint
}

# Two slots as deploy/rauc/README.md wants them. Without a maker's certificates in --etc nothing can be installed.
install_rauc() {
    local from=$tree/deploy/rauc to=$root/usr/lib/chargepoint/rauc
    mkdir -p "$to" "$root/etc/rauc" "$root/etc/dbus-1/system.d"
    sed -e "s/@COMPATIBLE@/chargepoint-$arch/g; s/@MIN_VERSION@/${CHARGEPOINT_MIN_VERSION:-0}/g; s/@BACKEND@/by-file/g" \
        "$from/system.conf.in" >"$root/etc/rauc/system.conf"
    install -m 755 "$from/by-file" "$from/by-tryboot" "$from/give-up-trial" "$to/"
    install -m 644 "$from/slots.sh" "$to/"
    install -m 644 "$from"/chargepoint-trial.* "$root/usr/lib/systemd/system/"
    install -m 644 "$from/de.chargepoint.rauc.conf" "$root/etc/dbus-1/system.d/"
    if [ -n "$keyring" ]; then install -m 644 "$keyring" "$root/etc/rauc/keyring.pem"; fi
}

# No number, key, log or list that the build machine made: all of them would be the same in every station.
strip_root() {
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/ldconfig/* "$root"/var/log/* "$root"/tmp/* \
        "$root"/etc/ssh/ssh_host_* "$root"/var/lib/systemd/random-seed "$root"/var/lib/dbus/machine-id \
        "$root"/usr/share/{man,info,locale,lintian} "$root"/root/.[a-z]* "$root"/etc/{hostname,resolv.conf} "$root"/var/lib/dpkg/*-old
    find "$root/usr/share/doc" -type f ! -name copyright ! -path '*/doc/chargepoint/*' -delete
    : >"$root/etc/machine-id"
    mkdir -p "$root/data" "$root/boot/firmware" "$root/var/log/journal"
    rmdir "$root/var/log/journal"
    for name in vmlinuz initrd.img; do
        ln -sf "$(cd "$root/boot" && ls -v $name-* | tail -n 1)" "$root/boot/$name"
        rm -f "$root/$name" "$root/$name.old" "$root/boot/$name.old"
    done
    touch "$root/etc/hostname" "$root/etc/resolv.conf"
    touch "$root/etc/.updated" "$root/var/.updated" # or every start would bring a dozen caches up to date, in memory
}

# Debian's own: a library's self-test has a key, and SSH compares with a password that nobody has. What is in the initial
# file system is in the root too; packed, it may look like anything.
search_secrets() {
    local known=()
    mapfile -t known < <(cd "$root" && ls boot/initrd.img-* usr/lib/*/libgnutls.so.*.*.* usr/lib/openssh/sshd-{auth,session})
    (cd "$tree" && python3 -m deploy.secrets_scan "$root" "${known[@]}") >&2 || give_up "every station would have what was just named."
}

squash() {
    mksquashfs "$root" "$work/root.squashfs" -quiet -no-progress -comp zstd -Xcompression-level 9 -b 256K -noappend >/dev/null
}

fill_boot() {
    local image=$work/boot.vfat modules=/usr/lib/grub/$grub
    [ -d "$modules" ] || modules=$root/usr/lib/grub/$grub
    printf 'search --no-floppy --label BOOT --set=root\nset prefix=($root)/grub\nconfigfile ($root)/grub/grub.cfg\n' >"$work/first.cfg"
    grub-mkimage --directory "$modules" --format $grub --prefix /grub --config "$work/first.cfg" --output "$work/boot.efi" \
        part_gpt fat normal linux search search_label configfile loadenv test echo sleep reboot boot all_video minicmd
    grub-editenv "$work/slots.env" create
    grub-editenv "$work/slots.env" set primary=A
    sed 's/$/\r/' "$tree/deploy/chargepoint.toml" >"$work/example.toml"
    truncate -s ${BOOT_MB}M "$image"
    mkfs.vfat -F 32 -n BOOT "$image" >/dev/null
    export MTOOLS_SKIP_CHECK=1
    mmd -i "$image" ::EFI ::EFI/BOOT ::grub ::slot-a
    mcopy -i "$image" "$work/boot.efi" "::EFI/BOOT/BOOT${efi^^}.EFI"
    mcopy -i "$image" "$here/grub.cfg" ::grub/grub.cfg
    mcopy -i "$image" "$work/slots.env" ::slots.env
    mcopy -i "$image" "$work/example.toml" ::EXAMPLE.toml
    mcopy -i "$image" "$here"/boot/* ::
    mcopy -i "$image" "$(readlink -f "$root/boot/vmlinuz")" ::slot-a/vmlinuz
    mcopy -i "$image" "$(readlink -f "$root/boot/initrd.img")" ::slot-a/initrd.img
}

assemble() {
    local image=$output.new start
    mke2fs -q -t ext4 -L data -O ^metadata_csum_seed -E lazy_itable_init=0,lazy_journal_init=0 "$work/data.ext4" ${DATA_MB}M
    rm -f "$image"
    truncate -s $((BOOT_MB + 2 * ROOT_MB + DATA_MB + 2))M "$image"
    sfdisk --quiet "$image" <<TABLE
label: gpt
name=boot, size=${BOOT_MB}MiB, type=uefi
name=root-a, size=${ROOT_MB}MiB, type=linux
name=root-b, size=${ROOT_MB}MiB, type=linux
name=data, size=${DATA_MB}MiB, type=linux
TABLE
    start=1
    for part in boot.vfat:$BOOT_MB root.squashfs:$ROOT_MB :$ROOT_MB data.ext4:$DATA_MB; do
        [ -z "${part%%:*}" ] || dd if="$work/${part%%:*}" of="$image" bs=1M seek=$start conv=notrunc,sparse status=none
        start=$((start + ${part##*:}))
    done
    mv "$image" "$output"
    cp "$work/root.squashfs" "${output%.img}.squashfs"
}

main() {
    install_tools
    debian
    unpack
    package
    fill_root
    strip_root
    search_secrets
    squash
    [ "$(stat -c %s "$work/root.squashfs")" -lt $((ROOT_MB * 1024 * 1024)) ] || give_up "the root is larger than its partition."
    [ -n "$output" ] || output=$tree/dist/chargepoint-$version-$arch.img
    mkdir -p "$(dirname "$output")"
    fill_boot
    assemble
    (cd "$tree" && python3 -m deploy.sbom --root "$root" --name "chargepoint-$arch" --version "$version") >"${output%.img}.cdx.json"
    echo "$output  $(($(stat -c %s "$work/root.squashfs") / 1000000)) MB of root"
}

main # read to its end before anything begins
