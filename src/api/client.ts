/** A WebSocket client: RFC 6455 §4.1. Checks what it is told, has it dialled, and makes a connection of what comes of it. */
import type { Duplex } from 'node:stream'
import { type ConnectionSettings, connectionSettings } from '../connection/connection-settings.js'
import { period, readLimits, resolveLimits } from '../connection/limits.js'
import { UsageError } from '../errors.js'
import { type ClientAgreement, ClientHandshake } from '../handshake/client-handshake.js'
import { WebSocketUri } from '../handshake/websocket-uri.js'
import { Dial, type DialSettings, type DialTimes } from '../transport/dial.js'
import { isAddress } from '../transport/stream-addresses.js'
import { TlsClient } from '../transport/tls-client.js'
import type { ConnectOptions } from './connect-options.js'
import type { Opened } from './opened.js'
import { WebSocketConnection } from './websocket-connection.js'

/** Shared by all connections that are told nothing else. */
const usualSettings = connectionSettings(resolveLimits('client'))

/**
 * Opens a connection to a server.
 *
 * Nothing is delivered, no handler is called and no event emitted, before the code that awaits this has gone on: listeners
 * that are added then miss nothing.
 *
 * @param url `ws:` or `wss:`. A user name and a password in it are sent as Basic authentication; they appear nowhere else.
 * Redirects are not followed: they are refusals.
 * @returns the open connection. Rejects with a UsageError (before anything is sent), a HandshakeError (`response` is what
 * the server answered), a TransportError (`phase` is how far it came; `causeCode` says more: ENOTFOUND, ECONNREFUSED,
 * CERT_HAS_EXPIRED) or the reason of the signal. Then nothing is left: no socket, no timer, no listener.
 */
export async function connect<Data = undefined>(
  url: string | URL,
  options: ConnectOptions<Data> = {},
): Promise<WebSocketConnection<Data>> {
  return prepare(url, options)()
}

/**
 * @internal Checks everything, and then connects when called.
 *
 * @throws {UsageError} for what `connect` rejects with one.
 */
export function prepare<Data>(
  url: string | URL,
  options: ConnectOptions<Data>,
): () => Promise<WebSocketConnection<Data>> {
  const uri = WebSocketUri.parse(url, { http: options.http })
  const { origin, host, headers, protocols, handlers = {} } = options
  const handshake = new ClientHandshake(uri, { origin, host, headers, protocols })
  const connection = connectionSettingsOf(options)
  const dial = dialSettingsOf(uri, options)
  return () =>
    new Promise((resolve, reject) => {
      const opened = (stream: Duplex, agreement: ClientAgreement, times: DialTimes): void => {
        const about = openedAs(uri, options, agreement, times)
        const made = new WebSocketConnection<Data>(stream, 'client', connection, handlers, about)
        made.start(agreement.rest, 'later')
        resolve(made)
      }
      new Dial(dial, handshake, { opened, failed: reject }).start()
    })
}

function openedAs<Data>(
  uri: WebSocketUri,
  options: ConnectOptions<Data>,
  agreement: ClientAgreement,
  times: DialTimes,
): Opened<Data> {
  const { protocol, extensions, fields } = agreement
  const request = { path: uri.resourceName, url: uri.toString(), headers: fields, origin: options.origin }
  return { request, protocol, extensions, data: options.data as Data, times }
}

function connectionSettingsOf<Data>(options: ConnectOptions<Data>): ConnectionSettings {
  const { limits, deadlines, maskingKeys, text } = options
  must(text === undefined || text === 'string' || text === 'buffer', '6.2', "text is 'string' or 'buffer'")
  must(maskingKeys === undefined || typeof maskingKeys === 'function', '5.3', 'maskingKeys is a function')
  if (limits === undefined && deadlines === undefined && maskingKeys === undefined && text !== 'buffer') {
    return usualSettings
  }
  return connectionSettings(readLimits('client', limits, deadlines), {
    ...(maskingKeys !== undefined && { maskingKeys }),
    textAsOctets: text === 'buffer',
  })
}

function dialSettingsOf<Data>(uri: WebSocketUri, options: ConnectOptions<Data>): DialSettings {
  const { family = 0, localAddress, lookup, signal, socketPath } = options
  must(family === 0 || family === 4 || family === 6, '4.1', 'family is 4, 6 or 0 for both')
  must(localAddress === undefined || isAddress(localAddress), '4.1', 'localAddress is an IP address')
  must(lookup === undefined || typeof lookup === 'function', '4.1', 'lookup is a function')
  must(signal === undefined || isSignal(signal), '4.1', 'signal is an AbortSignal')
  must(socketPath === undefined || isPath(socketPath), '4.1', 'socketPath is the path of a unix socket')
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

/** Not by its class: a test environment may have one of its own. */
function isSignal(signal: unknown): boolean {
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && path !== '' && !path.includes('\0')
}

function must(holds: boolean, section: string, message: string): void {
  if (!holds) throw new UsageError('WS_INVALID_OPTION', section, message)
}
