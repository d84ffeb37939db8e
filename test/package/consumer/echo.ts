// An ES module that uses the package: exits with 0 when a message came back.
import { strictEqual } from 'node:assert'
import { connect, createServer } from 'framewright'
import { Opcode } from 'framewright/protocol'

const server = createServer({}, { message: (connection, data) => connection.send(data) })
await server.listen({ port: 0, host: '127.0.0.1' })
const connection = await connect(server.url as string)
connection.send('hello')
for await (const message of connection) {
  strictEqual(message, 'hello')
  connection.close()
}
await server.close()
strictEqual(Opcode.text, 1)
