"""Modbus frames on a line, by pymodbus: one request at a time, and what became of it.

The only module that knows pymodbus, loaded when a line is first opened. Its three ways to report an error are brought
together here: an exception response is a returned object, silence and nonsense are exceptions out of the await, and a
closed client raises before there is anything to await. It logs each try; here nothing of that is let out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from hw.modbus.line import Line, SerialLine

if TYPE_CHECKING:
    from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

log = logging.getLogger(__name__)

Kind = Literal["holding", "input"]
Words = list[int]

CONNECT_S = 1.0
"""A host that takes longer to accept a connection counts as gone."""
PATIENCE_S = 60.0
"""pymodbus's own time-out, never reached: who asks has a shorter one."""
FRAME_BYTES = 17
"""Of a request for registers (8) and of an answer beside its registers (5), with some margin."""


@dataclass(frozen=True, slots=True)
class Request:
    """Read `count` registers of `kind`, or write `values`."""

    unit: int
    address: int
    kind: Kind = "holding"
    count: int = 0
    values: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of request and answer together."""
        return FRAME_BYTES + 2 * max(self.count, len(self.values))


class Broken(Exception):
    """The line cannot be opened, or is gone: `what` and `fix` are for an installer."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


class Garbled(Exception):
    """Something came that is no answer to the request."""


class Denied(Exception):
    """The device answers that it will not: a Modbus exception."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Wire(Protocol):
    """A line that carries one request at a time."""

    @property
    def up(self) -> bool: ...
    @property
    def heard(self) -> bool:
        """Has anything at all come since the latest request?"""
        ...

    async def open(self) -> None:
        """Raises Broken."""
        ...

    async def ask(self, request: Request) -> Words:
        """Waits for the answer without end. Raises Broken, Garbled, Denied."""
        ...

    def close(self) -> None: ...


class PymodbusWire:
    """A line by way of pymodbus."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._client: AsyncModbusSerialClient | AsyncModbusTcpClient | None = None
        self._heard = False

    @property
    def up(self) -> bool:
        return self._client is not None and self._client.connected

    @property
    def heard(self) -> bool:
        return self._heard

    async def open(self) -> None:
        self.close()
        client = self._client = self._make()
        try:
            async with asyncio.timeout(CONNECT_S):
                connected = await client.connect()
        except TimeoutError:
            connected = False
        except (termios.error, ValueError, struct.error) as error:  # a pty refuses parity in this way, for example
            self.close()
            what = f"{self._line} does not take {self._line.settings}: {error}"
            raise Broken(what, "Choose a speed and a parity that this port can do.") from error
        if not connected:
            self.close()
            raise _why_closed(self._line)

    async def ask(self, request: Request) -> Words:
        from pymodbus import ModbusException
        from pymodbus.exceptions import ConnectionException

        self._heard = False
        try:
            answer = await self._call(request)
        except ConnectionException as error:
            raise _why_closed(self._line) from error
        except ModbusException as error:
            raise Garbled(str(error)) from error
        if answer.isError():
            raise Denied(answer.exception_code)
        return _registers(answer, request)

    async def _call(self, request: Request) -> Any:
        client = self._client
        if client is None:
            raise _why_closed(self._line)
        unit, at = request.unit, request.address
        if request.values:
            return await client.write_registers(at, list(request.values), device_id=unit)
        read = client.read_input_registers if request.kind == "input" else client.read_holding_registers
        return await read(at, count=request.count, device_id=unit)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _make(self) -> AsyncModbusSerialClient | AsyncModbusTcpClient:
        from pymodbus import FramerType
        from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

        logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
        line = self._line
        if isinstance(line, SerialLine):
            serial = AsyncModbusSerialClient(
                line.port, baudrate=line.baud, parity=line.parity, stopbits=line.stop_bits,
                timeout=PATIENCE_S, retries=0, reconnect_delay=0, trace_packet=self._passed,
            )  # fmt: skip
            _calm(serial)
            return serial
        framer = FramerType.RTU if line.rtu else FramerType.SOCKET
        tcp = AsyncModbusTcpClient(
            line.host, port=line.port, framer=framer,
            timeout=PATIENCE_S, retries=0, reconnect_delay=0, trace_packet=self._passed,
        )  # fmt: skip
        _calm(tcp)
        return tcp

    def _passed(self, sending: bool, data: bytes) -> bytes:
        self._heard = self._heard or not sending
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s %s %s", self._line, ">" if sending else "<", data.hex(" "))
        return data


def _calm(client: Any) -> None:
    """Garbage that pymodbus stumbles over is thrown away: otherwise asyncio logs a stack for every such frame."""
    receive = client.ctx.callback_data

    def tolerant(data: bytes, addr: Any = None) -> int:
        from pymodbus import ModbusException

        try:
            return int(receive(data, addr))
        except (ModbusException, IndexError, ValueError, struct.error):
            return len(data)

    client.ctx.callback_data = tolerant


def _registers(answer: Any, request: Request) -> Words:
    """The answer's registers, if it is one to this request: pymodbus believes any that comes from the unit."""
    if request.values:
        fits = (answer.function_code, answer.address, answer.count) == (16, request.address, len(request.values))
        words: Words = []
    else:
        words = list(answer.registers)
        fits = answer.function_code == (4 if request.kind == "input" else 3) and len(words) == request.count
    if not fits:
        raise Garbled(f"an answer of {len(answer.registers)} registers to function {answer.function_code}")
    return words


def _why_closed(line: Line) -> Broken:
    if not isinstance(line, SerialLine):
        return Broken(f"no connection to {line}", "Check the address, the port and the network cable of the device.")
    if not os.path.exists(line.port):
        return Broken(f"{line.port} is not there", "Plug the adapter in, and see what `ls /dev/serial/by-id` shows.")
    if not os.access(line.port, os.R_OK | os.W_OK):
        return Broken(f"{line.port} may not be opened", "Let this program's user into the group that owns it: dialout.")
    return Broken(f"{line.port} does not open", "See with `fuser` whether another program uses it.")
