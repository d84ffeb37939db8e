"""The client of websockets for Python:
framewright conform client --control -- python3 examples/testees/python_websockets.py
"""
import asyncio
import json
import sys

import websockets

sockets = {}


def tell(**told):
    print(json.dumps(told), flush=True)


async def connect(connection, url, protocols=None):
    try:
        socket = sockets[connection] = await websockets.connect(url, subprotocols=protocols)
    except Exception as error:
        tell(connection=connection, event="error", why=repr(error))
        return
    tell(connection=connection, event="open", protocol=socket.subprotocol or "")
    await socket.wait_closed()
    tell(connection=connection, event="close", code=socket.close_code, reason=socket.close_reason)


async def send(connection, text=None, fragments=None):
    await sockets[connection].send(fragments or text)


async def ping(connection, payload):
    await sockets[connection].ping(payload)


async def close(connection, code=1000, reason=""):
    await sockets[connection].close(code, reason)


orders = {"connect": connect, "send": send, "ping": ping, "close": close}


async def obey(connection, do, **order):
    try:
        await orders[do](connection, **order)
    except Exception as error:
        tell(connection=connection, event="refused", do=do, why=repr(error))


async def main():
    loop = asyncio.get_running_loop()
    running = set()
    tell(event="ready", agent=f"websockets {websockets.__version__}")
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        task = loop.create_task(obey(**json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
