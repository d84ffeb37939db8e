/** Receivers of figures, on free ports, for the time of a test: a collector of OTLP or of remote writes, and a StatsD. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Test {
  teardown(callback: () => unknown): unknown
}

/** One request. */
export interface Pushed {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly octets: Buffer
}

/** @param answer - answers a request when it has come whole; default: 200. */
export async function collector(
  t: Test,
  answer = (response: ServerResponse, _number: number): void => void response.end('{}'),
): Promise<{ readonly url: string; readonly pushed: Pushed[] }> {
  const pushed: Pushed[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const octets = Buffer.concat(chunks)
      pushed.push({ path: request.url!, headers: request.headers, body: octets.toString(), octets })
      answer(response, pushed.length - 1)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pushed }
}

export async function statsd(t: Test): Promise<{
  readonly port: number
  readonly datagrams: string[]
  readonly until: (all: (datagrams: readonly string[]) => boolean) => Promise<void>
}> {
  const socket = createSocket('udp4')
  const datagrams: string[] = []
  socket.on('message', message => datagrams.push(message.toString()))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return {
    port: socket.address().port,
    datagrams,
    async until(all) {
      while (!all(datagrams)) await once(socket, 'message')
    },
  }
}

/** A port of this machine where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
