"""A client of Debian's python3-websockets, for the line protocol."""
import asyncio
import pathlib
import ssl

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Close

from line_protocol import answer_commands, described, pieces_of

socket = None


async def open_connection(command):
    global socket
    context = ssl.create_default_context(cafile=command["ca"]) if "ca" in command else None
    compression = extensions_of(command["deflate"]) if "deflate" in command else {}
    try:
        socket = await websockets.connect(
            command["url"], ssl=context, subprotocols=command.get("protocols"), max_size=64 * 1024 * 1024, **compression
        )
    except websockets.InvalidStatusCode as error:
        return {"opened": False, "status": error.status_code}
    return {"opened": True, "protocol": socket.subprotocol or ""}


def extensions_of(deflate):
    factory = ClientPerMessageDeflateFactory(
        server_no_context_takeover=deflate.get("serverNoContextTakeover", False),
        client_no_context_takeover=deflate.get("clientNoContextTakeover", False),
        server_max_window_bits=deflate.get("serverMaxWindowBits"),
        client_max_window_bits=deflate.get("clientMaxWindowBits", True),
    )
    return {"compression": None, "extensions": [factory]}


async def send(command):
    octets = pathlib.Path(command["payload"]).read_bytes()
    message = octets.decode() if command["type"] == "text" else octets
    await socket.send(pieces_of(message, command.get("pieces", 1)))
    return {}


async def receive(_command):
    return described(await socket.recv())


async def ping(command):
    await (await socket.ping(command["payload"]))
    return {"payload": command["payload"]}


async def close(command):
    if "code" in command:
        await socket.close(command["code"], command.get("reason", ""))
    else:
        # close() always sends a code; a Close frame without a body takes this.
        await socket.write_close_frame(Close(1005, ""), b"")
    return await closed(command)


async def closed(_command):
    await socket.wait_closed()
    return {"code": socket.close_code, "reason": socket.close_reason, "clean": socket.close_code != 1006}


commands = {"open": open_connection, "send": send, "receive": receive, "ping": ping, "close": close, "closed": closed}

asyncio.run(answer_commands(lambda command: commands[command["do"]](command)))
