"""The peers' side of the line protocol in Python: see peer-process.ts and line-protocol.mjs."""
import asyncio
import hashlib
import json
import sys
import traceback


async def answer_commands(run):
    """Answers each line of stdin by what run(command) returns, several at a time, until stdin ends."""
    loop = asyncio.get_running_loop()
    running = set()

    async def answer(command):
        try:
            result = await run(command)
        except Exception:
            result = {"error": traceback.format_exc()}
        print(json.dumps({"id": command["id"], **result}), flush=True)

    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        task = loop.create_task(answer(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


def described(message):
    """Type, size and hash of a message."""
    octets = message.encode() if isinstance(message, str) else message
    return {
        "type": "text" if isinstance(message, str) else "binary",
        "size": len(octets),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }


def pieces_of(message, count):
    """The message, or so many pieces of it, which are sent as fragments."""
    if count == 1:
        return message
    size = -(-len(message) // count)
    return [message[i * size : (i + 1) * size] for i in range(count)]
