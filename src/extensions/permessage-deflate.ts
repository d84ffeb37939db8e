/**
 * The extension permessage-deflate: RFC 7692 §5 and §7.1. What is offered, answered and accepted; what was agreed is
 * carried out in deflate-messages.ts. A message is compressed with what the connection has sent before only where both
 * ends agree to keep that ("context takeover"): a window for each direction and each connection.
 */
import { type Parameter, parseDigits } from '../http/grammar.js'
import { DeflateMessages, type DeflateSettings } from './deflate-messages.js'
import {
  type DeflateOptions,
  largestWindowBits,
  type PerMessageDeflateOptions,
  readDeflateOptions,
} from './deflate-options.js'
import type { Extension, MessageTransform } from './extension.js'
import { KeptDeflaters } from './kept-deflaters.js'

// Octets from which on a message is compressed unless told: with what was sent before, short ones shrink too.
const usualThreshold = { kept: 64, empty: 1024 }

/** What the parameters of an offer or an answer say of one direction (§7.1): of the messages that this end compresses. */
interface Direction {
  /** Its window may be taken over. */
  keeps: boolean
  /** The most bits of its window; undefined where the parameter is not there. */
  bits: number | undefined
}

type Parameters = { readonly [sender in 'client' | 'server']: Direction }

/** permessage-deflate with its options: hand it to a handshake, and what was agreed to a connection. */
export class PerMessageDeflate implements Extension {
  /** The registered name (§9.1). */
  readonly name = 'permessage-deflate'
  /** RSV1: "Per-Message Compressed" (§6). */
  readonly rsv = 4
  readonly #choices: readonly DeflateOptions[]
  readonly #keptDeflaters: KeptDeflaters
  /** Every answer that was given, as text, and what follows from it: so connections that agree on the same share it. */
  readonly #answers = new Map<string, readonly Parameter[]>()
  readonly #settings = {
    client: new WeakMap<readonly Parameter[], DeflateSettings>(),
    server: new WeakMap<readonly Parameter[], DeflateSettings>(),
  }

  /**
   * @param role - whose defaults hold for what is not given.
   * @param options - several: what a client offers, most preferred first; a server goes by the first.
   * @throws UsageError WS_INVALID_OPTION.
   */
  constructor(role: 'client' | 'server', options: PerMessageDeflateOptions | readonly PerMessageDeflateOptions[] = {}) {
    const several: readonly unknown[] = Array.isArray(options) && options.length > 0 ? options : [options]
    this.#choices = several.map(one => readDeflateOptions(role, one))
    this.#keptDeflaters = new KeptDeflaters(this.#choices[0]!.windowMemory)
  }

  /** One for each of the options, in their order. */
  offers(): ReadonlyArray<readonly Parameter[]> {
    return this.#choices.map(({ server, client }) => [
      ...format('server', { keeps: server.keeps, bits: below15(server.bits) }),
      ...format('client', { keeps: client.keeps, bits: below15(client.bits) }),
      // Without a value, too: so the server may limit our window, and save memory (§7.1.2.2).
      ...(client.bits < largestWindowBits ? [] : [['client_max_window_bits', undefined] as const]),
    ])
  }

  /** As little as both allow: `undefined` for an offer that is malformed (§7). */
  answer(offer: readonly Parameter[]): readonly Parameter[] | undefined {
    const asked = read(offer, String(largestWindowBits))
    if (asked === undefined) return undefined
    const { server, client } = this.#choices[0]!
    const serverBits = asked.server.bits === undefined ? below15(server.bits) : Math.min(server.bits, asked.server.bits)
    const clientBits = asked.client.bits === undefined ? undefined : below15(Math.min(client.bits, asked.client.bits))
    // A client that cannot limit its window is asked to keep none, which saves the memory as well.
    const limited = asked.client.bits !== undefined || client.bits === largestWindowBits
    return this.#known([
      ...format('server', { keeps: server.keeps && asked.server.keeps, bits: serverBits }),
      ...format('client', { keeps: client.keeps && asked.client.keeps && limited, bits: clientBits }),
    ])
  }

  /** It fits one of our offers. */
  accepts(answer: readonly Parameter[]): boolean {
    return this.#chosen(read(answer)) !== undefined
  }

  /** Compresses and inflates as was agreed. */
  transform(role: 'client' | 'server', parameters: readonly Parameter[]): MessageTransform {
    let settings = this.#settings[role].get(parameters)
    if (settings === undefined) {
      settings = this.#settingsOf(role, parameters)
      this.#settings[role].set(parameters, settings)
    }
    return new DeflateMessages(settings)
  }

  #known(answer: readonly Parameter[]): readonly Parameter[] {
    const text = answer.join()
    const known = this.#answers.get(text)
    if (known === undefined) this.#answers.set(text, answer)
    return known ?? answer
  }

  #settingsOf(role: 'client' | 'server', parameters: readonly Parameter[]): DeflateSettings {
    const agreed = read(parameters)!
    const own = role === 'server' ? this.#choices[0]! : this.#chosen(agreed)!
    const incoming = agreed[role === 'server' ? 'client' : 'server']
    const outgoing = agreed[role]
    const keeps = outgoing.keeps && own[role].keeps
    return {
      compression: {
        windowBits: Math.min(own[role].bits, outgoing.bits ?? largestWindowBits),
        level: own.level,
        memLevel: own.memLevel,
      },
      keptDeflaters: keeps ? this.#keptDeflaters : undefined,
      incomingWindowBits: incoming.bits ?? largestWindowBits,
      keepsIncoming: incoming.keeps,
      threshold: own.threshold ?? (keeps ? usualThreshold.kept : usualThreshold.empty),
      maxRatio: own.maxRatio,
      releaseAfter: own.releaseAfter,
    }
  }

  /** The offer of ours that an answer fits: what was asked of the server is there, with "the same or smaller value". */
  #chosen(answer: Parameters | undefined): DeflateOptions | undefined {
    if (answer === undefined) return undefined
    const { keeps, bits = largestWindowBits } = answer.server
    return this.#choices.find(({ server }) => (server.keeps || !keeps) && bits <= server.bits)
  }
}

/** 15 bits are what an endpoint may use that is told nothing: it is not named. */
function below15(bits: number): number | undefined {
  return bits < largestWindowBits ? bits : undefined
}

function format(sender: 'client' | 'server', { keeps, bits }: Direction): Parameter[] {
  const parameters: Parameter[] = keeps ? [] : [[`${sender}_no_context_takeover`, undefined]]
  if (bits !== undefined) parameters.push([`${sender}_max_window_bits`, String(bits)])
  return parameters
}

/**
 * Reads an offer or an answer.
 *
 * @param unlimited - what `client_max_window_bits` stands for without a value, which only an offer may leave away.
 * @returns undefined for a name that is not defined, or there twice, or a value that is not (§7).
 */
function read(parameters: readonly Parameter[], unlimited?: string): Parameters | undefined {
  const found: Parameters = { server: { keeps: true, bits: undefined }, client: { keeps: true, bits: undefined } }
  for (const [name, value] of parameters) {
    const direction = name.startsWith('server_') ? found.server : found.client
    switch (name) {
      case 'server_no_context_takeover':
      case 'client_no_context_takeover':
        if (value !== undefined || !direction.keeps) return undefined
        direction.keeps = false
        break
      case 'server_max_window_bits':
      case 'client_max_window_bits': {
        const bits = readBits(value ?? (name.startsWith('client_') ? unlimited : undefined))
        if (bits === undefined || direction.bits !== undefined) return undefined
        direction.bits = bits
        break
      }
      default:
        return undefined
    }
  }
  return found
}

/** §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive". */
function readBits(value: string | undefined): number | undefined {
  const bits = parseDigits(value ?? '')
  return bits !== undefined && bits >= 8 && bits <= largestWindowBits && String(bits) === value ? bits : undefined
}
