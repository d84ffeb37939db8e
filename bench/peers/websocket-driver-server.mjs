/** websocket-driver, on node:http as its documentation says. */
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import driver from 'websocket-driver'
import { listening, maxMessageSize, mode, tls } from './serve.mjs'

const everybody = new Set()
const http = tls ? createHttpsServer(tls) : createHttpServer()
http.on('upgrade', (request, socket, head) => {
  const one = driver.http(request, { maxLength: maxMessageSize })
  everybody.add(one)
  one.on('close', () => {
    everybody.delete(one)
    socket.end()
  })
  one.messages.on('data', data => {
    if (mode === 'echo') one.messages.write(data)
    else for (const other of everybody) other.messages.write(data)
  })
  socket.setNoDelay()
  socket.on('error', () => {})
  one.io.write(head)
  socket.pipe(one.io).pipe(socket)
  one.start()
})
http.listen(0, '127.0.0.1', () => listening(http.address().port))
