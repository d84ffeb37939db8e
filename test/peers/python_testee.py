"""A client of python3-websockets that goes through the loop of `framewright conform client URL`, as anyone would write it."""
import asyncio
import logging
import sys

import websockets

logging.getLogger("websockets").setLevel(logging.CRITICAL)
url = sys.argv[1]


async def open_(path, on_message):
    try:
        async with websockets.connect(url + path, max_size=64 * 1024 * 1024) as socket:
            async for message in socket:
                await on_message(socket, message)
    except Exception:  # whatever it fails with: the next one may open
        pass


async def main():
    count = 0

    async def on_count(_, message):
        nonlocal count
        count = int(message)

    await open_("/getCaseCount", on_count)
    for number in range(1, count + 1):
        await open_(f"/runCase?case={number}&agent=python3-websockets", lambda socket, message: socket.send(message))
    await open_("/updateReports?agent=python3-websockets", None)


asyncio.run(main())
