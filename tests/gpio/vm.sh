#!/bin/bash
# Runs a command where there is a real kernel GPIO chip: in a small virtual machine with the kernel's own gpio-sim driver.
#
#   tests/gpio/vm.sh [-m MEGABYTES] -- COMMAND [ARGUMENT ...]
#
# Debian on amd64, no KVM needed; the processor is emulated, five to ten times slower than this one. The command runs in
# the same folder and sees the same files, whatever it writes to them is lost. It finds
#   GPIOSIM_CHIP, GPIOSIM_DIR      28 lines named GPIO0 to GPIO27, label gpio-sim-test
#   GPIOSIM_CHIP_2, GPIOSIM_DIR_2  8 lines without names, label gpio-sim-second; line 3 is held by "board-led"
# and in each of the two folders, for line N,
#   sim_gpioN/pull    write pull-up or pull-down: a contact outside
#   sim_gpioN/value   read 0 or 1: the level that a relay would see
# Exit status: the command's. The first run takes some two minutes (packages, the drivers' build), later ones 15 s and
# what the command needs. CHARGEPOINT_GPIO_CACHE is the folder that is kept; by default below ~/.cache.
set -euo pipefail

megabytes=1024
while getopts m: option; do
    case $option in
    m) megabytes=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { sed -n '2,/^set/{/^#/s/^# \?//p}' "$0" >&2; exit 2; }

cache=${CHARGEPOINT_GPIO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chargepoint/gpio-vm}
recipe=$(cksum <"${BASH_SOURCE[0]}" | cut -d' ' -f1) # another script, another machine

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

fetch() {
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends "$@" >/dev/null
}

install_packages() {
    [ "$(dpkg --print-architecture)" = amd64 ] || { echo "vm.sh: Debian on amd64 is needed for this." >&2; exit 1; }
    as_root apt-get update -qq
    fetch qemu-system-x86 seabios busybox-static cpio kmod xz-utils build-essential linux-headers-amd64
    kernel=$(dpkg-query -W -f '${Depends}' linux-headers-amd64 | grep -o 'linux-headers-[0-9][^ ,]*' | sed 's/linux-headers-//')
    source=linux-source-$(echo "$kernel" | cut -d. -f1,2)
    fetch "$source"
}

# Debian's kernel comes without gpio-sim, and its interrupt simulator cannot be built as a module as it stands: that one
# needs a licence tag, and an exported way to the descriptor.
build_drivers() {
    mkdir image source drivers
    apt-get download -qq "linux-image-$kernel" 2>/dev/null
    dpkg-deb -x linux-image-"$kernel"_*.deb image
    tar -C source -xf "/usr/src/$source.tar.xz" "$source/drivers/gpio" "$source/kernel/irq/irq_sim.c"
    cp source/"$source"/drivers/gpio/{gpio-sim.c,gpiolib*.h} source/"$source"/kernel/irq/irq_sim.c drivers/
    sed -i -e 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/' \
        -e 's|#include <linux/irq_sim.h>|&\n#include <linux/irqdesc.h>\n#include <linux/module.h>\nMODULE_LICENSE("GPL");|' \
        drivers/irq_sim.c
    echo 'obj-m := irq_sim.o gpio-sim.o' >drivers/Makefile
    make -s -C "/usr/src/linux-headers-$kernel" M="$PWD/drivers" modules >drivers/log 2>&1 || { cat drivers/log >&2; exit 1; }
    mkdir -p "image/lib/modules/$kernel/extra"
    cp drivers/*.ko "image/lib/modules/$kernel/extra/"
    depmod -b image "$kernel"
}

# What the kernel starts with: it loads the drivers, mounts this machine's files below a layer that takes the writes,
# and goes on in there.
build_first_files() {
    mkdir -p first/{bin,modules,proc,sys,dev}
    cp /bin/busybox first/bin/
    for module in virtio_pci 9pnet_virtio 9p overlay gpio-sim; do
        modprobe -d image -S "$kernel" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
        cp "$path" first/modules/
        basename "$path"
    done >first/order
    cat >first/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in $(cat /order); do insmod "/modules/$module"; done
mount -t configfs config /sys/kernel/config
mkdir -p /below /layer /guest
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /below
mount -t tmpfs layer /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/below,upperdir=/layer/upper,workdir=/layer/work all /guest
for folder in proc sys dev; do mkdir -p "/guest/$folder"; mount --rbind "/$folder" "/guest/$folder"; done
mkdir -p /guest/dev/pts /guest/dev/shm
mount -t devpts pts /guest/dev/pts
mount -t tmpfs shm /guest/dev/shm
chroot /guest /bin/bash "$(sed -n 's/.*gpiosim=\([^ ]*\).*/\1/p' /proc/cmdline)"
poweroff -f
INIT
    chmod +x first/init
    (cd first && find . | cpio -o -H newc --quiet | gzip -1) >initrd.gz
    cp image/boot/vmlinuz-"$kernel" vmlinuz
}

# Two worktrees may want the machine at the same time.
prepare() {
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    if [ "$(cat "$cache/made-by" 2>/dev/null)" != "$recipe" ]; then
        echo "vm.sh: making the virtual machine in $cache; once, some two minutes ..." >&2
        install_packages
        rm -rf "$cache/making"
        mkdir "$cache/making"
        (
            cd "$cache/making"
            build_drivers
            build_first_files
        )
        mv "$cache"/making/{vmlinuz,initrd.gz} "$cache/"
        rm -rf "$cache/making"
        echo "$recipe" >"$cache/made-by"
    fi
    command -v qemu-system-x86_64 >/dev/null || fetch qemu-system-x86 seabios # the folder was kept, the machine was not
    exec 9>&-
}

# What the guest does: two chips, and then the command.
guest_script() {
    printf 'cd %q\nexport PATH=%q HOME=/root LANG=C.UTF-8 CI=%q\n' "$PWD" "$PATH" "${CI:-}"
    cat <<'GUEST'
configfs=/sys/kernel/config/gpio-sim
for n in $(seq 0 27); do mkdir -p $configfs/first/bank/line$n; echo GPIO$n >$configfs/first/bank/line$n/name; done
mkdir -p $configfs/second/bank/line3/hog
echo 28 >$configfs/first/bank/num_lines
echo gpio-sim-test >$configfs/first/bank/label
echo 8 >$configfs/second/bank/num_lines
echo gpio-sim-second >$configfs/second/bank/label
echo board-led >$configfs/second/bank/line3/hog/name
echo output-low >$configfs/second/bank/line3/hog/direction
echo 1 >$configfs/first/live
echo 1 >$configfs/second/live
chip() { cat $configfs/$1/bank/chip_name; }
export GPIOSIM_CHIP=/dev/$(chip first) GPIOSIM_DIR=/sys/devices/platform/$(cat $configfs/first/dev_name)/$(chip first)
export GPIOSIM_CHIP_2=/dev/$(chip second) GPIOSIM_DIR_2=/sys/devices/platform/$(cat $configfs/second/dev_name)/$(chip second)
busybox ip link set lo up 2>/dev/null || ip link set lo up
stty -onlcr 2>/dev/null
echo gpiosim-begins
GUEST
    printf '%q ' "$@"
    printf '\necho "gpiosim-ended:$?"\n'
}

prepare
job=$(mktemp -d)
trap 'rm -rf "$job"' EXIT
guest_script "$@" >"$job/guest.sh"
qemu-system-x86_64 -machine q35,accel=tcg -cpu max -smp 2 -m "$megabytes" -nic none -nographic -no-reboot \
    -kernel "$cache/vmlinuz" -initrd "$cache/initrd.gz" -append "console=ttyS0 quiet panic=-1 gpiosim=$job/guest.sh" \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap </dev/null 2>&1 |
    tr -d '\r' | tee "$job/console" |
    sed -u '1,/gpiosim-begins$/d;/^gpiosim-ended:/d;/reboot: Power down/d;s/\x1b\(c\|\[[0-9;?]*[A-Za-z]\)//g'
status=$(sed -n 's/^gpiosim-ended:\([0-9]*\).*/\1/p' "$job/console" | tail -1)
[ -n "$status" ] || { echo "vm.sh: the virtual machine ended before the command did:" >&2; tail -20 "$job/console" >&2; }
exit "${status:-125}"
