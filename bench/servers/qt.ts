/** Qt's server: compiled on this machine, when its headers are there. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Peer, peerFile } from './peer.js'

const program = fileURLToPath(new URL('../../qt-server', import.meta.url))

export const qt: Peer = {
  name: 'qt',
  about: 'QWebSocketServer, native',
  // Not idle: it takes half a minute to open 5,000 connections.
  abilities: ['echo', 'broadcast', 'handshake'],
  raw: false,
  install: 'sudo apt-get install g++ pkg-config qt6-websockets-dev',
  version() {
    const version = output('pkg-config', '--modversion', 'Qt6WebSockets')
    return version && output('g++', '--version') && `Qt ${version.trim()}`
  },
  command(options) {
    compile()
    return { program, args: [JSON.stringify(options)] }
  },
}

let compiled = false

function compile(): void {
  if (compiled) return
  const flags = output('pkg-config', '--cflags', '--libs', 'Qt6WebSockets')!.trim().split(/\s+/)
  const { status, stderr } = spawnSync(
    'g++',
    ['-O2', '-std=c++17', '-fPIC', '-o', program, peerFile('qt-server.cpp'), ...flags],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`qt-server.cpp cannot be compiled: ${stderr}`)
  compiled = true
}

function output(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}
