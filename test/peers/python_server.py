"""A server of Debian's python3-websockets, for the line protocol: its paths are those of ws-server.mjs."""
import asyncio
import ssl
from urllib.parse import parse_qs, urlsplit

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Close

from line_protocol import answer_commands, described, pieces_of

seen = asyncio.Queue()


async def listen(command):
    context = None
    if "cert" in command:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(command["cert"], command["key"])
    # Whatever is offered.
    extensions = [ServerPerMessageDeflateFactory()] if command.get("deflate") else None
    server = await websockets.serve(
        serve,
        "127.0.0.1",
        0,
        ssl=context,
        subprotocols=["chat.v2"],
        max_size=64 * 1024 * 1024,
        compression=None if extensions else "deflate",
        extensions=extensions,
    )
    return {"port": server.sockets[0].getsockname()[1]}


async def serve(socket):
    parts = urlsplit(socket.path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    messages = []
    try:
        if parts.path == "/ping":
            await (await socket.ping(query["payload"]))
            await socket.send("pong " + query["payload"])
        if parts.path == "/close":
            if "code" in query:
                await socket.close(int(query["code"]), query.get("reason", ""))
            else:
                await socket.write_close_frame(Close(1005, ""), b"")
        async for message in socket:
            messages.append(described(message))
            await socket.send(pieces_of(message, int(query.get("pieces", "1"))))
    except websockets.ConnectionClosed:
        pass
    await socket.wait_closed()
    clean = socket.close_code != 1006
    seen.put_nowait({"messages": messages, "code": socket.close_code, "reason": socket.close_reason, "clean": clean})


async def what_was_seen(_command):
    return await seen.get()


commands = {"listen": listen, "seen": what_was_seen}

asyncio.run(answer_commands(lambda command: commands[command["do"]](command)))
