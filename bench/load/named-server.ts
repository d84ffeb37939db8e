/** The server that a benchmark of the load generator loads, by the name that bench:peers has for it. */
import { fileURLToPath } from 'node:url'
import { CommandError } from '../../src/cli/command-error.js'
import type { Peer } from '../servers/peer.js'
import { peers } from '../servers/peers.js'
import { Program } from '../servers/program.js'
import type { BenchOption } from './bench.js'

const busy: Peer = {
  name: 'busy',
  about: 'takes 30 µs for each message, whoever asks',
  abilities: ['echo'],
  raw: false,
  install: 'npm run build',
  version: () => `Node ${process.versions.node}`,
  command: given => {
    const program = fileURLToPath(new URL('busy-echo.js', import.meta.url))
    return { program: process.execPath, args: [program, JSON.stringify(given)] }
  },
}

/** Its option. */
export function serverOption(usual: string): BenchOption {
  return { value: 'NAME', help: 'the server that is loaded: busy, or as bench:peers calls it', default: usual }
}

export interface NamedServer {
  readonly url: string
  readonly port: number
  readonly pid: number
}

/**
 * Runs something beside the server that was named.
 * @throws {CommandError} where there is none of that name, or it is not installed.
 */
export async function withServer<Result>(name: string, run: (server: NamedServer) => Promise<Result>): Promise<Result> {
  const servers = [busy, ...peers].filter(({ abilities, raw }) => abilities.includes('echo') && !raw)
  const server = servers.find(server => server.name === name)
  if (server === undefined) {
    throw new CommandError(`--server ${name} is none of ${servers.map(({ name }) => name).join(', ')}`)
  }
  if (server.version() === undefined) throw new CommandError(`${name} is not installed: ${server.install}`)
  const program = new Program(name, server.command({ mode: 'echo', tls: undefined }))
  try {
    const { port } = await program.next()
    return await run({ url: `ws://127.0.0.1:${port}`, port: port!, pid: program.pid })
  } finally {
    await program.end()
  }
}
