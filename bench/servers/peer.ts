/** Whom we measure beside each other, and how each is started. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from './program.js'

/** What a server of bench/peers is told: see serve.mjs there. */
export interface ServerOptions {
  readonly mode: 'echo' | 'broadcast' | 'deflate'
  /** Files, PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

/** What a server can be measured in. */
export type Ability = 'deflate' | 'echo' | 'tls' | 'broadcast' | 'handshake' | 'idle'

export interface Peer {
  /** As on the command line. */
  readonly name: string
  readonly about: string
  readonly abilities: readonly Ability[]
  /** Its octets come back as they are, without any handshake. */
  readonly raw: boolean
  /** Measured only where it is asked for. */
  readonly unusual?: true
  /** What it is and which version; undefined where it is not installed. */
  version(): string | undefined
  /** Installs it. */
  readonly install: string
  command(options: ServerOptions): Command
  /** The program whose clients are measured, where it has one. */
  readonly client?: Client
}

export interface Client {
  readonly abilities: readonly ClientAbility[]
  command(): Command
}

/** What the clients of a program can be measured in: as servers are. */
export type ClientAbility = 'echo' | 'tls' | 'handshake' | 'idle'

/** A file of bench/peers, which is not compiled; this one runs from build/bench/servers. */
export function peerFile(name: string): string {
  return fileURLToPath(new URL(`../../../bench/peers/${name}`, import.meta.url))
}

/** Name and version of a package in bench/peers. */
export function packageVersion(name: string): string | undefined {
  const file = peerFile(`node_modules/${name}/package.json`)
  if (!existsSync(file)) return undefined
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`
}

/** The first of these paths that exists, or what the PATH has under this name. */
export function findProgram(name: string, ...paths: readonly string[]): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, name))
  return [...paths, ...onPath].find(path => existsSync(path))
}
