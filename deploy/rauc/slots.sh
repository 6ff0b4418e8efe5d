# Which of two systems is started: what both back-ends of RAUC have in common. Sourced, not run.
#
# slots.env is a GRUB environment block: 1024 bytes, "name=value" lines, filled up with "#". It says
#   primary   the slot that is started
#   try       the slot that is started in its place, once; empty: none
#   A, B      good: it has proven itself; bad: it has not, or is half written
# Whoever starts the machine empties `try` before it starts that slot: what does not prove itself is not started again.
#
# Every change is one write of one sector, in place. A power cut leaves the file as it was, or as it should be, and no
# file system has to be trusted with giving a new file an old name, which FAT cannot do in one step.
# shellcheck shell=sh disable=SC2034 # state_A and state_B are read by way of their names

BOOT=${BOOT:-/boot/firmware}
CMDLINE=${CMDLINE:-/proc/cmdline}
SLOTS_FILE=$BOOT/slots.env
SLOTS_BYTES=1024

fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

is_slot() {
    case $1 in A | B) ;; *) fail "\"$1\" is no slot; there are A and B" ;; esac
}

is_state() {
    case $1 in good | bad) ;; *) fail "\"$1\" is neither good nor bad" ;; esac
}

other_than() {
    [ "$1" = A ] && echo B || echo A
}

# The slot that runs, as its boot loader has said on the kernel's command line.
booted() {
    sed -n 's/^\(.* \)\{0,1\}rauc\.slot=\([AB]\)\( .*\)\{0,1\}$/\2/p' "$CMDLINE"
}

# --- what is written down ---------------------------------------------------------------------------------------------

# One that makes no sense is read as if what runs had been chosen: that has come up, at least.
read_slots() {
    primary=$(value primary)
    try=$(value try)
    case $primary in A | B) ;; *) primary=$(booted) ;; esac
    primary=${primary:-A}
    case $try in A | B) ;; *) try= ;; esac
    read_state A
    read_state B
}

value() {
    [ ! -e "$SLOTS_FILE" ] || sed -n "s/^$1=\\([A-Za-z]*\\)\$/\\1/p" "$SLOTS_FILE" | tail -n 1
}

# A new image says nothing of it: what it starts is good.
read_state() {
    found=$(value "$1")
    case $found in
    good | bad) ;;
    *) [ "$primary" = "$1" ] && found=good || found=bad ;;
    esac
    eval "state_$1=\$found"
}

state_of() {
    eval "echo \"\$state_$1\""
}

write_slots() {
    {
        printf '# GRUB Environment Block\nprimary=%s\ntry=%s\nA=%s\nB=%s\n' \
            "$primary" "$try" "$(state_of A)" "$(state_of B)"
        printf "%${SLOTS_BYTES}s" '' | tr ' ' '#'
    } | head -c "$SLOTS_BYTES" | replace "$SLOTS_FILE" "$SLOTS_BYTES"
}

# replace FILE BYTES: the file's content by that of the standard input, which is BYTES long, on the disk when this ends.
replace() {
    if [ "$(stat -c %s "$1" 2>/dev/null)" = "$2" ]; then
        dd of="$1" bs="$2" count=1 iflag=fullblock conv=notrunc,fsync status=none || fail "$1 cannot be written"
    else # it is new, or somebody has edited it
        dd of="$1.new" bs="$2" count=1 iflag=fullblock conv=fsync status=none || fail "$1 cannot be written"
        mv "$1.new" "$1" && sync "$(dirname "$1")"
    fi
}

# The boot partition is read-only but for the moments when something is written to it.
make_writable() {
    [ ! -w "$BOOT" ] || return 0
    mount -o remount,rw "$BOOT" || fail "$BOOT cannot be made writable"
    trap 'mount -o remount,ro "$BOOT" || :' EXIT
}

# --- what RAUC asks for -----------------------------------------------------------------------------------------------

# One that has proven itself is started from now on, another once.
set_primary() {
    if [ "$(state_of "$1")" = good ]; then
        try=
        primary=$1
    else
        try=$1
    fi
}

# The running system that is good stays. One that is bad is left, if there is a better one.
set_state() {
    eval "state_$1=\$2"
    case $2 in
    good)
        [ "$(booted)" != "$1" ] || { primary=$1 && try=; }
        ;;
    bad)
        [ "$try" != "$1" ] || try=
        other=$(other_than "$1")
        [ "$primary" != "$1" ] || [ "$(state_of "$other")" != good ] || primary=$other
        ;;
    esac
}

# answer OPERATION [SLOT [STATE]]: RAUC's "custom bootloader backend interface". What is to be written, `write` writes.
answer() {
    case ${1:-} in
    get-primary)
        echo "${try:-$primary}"
        ;;
    get-state)
        is_slot "${2:-}"
        state_of "$2"
        ;;
    get-current)
        booted
        ;;
    set-primary)
        is_slot "${2:-}"
        make_writable
        [ "$(state_of "$2")" = good ] || take_kernel "$2"
        set_primary "$2"
        write
        ;;
    set-state)
        is_slot "${2:-}"
        is_state "${3:-}"
        make_writable
        set_state "$2" "$3"
        write
        ;;
    *)
        fail "get-primary, set-primary SLOT, get-state SLOT, set-state SLOT good|bad, get-current"
        ;;
    esac
}

# Where the boot partition has a folder for each slot's kernel (slot-a, slot-b), what has just been installed into the
# slot's root brings its own. It comes under a new name and is renamed: what is half there is never started.
take_kernel() {
    slot=$(echo "$1" | tr AB ab)
    folder=$BOOT/slot-$slot
    [ -d "$BOOT/slot-a" ] || [ -d "$BOOT/slot-b" ] || return 0
    root=$(mktemp -d "${TMPDIR:-/run}/slot.XXXXXX")
    mount -o ro "${ROOTS:-/dev/disk/by-partlabel}/root-$slot" "$root" || fail "the root of slot $1 cannot be mounted"
    copied=yes
    rm -rf "$folder.new" "$folder.old"
    { mkdir "$folder.new" && cp "$root/boot/vmlinuz" "$root/boot/initrd.img" "$folder.new/"; } || copied=no
    umount "$root" && rmdir "$root"
    [ $copied = yes ] || fail "the kernel of slot $1 cannot be put in place"
    sync -f "$BOOT"
    [ ! -e "$folder" ] || mv "$folder" "$folder.old"
    mv "$folder.new" "$folder"
    sync -f "$BOOT"
    rm -rf "$folder.old"
}
