/** Opens connections that are told the same: RFC 6455 §4.1. What they are told is checked once, and anew for none of them. */
import type { Duplex } from 'node:stream'
import { type ConnectionSettings, connectionSettings, type InPlace } from '../connection/connection-settings.js'
import { period, readLimits, resolveLimits } from '../connection/limits.js'
import { sharedOutputSlabs } from '../framing/output-slab.js'
import { type ClientAgreement, ClientHandshake } from '../handshake/client-handshake.js'
import { ClientRequest } from '../handshake/client-request.js'
import { WebSocketUri } from '../handshake/websocket-uri.js'
import { Dial, type DialSettings, type DialTimes } from '../transport/dial.js'
import { sharedReusedReads } from '../transport/reused-reads.js'
import { TlsClient } from '../transport/tls-client.js'
import { type ConnectOptions, readConnectOptions } from './connect-options.js'
import { type ConnectionHandlers, connectionHandlerTable, readHandlers } from './connection-handlers.js'
import { readExtensions } from './extension-options.js'
import type { Common } from './opened.js'
import { type Sent, SentRequest } from './sent-request.js'
import { WebSocketConnection } from './websocket-connection.js'

/** Shared by all connections that are told nothing else. */
const usualSettings = connectionSettings(resolveLimits('client'), { slabs: sharedOutputSlabs })

/** What one connection may have for itself. */
export type OwnOptions<Data> = Pick<ConnectOptions<Data>, 'data' | 'localAddress' | 'signal'>

export class Connector<Data> {
  readonly #data: Data
  readonly #sent: Sent
  readonly #request: ClientRequest
  readonly #common: Common<Data>
  readonly #dial: DialSettings

  /**
   * @internal Checks everything.
   *
   * @param inPlace - see {@link InPlace}; the handlers that it is given are connections.
   * @throws UsageError for what `connect` rejects with one.
   */
  constructor(url: string | URL, given: ConnectOptions<Data>, inPlace?: InPlace) {
    const options = readConnectOptions<Data>(given)
    const uri = WebSocketUri.parse(url, { http: options.http })
    const { origin, host, headers, protocols } = options
    const handlers = readHandlers<ConnectionHandlers<Data>>(
      options.handlers === undefined ? {} : options.handlers,
      connectionHandlerTable,
    )
    const extensions = readExtensions('client', options)
    this.#data = options.data as Data
    this.#sent = { path: uri.resourceName, url: uri.toString(), origin }
    this.#request = new ClientRequest(uri, { origin, host, headers, protocols, extensions })
    this.#common = { settings: connectionSettingsOf(options, inPlace), handlers, reads: options.reads ?? 'plain' }
    this.#dial = dialSettingsOf(uri, options)
  }

  /** Opens one: see `connect`. The dial begins within the call wherever it can: a signal may be aborted right behind it. */
  open(): Promise<WebSocketConnection<Data>> {
    return this.#whenTried(this.#dial, this.#data)
  }

  /** Opens one that has these for itself, which nobody checks, in the place of those that were given. */
  openWith({ data, localAddress, signal }: OwnOptions<Data>): Promise<WebSocketConnection<Data>> {
    return this.#whenTried({ ...this.#dial, localAddress, signal }, data as Data)
  }

  #whenTried(dial: DialSettings, data: Data): Promise<WebSocketConnection<Data>> {
    const tried = sharedReusedReads.triedFor(this.#common.reads)
    return tried?.then(() => this.#open(dial, data)) ?? this.#open(dial, data)
  }

  #open(dial: DialSettings, data: Data): Promise<WebSocketConnection<Data>> {
    return new Promise((resolve, failed) => {
      const opened = (stream: Duplex, agreement: ClientAgreement, times: DialTimes): void => {
        resolve(this.#made(stream, agreement, data, times))
      }
      new Dial(dial, new ClientHandshake(this.#request), { opened, failed }).start()
    })
  }

  #made(
    stream: Duplex,
    { protocol, extensions, fields, rest }: ClientAgreement,
    data: Data,
    times: DialTimes,
  ): WebSocketConnection<Data> {
    const request = new SentRequest(this.#sent, fields.text)
    const about = { request, protocol, extensions, data, times }
    const made = new WebSocketConnection<Data>(stream, 'client', this.#common, about)
    made.keepAddresses()
    made.start(rest, 'later')
    return made
  }
}

function connectionSettingsOf<Data>(options: ConnectOptions<Data>, inPlace: InPlace | undefined): ConnectionSettings {
  const { limits, deadlines, maskingKeys, text, borrowed = false } = options
  const usual = limits === undefined && deadlines === undefined && maskingKeys === undefined && text !== 'buffer'
  if (usual && !borrowed) return usualSettings
  return connectionSettings(readLimits('client', limits, deadlines), {
    slabs: sharedOutputSlabs,
    ...(maskingKeys !== undefined && { maskingKeys }),
    textAsOctets: text === 'buffer',
    borrowed,
    inPlace,
  })
}

function dialSettingsOf<Data>(uri: WebSocketUri, options: ConnectOptions<Data>): DialSettings {
  const { family = 0, localAddress, lookup, signal, socketPath } = options
  return {
    host: uri.host,
    port: uri.port,
    tls: uri.secure ? new TlsClient(uri.host, options.tls) : undefined,
    socketPath,
    localAddress,
    family,
    lookup,
    oneAtATime: options.oneAtATime === true,
    timeout: period('connectTimeout', options.connectTimeout, 15_000),
    signal,
  }
}
