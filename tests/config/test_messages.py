"""Typical mistakes, and the sentence that each must produce."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chargepoint.config.file import check, load
from chargepoint.errors import ConfigMistakes, Finding
from tests.config.conftest import SMALLEST, STATION

EVSE = STATION + "[[evse]]\n"
CSMS = SMALLEST + '[csms]\nidentity = "CP1"\n'  # what is added begins on line 8

BUS = EVSE + 'outlet = "cable"\npilot = { driver = "simpleevse", port = "/dev/ttyUSB0", unit = 1 }\n'
METER = 'driver = "modbus", model = "eastron-sdm630", port = "/dev/ttyUSB0"'
MAIN_METER = EVSE + '[[meter]]\nrole = "main"\ndriver = "mock"\n[supply]\n'  # what is added begins on line 10
GPIO = EVSE + 'pilot = { driver = "gpio" }\n'

# (what the installer did, the whole file, the sentence)
MISTAKES: list[tuple[str, str, str]] = [
    # the way out
    (
        "a proxy without its scheme",
        SMALLEST + '[network]\nproxy = "proxy.example.com:3128"\n',
        'line 7: [network] proxy = "proxy.example.com:3128" is not the address of an HTTP proxy. Write proxy = '
        '"http://proxy.example.com:3128". Messages are encrypted from here to the back office, whatever leads to the '
        "proxy.",
    ),
    (
        "the proxy's password in its address",
        SMALLEST + '[network]\nproxy = "http://me:secret@proxy:3128"\n',
        "line 7: [network] proxy holds a user or a password. Take them out of it: proxy_username and "
        "proxy_password_file hold them.",
    ),
    (
        "a user for no proxy",
        SMALLEST + '[network]\nproxy_username = "cp"\n',
        "line 7: [network] proxy_username is of no use without proxy. Write proxy = "
        '"http://proxy.example.com:3128".',
    ),
    # names and tables
    (
        "a table misspelt",
        SMALLEST + '[csm]\nurl = "wss://x"\n',
        'line 6: [csm] is not a table of this file. Did you mean "csms"?',
    ),
    (
        "an option misspelt",
        EVSE + "max_curent_a = 16\n",
        'line 6: [evse.1] "max_curent_a" is not an option here. Did you mean "max_current_a"?',
    ),
    (
        "an option of another name altogether",
        EVSE + "colour = 3\n",
        'line 6: [evse.1] "colour" is not an option here. Known here: contactor, fallback_a, indicator, lock, '
        "max_current_a, meter, on_meter_loss, outlet, phase_contactor, phase_pause_s, phase_rotation, "
        "phase_switching, phases, pilot, sensors, simplified_cars, ventilation, wake_up.",
    ),
    (
        "a bus with two speeds",
        BUS + "meter = { " + METER + ", unit = 2, baud = 19200 }\n",
        'line 8: [evse.1.meter] "/dev/ttyUSB0" is 19200 8N1 here and 9600 8N1 in [evse.1.pilot]. '
        "Give all devices on one bus the same speed and parity.",
    ),
    (
        "a bus with two parities",
        BUS + "meter = { " + METER + ', unit = 2, parity = "E" }\n',
        'line 8: [evse.1.meter] "/dev/ttyUSB0" is 9600 8E1 here and 9600 8N1 in [evse.1.pilot]. '
        "Give all devices on one bus the same speed and parity.",
    ),
    # the broker
    (
        "a broker by the wrong scheme",
        EVSE + '[mqtt]\nurl = "tcp://broker:1883"\n',
        'line 7: [mqtt] url = "tcp://broker:1883" is not the address of a broker. Write "mqtt://broker", or '
        '"mqtts://broker" where it takes encrypted connections.',
    ),
    (
        "a broker without a name",
        EVSE + '[mqtt]\nurl = "mqtt://"\n',
        'line 7: [mqtt] url = "mqtt://" names no broker. Write "mqtt://broker".',
    ),
    (
        "a broker with a port that is none",
        EVSE + '[mqtt]\nurl = "mqtt://broker:mqtt"\n',
        'line 7: [mqtt] url = "mqtt://broker:mqtt" is not an address. Write "mqtt://broker" or "mqtts://broker:8883".',
    ),
    (
        "a password in the broker's address",
        EVSE + '[mqtt]\nurl = "mqtt://me:pw@broker"\n',
        "line 7: [mqtt] url holds a user or a password. Take them out of it: username and password_file hold them.",
    ),
    (
        "a topic in the broker's address",
        EVSE + '[mqtt]\nurl = "mqtt://broker/home"\n',
        'line 7: [mqtt] url = "mqtt://broker/home" holds more than broker and port. Write "mqtt://broker:1883".',
    ),
    (
        "a wildcard in a topic",
        EVSE + '[mqtt]\nurl = "mqtt://broker"\ntopic = "home/#"\n',
        'line 8: [mqtt] topic = "home/#" has \'#\' in it. Use letters, digits and - _ . only.',
    ),
    (
        "an identity of two levels",
        EVSE + '[mqtt]\nurl = "mqtt://broker"\nidentity = "a/b"\n',
        'line 8: [mqtt] identity = "a/b" is no name for a topic. Write a short name without /.',
    ),
    (
        "no topic",
        EVSE + '[mqtt]\nurl = "mqtt://broker"\ntopic = ""\n',
        'line 8: [mqtt] topic is empty. Write topic = "chargepoint", or leave it out.',
    ),
    (
        "a number that no device on a bus has",
        EVSE + "meter = { " + METER + ", unit = 0 }\n",
        "line 6: [evse.1.meter] unit = 0 is no device's number on a serial bus. Allowed: 1 to 247.",
    ),
    (
        "a port without a name",
        EVSE + 'outlet = "cable"\npilot = { driver = "rapi", port = "" }\n',
        "line 7: [evse.1.pilot] port is empty. "
        "Write serial port of the controller; names below /dev/serial/by-id stay the same.",
    ),
    (
        "a pilot that switches nothing, and no contactor",
        EVSE + 'pilot = { driver = "gpio" }\n',
        'line 6: [evse.1] contactor is missing, and a pilot with driver = "gpio" has none of its own. '
        'Add contactor = { driver = "…" }.',
    ),
    (
        "a contactor beside a controller that switches its own",
        EVSE + 'outlet = "cable"\npilot = { driver = "rapi", port = "/dev/ttyUSB0" }\n'
        'contactor = { driver = "gpio", line = 17 }\n',
        'line 8: [evse.1] a pilot with driver = "rapi" switches its own contactor, and never with another one. '
        "Take contactor away: its coil hangs on the controller's relay.",
    ),
    (
        "an option above every table",
        'vendor = "Acme"\n' + SMALLEST,
        'line 1: "vendor" stands before any [table]. Put it below [station].',
    ),
    (
        "an option whose table is still commented out",
        STATION + "# [supply]\nphases = 1\n[[evse]]\n",
        'line 6: [station] "phases" is not an option here. Put it below [supply] or [[evse]].',
    ),
    ("no station", "[[evse]]\n", "[station] is missing. Add [station] with vendor, model, serial_number."),
    (
        "a name left out",
        '[station]\nvendor = "Acme"\nserial_number = "1"\n[[evse]]\n',
        'line 1: [station] model is missing. Add model = "…" (the model\'s name, as on the nameplate).',
    ),
    ("no outlet", STATION, "no [[evse]] table. Add one [[evse]] for each charging outlet."),
    (
        "single brackets around evse",
        STATION + "[evse]\nphases = 3\n",
        "line 5: [evse] is not a list of tables. Write [[evse]], in double brackets, for each.",
    ),
    (
        "double brackets around station",
        SMALLEST.replace("[station]", "[[station]]"),
        'line 1: "station" is not a table. Write [station], in single brackets, once.',
    ),
    (
        "a name that is empty",
        SMALLEST.replace("Acme", " "),
        "line 2: [station] vendor is empty. Write what the nameplate says.",
    ),
    (
        "a name too long for OCPP",
        SMALLEST.replace("Wall 22", "Wall 22 with the big display"),
        'line 3: [station] model = "Wall 22 with the big display" has 28 characters. '
        "OCPP 2.0.1 has room for 20: shorten it.",
    ),
    (
        "a maker's name that only OCPP 2.0.1 has room for",
        CSMS.replace("Acme", "Acme Charging of Europe") + 'url = "ws://x"\nsecurity_profile = 0\n',
        'line 2: [station] vendor = "Acme Charging of Europe" has 23 characters. '
        "OCPP 1.6 has room for 20: shorten it.",
    ),
    # values
    (
        "a value out of range",
        EVSE + "max_current_a = 160\n",
        "line 6: [evse.1] max_current_a = 160 is out of range. Allowed: 6 to 80.",
    ),
    (
        "a number between quotes",
        EVSE + 'max_current_a = "16"\n',
        'line 6: [evse.1] max_current_a = "16" is not a number. Write a number, without quotes.',
    ),
    (
        "text that is a number",
        SMALLEST.replace('"A-000123"', "123"),
        "line 4: [station] serial_number = 123 is not text. Put it between quotes.",
    ),
    (
        "two phases",
        EVSE + "phases = 2\n",
        "line 6: [evse.1] phases = 2 is not one of the choices. Allowed: 1, 3.",
    ),
    (
        "a choice misspelt",
        EVSE + 'outlet = "sokcet"\n',
        'line 6: [evse.1] outlet = "sokcet" is not one of the choices. Allowed: "socket", "cable". '
        'Did you mean "socket"?',
    ),
    (
        "phases in an order that does not exist",
        EVSE + 'phase_rotation = "RRT"\n',
        'line 6: [evse.1] phase_rotation = "RRT" is not one of the choices. Allowed: "RST", "RTS", "SRT", "STR", '
        '"TRS", "TSR", "NotApplicable", "Unknown". Did you mean "SRT"?',
    ),
    (
        "a choice of the station misspelt",
        SMALLEST.replace("[[evse]]", 'after_power_loss = "continue"\n[[evse]]'),
        'line 5: [station] after_power_loss = "continue" is not one of the choices. Allowed: "end", "resume".',
    ),
    (
        "a supply that is no use",
        SMALLEST + "[supply]\nmax_current_a = 5\n",
        "line 7: [supply] max_current_a = 5 lets no car charge. "
        "Allowed: 6 or more, or 0 for no limit in front of the EVSEs.",
    ),
    (
        "an outlet stronger than the supply",
        EVSE + "max_current_a = 32\n[supply]\nmax_current_a = 25\n",
        "line 6: [evse.1] max_current_a = 32 is more than the whole supply has (25). "
        "Write max_current_a = 25 or less here, or correct max_current_a in [supply].",
    ),
    (
        "three phases behind one",
        EVSE + "[supply]\nphases = 1\n",
        "line 5: [evse.1] phases = 3 is more than the supply has (1). "
        "Write phases = 1 here, or correct phases in [supply].",
    ),
    (
        "a fallback that no pilot can express",
        EVSE + "fallback_a = 3\n",
        "line 6: [evse.1] fallback_a = 3 is out of range. Allowed: 0, or 6 to this EVSE's max_current_a (16).",
    ),
    (
        "a fallback above the outlet's own limit",
        EVSE + "[[evse]]\nfallback_a = 20\n",
        "line 7: [evse.2] fallback_a = 20 is out of range. Allowed: 0, or 6 to this EVSE's max_current_a (16).",
    ),
    # back office
    (
        "a limit of the grid operator's that no car can charge with",
        EVSE + "[supply]\nexternal_limit_w = 1000\n",
        "line 7: [supply] external_limit_w = 1000 lets no car charge. "
        "Allowed: 1380 (6 A on one phase) or more, or 0 to pause on purpose.",
    ),
    (
        "a building without a meter",
        EVSE + "[supply]\nbuilding_max_current_a = 35\n",
        "line 7: [supply] building_max_current_a needs a meter of the building. "
        'Add [[meter]] with role = "main" and its driver.',
    ),
    (
        "a building's fuse that is none",
        MAIN_METER + "building_max_current_a = 5\nbuilding_fallback_a = 0\n",
        "line 10: [supply] building_max_current_a = 5 lets no car charge. "
        "Allowed: 6 or more, or 0 where the building is not looked at.",
    ),
    (
        "a fallback that no car can charge with",
        MAIN_METER + "building_max_current_a = 35\nbuilding_fallback_a = 4\n",
        "line 11: [supply] building_fallback_a = 4 lets no car charge. "
        "Allowed: 6 or more, or 0 to pause while the main meter is silent.",
    ),
    (
        "a fallback above the building's fuse",
        MAIN_METER + "building_max_current_a = 25\nbuilding_fallback_a = 32\n",
        "line 11: [supply] building_fallback_a = 32 is more than the building's fuse. "
        "Write 25 or less: what is surely left while nobody measures.",
    ),
    (
        "an outlet that nobody measures in a building that is measured",
        MAIN_METER + 'building_max_current_a = 25\n[[evse]]\npilot = { driver = "mock" }\n'
        'contactor = { driver = "mock" }\n',
        "line 11: [evse.2] has no meter, and building_max_current_a in [supply] needs one. "
        "Add meter = { driver = … }: without it the car's current passes for the building's.",
    ),
    (
        "phases that may hardly differ",
        EVSE + "[supply]\nmax_phase_difference_a = 3\n",
        "line 7: [supply] max_phase_difference_a = 3 lets no car charge. Allowed: 6 or more, or 0 for no limit.",
    ),
    (
        "a balance of one phase",
        EVSE + "phases = 1\n[supply]\nphases = 1\nmax_phase_difference_a = 20\n",
        "line 9: [supply] max_phase_difference_a makes no sense with one phase. Take it away, or correct phases.",
    ),
    (
        "a random delay beyond what anybody allows",
        EVSE + "[supply]\nrandom_delay_s = 3600\n",
        "line 7: [supply] random_delay_s = 3600 is out of range. Allowed: 0 to 1800.",
    ),
    (
        "phases to be switched by a contactor that is not there",
        EVSE + "phase_switching = true\n",
        'line 6: [evse.1] phase_switching = true needs a second contactor. Add phase_contactor = { driver = "…" }.',
    ),
    (
        "phases to be switched where there is but one",
        EVSE + 'phases = 1\nphase_switching = true\nphase_contactor = { driver = "mock" }\n',
        "line 7: [evse.1] phase_switching = true makes no sense with one phase. Write phases = 3, or take it away.",
    ),
    (
        "no address",
        CSMS + "security_profile = 0\n",
        'line 6: [csms] url is missing. Add url = "…" '
        "(begins with wss:// (encrypted) or ws://; the station connects to url/identity).",
    ),
    (
        "an address of the web",
        CSMS + 'url = "https://csms.example.com/ocpp"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "https://csms.example.com/ocpp" is not a WebSocket address. '
        'Write "wss://csms.example.com/ocpp".',
    ),
    (
        "an unencrypted address of the web, for a line without encryption",
        CSMS + 'url = "http://csms.example.com/ocpp"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "http://csms.example.com/ocpp" is not a WebSocket address. '
        'Write "ws://csms.example.com/ocpp".',
    ),
    (
        "an unencrypted address of the web, for an encrypted line",
        CSMS + 'url = "http://csms.example.com/ocpp"\npassword_file = "password"\n',
        'line 8: [csms] url = "http://csms.example.com/ocpp" is not a WebSocket address. '
        'Write "wss://csms.example.com/ocpp".',
    ),
    (
        "an address without its beginning",
        CSMS + 'url = "csms.example.com/ocpp"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "csms.example.com/ocpp" is not a WebSocket address. Write "wss://csms.example.com/ocpp".',
    ),
    (
        "an address of nobody",
        CSMS + 'url = "ws://"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "ws://" names no server. Write "wss://server/path".',
    ),
    (
        "an address that is torn apart",
        CSMS + 'url = "ws://csms.example.com\\n/ocpp"\nsecurity_profile = 0\n',
        "line 8: [csms] url has blanks or line breaks in it. Write the address in one piece.",
    ),
    (
        "a port that is no number",
        CSMS + 'url = "ws://x:http/"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "ws://x:http/" names no server. Write "wss://server/path".',
    ),
    (
        "a password in the address",
        CSMS + 'url = "ws://cp1:secret@x/ocpp"\nsecurity_profile = 0\n',
        "line 8: [csms] url holds more than server and path. "
        "Take user, password, ? and # out of it: identity and password_file hold the first two.",
    ),
    (
        "the identity in the address",
        CSMS + 'url = "ws://x/ocpp/CP1"\nsecurity_profile = 0\n',
        'line 8: [csms] url = "ws://x/ocpp/CP1" ends with the identity. Take it away: the station adds it by itself.',
    ),
    (
        "an identity with a colon and a slash",
        SMALLEST + '[csms]\nurl = "ws://x"\nsecurity_profile = 0\nidentity = "a/b:c"\n',
        "line 9: [csms] identity = \"a/b:c\" has '/' and ':' in it. "
        "It is part of a web address and a user name: use letters, digits and - _ . @ only.",
    ),
    (
        "an identity too long",
        SMALLEST + f'[csms]\nurl = "ws://x"\nsecurity_profile = 0\nidentity = "{"A" * 49}"\n',
        f'line 9: [csms] identity = "{"A" * 49}" has 49 characters. OCPP has room for 48: ask the back office.',
    ),
    (
        "an identity that is empty",
        SMALLEST + '[csms]\nurl = "ws://x"\nsecurity_profile = 0\nidentity = ""\n',
        "line 9: [csms] identity is empty. Ask the back office for this station's name.",
    ),
    (
        "an OCPP version that is not spoken here",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\nversions = ["2.1"]\n',
        'line 10: [csms] versions[0] = "2.1" is not one of the choices. Allowed: "2.0.1", "1.6". '
        'Did you mean "2.0.1"?',
    ),
    (
        "a version alone",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\nversions = "1.6"\n',
        'line 10: [csms] versions = "1.6" is not a list. Write versions = [ … ].',
    ),
    (
        "no version",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\nversions = []\n',
        'line 10: [csms] versions is empty. Write versions = ["2.0.1", "1.6"], or leave it out.',
    ),
    (
        "a profile that wants encryption on a plain line",
        CSMS + 'url = "ws://x"\nsecurity_profile = 2\npassword_file = "password"\n',
        "line 9: [csms] security_profile = 2 needs encryption, and url begins with ws://. "
        "Write wss:// in url; or security_profile = 1 for a line that is private anyway.",
    ),
    (
        "a profile without encryption on an encrypted line",
        CSMS + 'url = "wss://x"\nsecurity_profile = 1\npassword_file = "password"\n',
        "line 8: [csms] security_profile = 1 is without encryption, and url begins with wss://. "
        "Write security_profile = 2.",
    ),
    (
        "no password, no certificate, and an encrypted line",
        CSMS + 'url = "wss://x"\nsecurity_profile = 0\n',
        "line 8: [csms] security_profile = 0 is without encryption, and url begins with wss://. "
        "Write security_profile = 2.",
    ),
    (
        "a profile that does not exist",
        CSMS + 'url = "wss://x"\nsecurity_profile = 4\npassword_file = "password"\n',
        "line 9: [csms] security_profile = 4 is out of range. Allowed: 0 to 3.",
    ),
    (
        "certificates on a plain line",
        CSMS + 'url = "ws://x"\nsecurity_profile = 3\n',
        "line 9: [csms] security_profile = 3 needs encryption, and url begins with ws://. "
        "Write wss:// in url; or security_profile = 1 for a line that is private anyway.",
    ),
    (
        "a second address that is not encrypted",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\nsecure_url = "ws://x:8443/ocpp"\n',
        'line 10: [csms] secure_url = "ws://x:8443/ocpp" is not an encrypted WebSocket address. '
        'Write "wss://x:8443/ocpp".',
    ),
    (
        "two encrypted addresses",
        CSMS + 'url = "wss://x"\npassword_file = "password"\nsecure_url = "wss://y"\n',
        "line 10: [csms] secure_url is of no use: url is encrypted already. Take one of them away.",
    ),
    (
        "a certificate without its key",
        CSMS + 'url = "wss://x"\nsecurity_profile = 3\ncertificate_file = "password"\n',
        "line 10: [csms] certificate_file is of no use without key_file. "
        'Add key_file = "/path/to/it", or take certificate_file away.',
    ),
    (
        "a key without its certificate",
        CSMS + 'url = "wss://x"\nsecurity_profile = 3\nkey_file = "password"\n',
        "line 10: [csms] key_file is of no use without certificate_file. "
        'Add certificate_file = "/path/to/it", or take key_file away.',
    ),
    (
        "a key that is not there",
        CSMS + 'url = "wss://x"\nsecurity_profile = 3\ncertificate_file = "password"\nkey_file = "/nowhere/key"\n',
        'line 11: [csms] key_file = "/nowhere/key" does not exist. Create the file, or correct the path.',
    ),
    (
        "a profile among the settings",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\n[settings]\nSecurityProfile = 2\n',
        "line 11: [settings] SecurityProfile belongs to [csms]. Write security_profile there.",
    ),
    (
        "no password",
        CSMS + 'url = "wss://x"\n',
        "line 6: [csms] security_profile = 2 needs a password_file. "
        'Put the back office\'s password into a file and add password_file = "/path/to/it".',
    ),
    (
        "a password file that is not there",
        CSMS + 'url = "wss://x"\npassword_file = "/nowhere/password"\n',
        'line 9: [csms] password_file = "/nowhere/password" does not exist. Create the file, or correct the path.',
    ),
    (
        "certificates that are a folder",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\nca_file = "/"\n',
        'line 10: [csms] ca_file = "/" cannot be read: Is a directory. Correct the path.',
    ),
    # access and page
    (
        "a back office asked that is not there",
        SMALLEST + '[access]\nmode = "ocpp"\n',
        'line 7: [access] mode = "ocpp" asks a back office, and there is no [csms]. '
        'Add the [csms] table, or write mode = "local" or mode = "free".',
    ),
    (
        "a page without a port",
        SMALLEST + '[web]\nlisten = "localhost"\n',
        'line 7: [web] listen = "localhost" is not address:port. '
        'Write address:port, for example "127.0.0.1:8080"; port 0 picks a free one.',
    ),
    (
        "a port that cannot be",
        SMALLEST + '[web]\nlisten = "127.0.0.1:80800"\n',
        'line 7: [web] listen = "127.0.0.1:80800" is not address:port. '
        'Write address:port, for example "127.0.0.1:8080"; port 0 picks a free one.',
    ),
    (
        "a page whose password is short",
        SMALLEST + '[web]\nlisten = "[::]:0"\npassword_file = "short"\n',
        "line 8: [web] the page's password in FOLDER/short has 7 characters. Choose one of 8 or more.",
    ),
    (
        "an address of the newer internet without its brackets",
        SMALLEST + '[web]\nlisten = "::1:8080"\n',
        'line 7: [web] listen = "::1:8080" is not address:port. '
        'Write address:port, for example "127.0.0.1:8080"; port 0 picks a free one.',
    ),
    # drivers
    (
        "a driver that is not installed",
        EVSE + 'pilot = { driver = "mokc" }\n',
        'line 6: [evse.1.pilot] driver = "mokc" is not an installed pilot driver. Did you mean "mock"?',
    ),
    (
        "a driver left out",
        SMALLEST + '[[card_reader]]\nport = "/dev/ttyAMA0"\n',
        "line 6: [card_reader.1] driver is missing. "
        'Add driver = one of "evdev", "mock", "pcsc", "pn532", "rc522", "rdm6300".',
    ),
    (
        "an option of the second display",
        SMALLEST + '[[display]]\ndriver = "mock"\n[[display]]\ndriver = "lcd"\nsize = "16x4"\n',
        'line 10: [display.2] size = "16x4" is not one of the choices. '
        'Allowed: "16x2", "20x2", "20x4". Did you mean "16x2"?',
    ),
    (
        "a driver that is not a table",
        EVSE + 'pilot = "mock"\n',
        'line 6: [evse.1] pilot = "mock" is not a table. Write pilot = { … }.',
    ),
    # settings
    (
        "a setting misspelt",
        SMALLEST + "[settings]\nEVConnectionTimeOutt = 60\n",
        "line 7: [settings] EVConnectionTimeOutt is not a setting. "
        'Did you mean "TxCtrlr.EVConnectionTimeOut"?',
    ),
    (
        "a setting out of range",
        SMALLEST + "[settings]\nHeartbeatInterval = -3\n",
        "line 7: [settings] HeartbeatInterval must be at least 1 s, not -3. Correct the value.",
    ),
    (
        "a setting without the quotes that its dot needs",
        SMALLEST + "[settings]\nTxCtrlr.EVConnectionTimeOut = 60\n",
        "line 7: [settings] TxCtrlr.EVConnectionTimeOut has a dot in its name and no quotes. "
        'Write "TxCtrlr.EVConnectionTimeOut" = …',
    ),
    (
        "a setting under both of its names",
        SMALLEST + '[settings]\nHeartbeatInterval = 60\n"OCPPCommCtrlr.HeartbeatInterval" = 60\n',
        'line 8: [settings] OCPPCommCtrlr.HeartbeatInterval is another name of "HeartbeatInterval", which is set too. '
        "Keep one of them.",
    ),
    (
        "a secret among the settings",
        SMALLEST + '[settings]\nAuthorizationKey = "0123456789abcdef"\n',
        "line 7: [settings] AuthorizationKey is a secret. Put it into the file that csms.password_file names.",
    ),
    # the text itself
    (
        "text without quotes",
        SMALLEST.replace('"Acme"', "Acme"),
        'line 2: text without quotes (column 10). Write vendor = "Acme".',
    ),
    (
        "a quote that is not closed",
        SMALLEST.replace('22"', "22"),
        "line 3: a text that does not end (column 17). Put the closing quote at its end.",
    ),
    (
        "curly quotes",
        SMALLEST.replace('"Acme"', "“Acme”"),
        "line 2: curly quotes, as a word processor makes them (column 10). "
        'Type straight quotes ("), in a plain text editor.',
    ),
    ("a decimal comma", EVSE + "fallback_a = 6,5\n", "line 6: a decimal comma (column 15). Write 6.5 with a point."),
    (
        "a unit behind the number",
        EVSE + "max_current_a = 16 A\n",
        "line 6: a number with its unit (column 20). Write max_current_a = 16: the unit is in the option's name.",
    ),
    (
        "a colon",
        EVSE + "phases: 3\n",
        "line 6: a colon where TOML has an equals sign (column 7). Write phases = 3",
    ),
    (
        "a space in a name",
        EVSE + "max current = 3\n",
        "line 6: a space in an option's name (column 5). Write max_current = …",
    ),
    (
        "nothing after the equals sign",
        EVSE + "phases =\n",
        "line 6: phases has no value (column 9). Write phases = …, or take the line away.",
    ),
    (
        "an option twice",
        EVSE + "phases = 1\n\nphases = 3\n",
        "line 8: phases stands on line 6 already. Keep one of the two.",
    ),
    (
        "a table twice",
        SMALLEST + '[station]\nvendor = "x"\n',
        "line 6: [station] stands twice (column 9). Put both together.",
    ),
    (
        "two outlets in single brackets",
        STATION + "[evse]\nphases = 1\n[evse]\nphases = 3\n",
        "line 7: [evse] stands twice (column 6). Write [[evse]] for each of several.",
    ),
    (
        "a path of Windows",
        CSMS + 'ca_file = "C:\\Users\\me"\n',
        r"line 8: a backslash, which begins a special character (column 16). "
        r"Write \\ for one backslash, or 'single quotes' around the text.",
    ),
    (
        "a bracket forgotten",
        SMALLEST.replace("[station]", "station]"),
        "line 1: a table's name without its opening bracket (column 8). Write [station].",
    ),
    (
        "a comment of another language",
        "// my station\n" + SMALLEST,
        "line 1: not an option (column 1). A comment begins with #.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_named_with_its_line_and_its_remedy(
    text: str, sentence: str, written: Callable[[str], Path]
) -> None:
    path = written(text)
    path.with_name("password").write_text("0123456789abcdef")
    path.with_name("password").chmod(0o600)
    path.with_name("short").write_text("1234567")
    told = [str(finding).replace(str(path.parent), "FOLDER") for finding in check(path) if not finding.warning]
    assert told == [sentence]


WARNINGS = [
    (
        "a meter that signs, on a bus of the guard's",
        BUS + 'meter = { driver = "modbus", model = "iskra-wm3m4c", port = "/dev/ttyUSB0", unit = 33, baud = 9600, '
        'parity = "N", stop_bits = 1 }\n',
        'line 8: warning: [evse.1.meter] signs nothing on "/dev/ttyUSB0", which is the guard\'s. '
        "Give a meter that signs a port of its own.",
    ),
    (
        "a contactor on a line of the converter's bus",
        GPIO + 'contactor = { driver = "gpio", line = 10 }\n',
        'line 7: warning: [evse.1.contactor] line = 10 is a line of "/dev/spidev0.0" on a Raspberry Pi. '
        "Give it another line.",
    ),
    (
        "a mirror contact on the UART's line",
        GPIO + 'contactor = { driver = "gpio", line = 17, feedback_line = 15 }\n'
        '[[card_reader]]\ndriver = "rdm6300"\nport = "/dev/serial0"\n',
        'line 7: warning: [evse.1.contactor] feedback_line = 15 is a line of "/dev/serial0" on a Raspberry Pi. '
        "Give it another line.",
    ),
    (
        "a coil that is on while the computer starts",
        GPIO + 'contactor = { driver = "gpio", line = 4 }\n',
        "line 7: warning: [evse.1.contactor] line = 4 is pulled up on a Raspberry Pi while it starts: "
        "the coil may be on. Take one of GPIO9 to GPIO27 for the coil.",
    ),
    (
        "simulated hardware",
        SMALLEST,
        "line 5: warning: [evse.1] runs on simulated hardware: no real car can charge. "
        "Add pilot = { driver = … } for a real outlet.",
    ),
    (
        "a grid operator's limit below what three phases need",
        EVSE + "[supply]\nexternal_limit_w = 3700\n",
        "line 5: warning: [evse.1] pauses while the grid operator asks for less: three phases at 6 A are 4140 W. "
        "Write external_limit_w = 4140 or more if he allows it, or add phase_switching.",
    ),
    (
        "no password at the back office",
        CSMS + 'url = "ws://x"\nsecurity_profile = 0\n',
        "line 9: warning: [csms] security_profile = 0 has no password: anyone can pose as this station. "
        "Use it on a test bench only; security_profile = 2 is the usual choice.",
    ),
    (
        "certificates on both sides, and none here",
        CSMS + 'url = "wss://x"\nsecurity_profile = 3\n',
        "line 9: warning: [csms] security_profile = 3 without certificate_file works only once the back office has "
        "installed one. Add certificate_file and key_file, or begin with security_profile = 2.",
    ),
    (
        "a setting about lamps that are not there",
        SMALLEST + "[settings]\nBlinkRepeat = 3\n",
        "line 7: warning: [settings] BlinkRepeat is about lamps, and no EVSE has an indicator. Take the line away.",
    ),
    (
        "a setting about lamps that are only on or off",
        EVSE + 'indicator = { driver = "gpio", red_line = 12 }\n[settings]\nLightIntensity = 50\n',
        "line 8: warning: [settings] LightIntensity is about lamps that can be dimmed, and none here can be. "
        "Take the line away.",
    ),
    (
        "a fixed cable that is to be unlocked",
        EVSE + 'outlet = "cable"\n[settings]\nUnlockConnectorOnEVSideDisconnect = true\n',
        "line 8: warning: [settings] UnlockConnectorOnEVSideDisconnect is false wherever cables are fixed. "
        "Take the line away.",
    ),
    (
        "cards without a reader",
        SMALLEST + '[access]\nmode = "local"\n',
        'line 7: warning: [access] mode = "local" knows drivers by their cards, and there is no card reader. '
        "Add a [[card_reader]], or start each session with `chargepoint start`.",
    ),
    (
        "a lock on a fixed cable",
        EVSE + 'outlet = "cable"\nlock = { driver = "mock" }\n',
        'line 7: warning: [evse.1] has a lock, and outlet = "cable" has no plug to hold. '
        'Take lock away, or write outlet = "socket".',
    ),
]


@pytest.mark.parametrize(("text", "sentence"), [w[1:] for w in WARNINGS], ids=[w[0] for w in WARNINGS])
def test_what_is_probably_not_wanted_is_a_warning(
    text: str, sentence: str, found: Callable[[str], list[Finding]], written: Callable[[str], Path]
) -> None:
    assert sentence in [str(finding) for finding in found(text)]
    assert load(written(text))  # and the file works all the same


@pytest.mark.parametrize(
    "text",
    [
        BUS + "meter = { " + METER + ', unit = 2, baud = 9600, parity = "N" }\n',
        EVSE + "meter = { " + METER + ", unit = 247 }\n",
        EVSE + 'meter = { driver = "modbus", model = "eastron-sdm630", host = "192.168.1.9", unit = 0 }\n',
        EVSE + 'meter = { driver = "modbus", model = "eastron-sdm630", host = "192.168.1.9", unit = 255 }\n',
        EVSE + 'meter = { driver = "modbus", model = "iskra-wm3m4c", port = "/dev/ttyUSB0" }\n',
        GPIO + 'contactor = { driver = "gpio", line = 17, feedback_line = 27 }\n',
        GPIO + 'contactor = { driver = "gpio", line = 4, active_high = false }\n',
        GPIO + 'contactor = { driver = "gpio", line = 10, chip = "gpiochip2" }\n',
    ],
)
def test_what_works_is_not_complained_of(text: str, found: Callable[[str], list[Finding]]) -> None:
    told = [str(finding) for finding in found(text)]
    assert [each for each in told if "has no meter" not in each and "simulated" not in each] == []


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(written: Callable[[str], Path]) -> None:
    path = written(STATION.replace('"Acme"', "1") + '[[evse]]\nphases = 2\n[web]\nlisten = "x"\n[csm]\n')
    with pytest.raises(ConfigMistakes) as raised:
        load(path)
    assert [f.line for f in raised.value.findings if not f.warning] == [2, 6, 8, 9]
    assert str(raised.value).splitlines()[0] == f"{path}: 4 mistakes"


def test_one_mistake_is_not_plural(written: Callable[[str], Path]) -> None:
    path = written(EVSE + "phases = 2\n")
    with pytest.raises(ConfigMistakes, match=": 1 mistake\n"):
        load(path)
