/** What the tests of `framewright conform` share: running a command line, and servers for it to judge. */
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import type { Test } from 'tap'
import { createEchoServer } from '../../src/cli/echo-server.js'
import { main } from '../../src/cli/main.js'
import type { Break } from '../conformance/mutants/mutants.js'
import { NaiveServer } from '../conformance/mutants/naive-server.js'
import { FakeTerminal } from './fake-terminal.js'

/** Runs a command line. */
export async function run(args: string[], terminal = new FakeTerminal()) {
  const code = await main(args, terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

/** Our echo server; its URL. */
export async function echoServer(t: Test, tls?: { key: string; cert: string }): Promise<string> {
  const server = createEchoServer({
    allowedOrigins: 'any',
    tls,
    perMessageDeflate: { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 },
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  return server.url!
}

/** A naive server, broken or not; its URL. */
export async function naiveServer(t: Test, ...breaks: Break[]): Promise<string> {
  const server = new NaiveServer(new Set(breaks))
  t.teardown(() => server.stop())
  return await server.listen()
}

/** Listens until the test is over; resolves with the port. */
export async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}
