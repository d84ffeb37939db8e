/** `--deflate` and `--deflate-options`: permessage-deflate by the names that its parameters have in RFC 7692 §7.1. */
import type { PerMessageDeflateOptions } from '../extensions/deflate-options.js'
import { closest } from '../suggestion.js'
import type { Arguments, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'
import { parseCount, parseDuration, parseSize, parseWord } from './quantity.js'

/** The two options, of every command that has them. */
export const deflateArguments: OptionTable = {
  deflate: {
    help: 'compress messages (permessage-deflate): all of them, and all that the other side offers or\ntakes is agreed to',
  },
  'deflate-options': {
    value: 'LIST',
    help: "the same, by parameters, 'NAME; NAME=VALUE': see below",
  },
}

/** For the help: what stands in `--deflate-options`. */
export const deflateLines: readonly string[] = [
  'server_no_context_takeover     the server compresses every message by itself, without those before it',
  'client_no_context_takeover     the same for the client',
  'server_max_window_bits=BITS    how far back the server looks: 8 to 15, for 2^BITS octets (default 15)',
  'client_max_window_bits=BITS    the same for the client',
  'threshold=SIZE                 messages from this size on are compressed (default 0)',
  'level=N                        1 is fast, 9 is small (default 6)',
  'mem_level=N                    1 to 9, memory beside a window that compresses: 128KiB at 8 (default 8)',
  "max_ratio=N                    how many times as large a message above 64KiB may become (default 'unlimited')",
  "window_memory=SIZE             for the windows of all connections that compress, or 'unlimited' (default 64MiB)",
  "release_after=TIME             so long without a message, memory of windows is given back; or 'off' (default 10s)",
]

type Options = { -readonly [Name in keyof PerMessageDeflateOptions]: PerMessageDeflateOptions[Name] }

/** What each name does to the options. */
const parameters: Readonly<Record<string, (options: Options, what: string, value: string | undefined) => void>> = {
  server_no_context_takeover: (options, what, value) => {
    options.serverContextTakeover = flag(what, value)
  },
  client_no_context_takeover: (options, what, value) => {
    options.clientContextTakeover = flag(what, value)
  },
  server_max_window_bits: (options, what, value) => {
    options.serverMaxWindowBits = within(what, value, 8, 15)
  },
  client_max_window_bits: (options, what, value) => {
    // Without a value, as offers have it (§7.1.2.2): the client is able to, which ours is anyway.
    if (value !== undefined) options.clientMaxWindowBits = within(what, value, 8, 15)
  },
  threshold: (options, what, value) => {
    options.threshold = value === '0' ? 0 : parseSize<never>(what, value ?? '')
  },
  level: (options, what, value) => {
    options.level = within(what, value, 1, 9)
  },
  mem_level: (options, what, value) => {
    options.memLevel = within(what, value, 1, 9)
  },
  max_ratio: (options, what, value) => {
    options.maxRatio = parseCount<'unlimited'>(what, value ?? '', ['unlimited'])
  },
  window_memory: (options, what, value) => {
    options.windowMemory = value === '0' ? 0 : parseSize<'unlimited'>(what, value ?? '', ['unlimited'])
  },
  release_after: (options, what, value) => {
    options.releaseAfter = parseDuration<'off'>(what, value ?? '', ['off'])
  },
}

/**
 * Reads both options.
 *
 * @returns false where neither was given.
 * @throws CommandError for a name that is not known, or twice, or a value that it does not take.
 */
export function parseDeflate(given: Arguments): PerMessageDeflateOptions | false {
  const text = given.get('deflate-options')
  if (text === undefined && !given.has('deflate')) return false
  const options: Options = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 }
  const seen = new Set<string>()
  for (const part of (text ?? '').split(';').map(one => one.trim())) {
    if (part === '') continue
    const [, name = '', value] = /^([^=\s]*)\s*(?:=\s*(.*))?$/s.exec(part) ?? [part, part]
    const set = Object.hasOwn(parameters, name) ? parameters[name]! : unknownParameter(name)
    if (seen.has(name)) throw new CommandError(`--deflate-options: ${name} was given twice`)
    seen.add(name)
    set(options, `--deflate-options: ${name}`, value)
  }
  return options
}

/** The parameter is there: no context is taken over. */
function flag(what: string, value: string | undefined): false {
  if (value !== undefined) throw new CommandError(`${what} takes no value`)
  return false
}

function within(what: string, value: string | undefined, least: number, most: number): number {
  const words = Array.from({ length: most - least + 1 }, (_, index) => String(least + index))
  return Number(parseWord(what, value ?? '', words))
}

function unknownParameter(name: string): never {
  const names = Object.keys(parameters)
  const near = closest(name, names)
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`
  throw new CommandError(`--deflate-options: there is no ${JSON.stringify(name)}; ${hint}`)
}
