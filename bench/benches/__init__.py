"""One module a bench; each has `async def measure(kit) -> list[Measured]`."""
