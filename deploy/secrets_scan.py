"""Looks for secrets where none may be: in a package's files, an image's root, a source tree.

`python -m deploy.secrets_scan FOLDER` names what it finds and ends with status 1. Whatever is the same in every station
is known to everybody who owns one: a key, a password, its hash, a number that should be a machine's own. No package is
built that has one in it.
"""

import ast
import mmap
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s|[A-Za-z-]+: [^\n]*\n)*"
    rb"(?:[A-Za-z0-9+/=]{40,}|(?:[A-Za-z0-9+/=]{16,}\\?\s*){3,})"
)
"""With what belongs between its lines: the lines alone stand in every library that reads keys."""
KEY_FILES = (".p12", ".pfx", ".jks", ".ppk", ".kdbx")

CREDENTIALS_IN_URL = re.compile(
    rb"\b(?:https?|wss?|ftps?|sftp|mqtts?)://[A-Za-z0-9._~%+-]+:([A-Za-z0-9._~%+!*-]+)@[A-Za-z0-9.-]+"
)
CLOUD_KEY = re.compile(rb"\b(?:AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[bp]-[A-Za-z0-9-]{20,}|AIza[A-Za-z0-9_-]{35})\b")
HASHES = re.compile(
    rb"\$scrypt\$ln=\d+,r=\d+,p=\d+\$[A-Za-z0-9+/]{16,}\$[A-Za-z0-9+/]{43}"
    rb"|\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{8,}\$[./A-Za-z0-9]{43}"
    rb"|\$6\$(?:rounds=\d+\$)?[./A-Za-z0-9]{8,16}\$[./A-Za-z0-9]{86}"
    rb"|\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"
    rb"|\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}"
)
"""scrypt, yescrypt, SHA-512 crypt, bcrypt, Argon2: as whole hashes, for their names alone stand in many manuals."""

SETTING = re.compile(
    r"""^[ \t]*"?(?:[\w.-]*[_.-])?(?:password|passwd|passphrase|psk|secret|api[_-]?key|auth[_-]?key)"?"""
    r"""[ \t]*[=:][ \t]*"""
    r"""("[^"\n]+"|'[^'\n]+'|[^\s"'#;{\[(][^\s#;]*)""",
    re.IGNORECASE | re.MULTILINE,
)
SETTINGS_FILES = (".toml", ".ini", ".conf", ".cfg", ".yaml", ".yml", ".json", ".env", ".nmconnection", ".service")
NO_VALUES = re.compile(
    r"""["']?(?:|none|null|true|false|yes|no|\*+|…|\.\.\.|<.*>|\$\{?\w+\}?|%\w+%?|ask|files|nullok)["']?,?""", re.I
)

NAMES = re.compile(r"(?:^|_)(?:password|passwd|passphrase|secret|token|api_key|setup_code|pin_code)$", re.IGNORECASE)
"""Names in Python to which no text of its own may be given."""

PLACES = {
    "etc/ssh/ssh_host_*_key": "a key of the SSH server, the same in every station",
    "root/.ssh/authorized_keys": "somebody's key that opens every station",
    "home/*/.ssh/authorized_keys": "somebody's key that opens every station",
    "**/.ssh/id_*": "somebody's own SSH key",
    "var/lib/systemd/random-seed": "the same beginning of randomness in every station",
    "var/lib/systemd/credential.secret": "the key of every station's credentials",
    "var/lib/chargepoint/factory.toml": "a station's name in an image",
    "var/lib/chargepoint/secrets/*": "a station's secret in an image",
    "var/lib/chargepoint/certificates/*.key": "a station's key in an image",
    "var/lib/chargepoint/chargepoint.db*": "a station's records in an image",
    "data/chargepoint/**/*": "a station's records in an image",
    "etc/NetworkManager/system-connections/*": "somebody's network in an image",
    "root/.bash_history": "what somebody has typed",
    "home/*/.bash_history": "what somebody has typed",
}
"""What lies there makes stations alike, wherever it was made."""

MACHINE_IDS = ("etc/machine-id", "var/lib/dbus/machine-id")
SHORTEST = 4
WORDS = "texts"  # a folder of translations: what a form calls its field is none
LARGEST = 512 * 1024 * 1024

Finding = str


def scan(root: Path, but: Iterable[str] = ()) -> list[Finding]:
    """A sentence for each secret below `root`. `but`: paths, below it, of what has been looked at and is none."""
    passed = set(but)
    found = [*_places(root), *_machine_ids(root), *_accounts(root)]
    found += [finding for file in _files(root) for finding in _in_file(file, root)]
    return sorted({each for each in found if each.partition(": ")[0] not in passed})


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


# --- where something lies ---------------------------------------------------------------------------------------------


def _places(root: Path) -> Iterator[Finding]:
    for pattern, why in PLACES.items():
        for path in root.glob(pattern):
            if path.is_file() and path.stat().st_size and not path.name.endswith(".pub"):
                yield f"{path.relative_to(root)}: {why}"


def _machine_ids(root: Path) -> Iterator[Finding]:
    for name in MACHINE_IDS:
        file = root / name
        if file.is_file() and not file.is_symlink() and re.fullmatch(r"[0-9a-f]{32}\s*", file.read_text()):
            yield f"{name}: the machine's own number, the same in every station"


def _accounts(root: Path) -> Iterator[Finding]:
    """Nobody may have a password, and nobody none: `*` and `!` let no password in."""
    for name in ("etc/shadow", "etc/shadow-", "etc/passwd"):
        file = root / name
        for line in file.read_text().splitlines() if file.is_file() else ():
            user, _, rest = line.partition(":")
            field = rest.partition(":")[0]
            if not field:
                yield f"{name}: {user} needs no password"
            elif field[0] not in "*!x" or (field[0] == "x" and name != "etc/passwd"):
                yield f"{name}: {user} has a password, the same in every station"


# --- what stands in a file --------------------------------------------------------------------------------------------


def _in_file(file: Path, root: Path) -> Iterator[Finding]:
    name = file.relative_to(root).as_posix()
    if file.suffix.lower() in KEY_FILES:
        yield f"{name}: a container for keys"
    if not 0 < file.stat().st_size <= LARGEST:
        return
    with file.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield from (f"{name}: {what}" for what in _in_bytes(content))
    if file.suffix == ".py":
        yield from (f"{name}: {what}" for what in in_python(_text(file)))
    elif file.suffix in SETTINGS_FILES and file.parent.name != WORDS:
        yield from (f"{name}: {what}" for what in in_settings(_text(file)))


def _in_bytes(content: mmap.mmap) -> Iterator[str]:
    """`find` first: most files hold none of the beginnings, and patterns are slow."""
    if content.find(b"PRIVATE KEY") >= 0 and KEY.search(content):
        yield "a private key"
    if content.find(b"://") >= 0 and CREDENTIALS_IN_URL.search(content):
        yield "a password in an address"
    if content.find(b"$") >= 0 and (hashed := HASHES.search(content)):
        yield f"a password's hash, {hashed[0][:8].decode()}…"
    if CLOUD_KEY.search(content):
        yield "a key of a service"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def in_settings(text: str) -> Iterator[str]:
    """Passwords written into configuration files; names of files that hold one are none."""
    for match in SETTING.finditer(text):
        value = match[1].strip("\"',")
        if not NO_VALUES.fullmatch(match[1]) and "/" not in value and _is_word(value):
            yield f"line {text.count(chr(10), 0, match.start()) + 1} sets a password"


def in_python(text: str) -> Iterator[str]:
    """Texts given to names such as `password`, and as defaults of arguments of that name."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):  # of another Python, or none at all
        return
    for node in ast.walk(tree):
        for name, value in _given(node):
            if NAMES.search(name) and _is_secret(value, name):
                yield f"line {value.lineno} gives {name} a text of its own"


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((_name(target), value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield _name(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args) | ast.Lambda(args=args):
            named = [*args.posonlyargs, *args.args]
            yield from (
                (each.arg, value) for each, value in zip(reversed(named), reversed(args.defaults), strict=False)
            )
            yield from (
                (each.arg, value) for each, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value
            )
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            yield from ((str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _is_secret(value: ast.expr, name: str) -> bool:
    """A name of a kind (token = "Token"), a pattern and a path are none."""
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str | bytes):
        return False
    said = value.value if isinstance(value.value, str) else value.value.decode("latin-1")
    return _is_word(said) and _plain(said) != _plain(name) and not re.search(r"[/\\{}%<>]", said)


def _is_word(text: str) -> bool:
    """Of some length; a sentence about passwords is none."""
    return len(text) >= SHORTEST and len(text.split()) == 1


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def main(words: list[str]) -> int:
    found = scan(Path(words[0]), but=words[1:])
    sys.stdout.write(("\n".join(found) if found else f"{words[0]}: no secret found") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
