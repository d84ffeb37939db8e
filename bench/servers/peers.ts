/** The peers, in the order of the tables. */
import { spawnSync } from 'node:child_process'
import { installCommand } from '../load-ws.js'
import { type Ability, type ClientAbility, findProgram, type Peer, packageVersion, peerFile } from './peer.js'
import type { Command } from './program.js'
import { qt } from './qt.js'

const everything: readonly Ability[] = ['echo', 'tls', 'broadcast', 'handshake', 'idle']
const ofClients: readonly ClientAbility[] = ['echo', 'tls', 'handshake', 'idle']

/** A program of bench/peers that runs in Node. */
function node(file: string, options: object, env: Readonly<Record<string, string>> = {}): Command {
  return { program: process.execPath, args: ['--expose-gc', peerFile(file), JSON.stringify(options)], env }
}

function framewright(name: string, about: string, options: object): Peer {
  return {
    name,
    about,
    abilities: [...everything, 'deflate'],
    raw: false,
    install: 'npm run build',
    version: () => `Node ${process.versions.node}`,
    command: given => node('framewright-server.mjs', { ...given, options }),
    client: { abilities: ofClients, command: () => node('framewright-client.mjs', { options }) },
  }
}

function ws(name: string, about: string, needed: string, env: Readonly<Record<string, string>>): Peer {
  return {
    name,
    about,
    abilities: [...everything, 'deflate'],
    raw: false,
    install: installCommand,
    version: () => packageVersion(needed),
    command: given => node('ws-server.mjs', given, env),
    client: { abilities: ofClients, command: () => node('ws-client.mjs', {}, env) },
  }
}

/** Two peers that are of our making, reading plainly and into memory that is used again. */
function bothReads(
  name: string,
  file: string,
  { about, given = {}, ...rest }: Pick<Peer, 'about' | 'abilities' | 'unusual'> & { readonly given?: object },
): Peer[] {
  const peer = (name: string, about: string, options: object): Peer => ({
    name,
    about,
    ...rest,
    raw: false,
    install: 'npm run build',
    version: () => `Node ${process.versions.node}`,
    command: point => node(file, { ...point, options: { ...given, ...options } }),
  })
  return [peer(name, about, {}), peer(`${name}-reused`, "the same with reads: 'reused'", { reads: 'reused' })]
}

export const peers: readonly Peer[] = [
  framewright('framewright', 'with nothing but its defaults', {}),
  framewright('framewright-reused', "with reads: 'reused'", { reads: 'reused' }),
  ...bothReads('framewright-echo', 'framewright-echo-server.mjs', {
    about: "the server of framewright echo: borrowed: true, text: 'buffer'",
    abilities: ['echo', 'tls', 'handshake', 'idle'],
  }),
  ...bothReads('floor', 'floor-server.mjs', {
    about:
      'frames read and sent back on node:net, and nothing else done: no limits, messages, checks; only where it is named',
    abilities: ['echo'],
    unusual: true,
  }),
  ...bothReads('floor-given-back', 'floor-server.mjs', {
    about: 'the floor, its freed memory left to what glibc makes of it; only where it is named',
    abilities: ['echo'],
    unusual: true,
    given: { keep: false },
  }),
  {
    name: 'deflate-floor',
    about: 'the floor of compressed messages: zlib and node:net, and nothing else; only where it is named',
    abilities: ['deflate'],
    raw: false,
    unusual: true,
    install: 'npm run build',
    version: () => `Node ${process.versions.node}`,
    command: given => node('deflate-floor-server.mjs', given),
  },
  ws('ws', 'as npm install ws gives it', 'ws', { WS_NO_BUFFER_UTIL: '1' }),
  ws('ws+bufferutil', 'ws with its optional native part', 'bufferutil', {}),
  {
    name: 'websocket-driver',
    about: 'the protocol of faye',
    abilities: everything,
    raw: false,
    install: installCommand,
    version: () => packageVersion('websocket-driver'),
    command: given => node('websocket-driver-server.mjs', given),
  },
  {
    name: 'bun',
    about: "Bun's own server",
    abilities: everything,
    raw: false,
    install: installCommand,
    version: () => versionOf(bun(), 'Bun', /(\S+)/),
    command: given => ({ program: bun()!, args: [peerFile('bun-server.mjs'), JSON.stringify(given)] }),
  },
  {
    name: 'deno',
    about: "Deno's own server",
    abilities: everything,
    raw: false,
    install: installCommand,
    version: () => versionOf(deno(), 'Deno', /deno (\S+)/),
    command: given => ({
      program: deno()!,
      args: ['run', '--allow-all', '--no-config', peerFile('deno-server.mjs'), JSON.stringify(given)],
    }),
  },
  {
    name: 'net',
    about: 'node:net sending back what comes, unread: the floor',
    abilities: ['echo', 'tls', 'idle'],
    raw: true,
    install: installCommand,
    version: () => `Node ${process.versions.node}`,
    command: given => node('net-server.mjs', given),
  },
  {
    name: 'net-whole',
    about:
      'node:net putting each frame together before it sends it back, unread: the floor of long messages; only where named',
    abilities: ['echo'],
    raw: true,
    unusual: true,
    install: installCommand,
    version: () => `Node ${process.versions.node}`,
    command: given => node('net-whole-server.mjs', given),
  },
  {
    name: 'net-least',
    about:
      'node:net doing the least that opens, sends to all and closes, as a server and as a client: the floor of those',
    abilities: ['broadcast', 'handshake'],
    raw: false,
    install: installCommand,
    version: () => `Node ${process.versions.node}`,
    command: given => node('net-least-server.mjs', given),
    client: { abilities: ['handshake', 'idle'], command: () => node('net-least-client.mjs', {}) },
  },
  {
    name: 'net-checked',
    about:
      'node:net doing the least that checks a handshake and a Close frame, within limits and deadlines; only where it is named',
    abilities: ['handshake'],
    raw: false,
    unusual: true,
    install: installCommand,
    version: () => `Node ${process.versions.node}`,
    command: given => node('net-checked-server.mjs', given),
  },
  {
    name: 'uwebsockets',
    about: 'uWebSockets.js, native',
    abilities: ['echo', 'broadcast', 'handshake', 'idle'],
    raw: false,
    // It is not in the registry.
    install: 'npm install --no-save --prefix bench/peers uNetworking/uWebSockets.js#v20.52.0',
    version: () => packageVersion('uWebSockets.js'),
    command: given => node('uwebsockets-server.mjs', given),
  },
  qt,
]

function bun(): string | undefined {
  const inside = ['bun-linux-x64', 'bun-linux-aarch64'].map(name => peerFile(`node_modules/@oven/${name}/bin/bun`))
  return findProgram('bun', ...inside)
}

function deno(): string | undefined {
  return findProgram('deno', peerFile('node_modules/@deno/linux-x64-glibc/deno'))
}

function versionOf(program: string | undefined, name: string, pattern: RegExp): string | undefined {
  if (program === undefined) return undefined
  const [, version] = pattern.exec(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout) ?? []
  return version && `${name} ${version}`
}
