// A CommonJS module that uses the package by require(): exits with 0 when a message came back.
import assert = require('node:assert')
import framewright = require('framewright')
import protocol = require('framewright/protocol')

async function echo(): Promise<void> {
  const server = framewright.createServer({}, { message: (connection, data) => connection.send(data) })
  await server.listen({ port: 0, host: '127.0.0.1' })
  const socket = new framewright.WebSocket(server.url as string)
  const message = new Promise(resolve => {
    socket.onmessage = event => resolve(event.data)
  })
  socket.onopen = () => socket.send('hello')
  assert.strictEqual(await message, 'hello')
  socket.close()
  await server.close()
  assert.strictEqual(protocol.Opcode.text, 1)
}

void echo()
