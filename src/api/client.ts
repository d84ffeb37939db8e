/** A WebSocket client: RFC 6455 §4.1. Checks what it is told, has it dialled, and makes a connection of what comes of it. */

import type { Duplex } from 'node:stream'
import { type ConnectionSettings, connectionSettings } from '../connection/connection-settings.js'
import { period, readLimits, resolveLimits } from '../connection/limits.js'
import { sharedOutputSlabs } from '../framing/output-slab.js'
import { type ClientAgreement, ClientHandshake } from '../handshake/client-handshake.js'
import { WebSocketUri } from '../handshake/websocket-uri.js'
import { Dial, type DialSettings, type DialTimes } from '../transport/dial.js'
import { sharedReusedReads } from '../transport/reused-reads.js'
import { TlsClient } from '../transport/tls-client.js'
import { type ConnectOptions, readConnectOptions } from './connect-options.js'
import { type ConnectionHandlers, connectionHandlerTable, readHandlers } from './connection-handlers.js'
import { readExtensions } from './extension-options.js'
import type { Opened } from './opened.js'
import { WebSocketConnection } from './websocket-connection.js'

/** Shared by all connections that are told nothing else. */
const usualSettings = connectionSettings(resolveLimits('client'), { slabs: sharedOutputSlabs })

/**
 * Opens a connection to a server.
 *
 * Nothing is delivered, no handler is called and no event emitted, before the code that awaits this has gone on: listeners
 * that are added then miss nothing.
 *
 * @param url - `ws:` or `wss:`. A user name and a password in it are sent as Basic authentication; they appear nowhere
 * else. Redirects are not followed: they are refusals.
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
 * @throws UsageError for what `connect` rejects with one.
 */
export function prepare<Data>(
  url: string | URL,
  given: ConnectOptions<Data>,
): () => Promise<WebSocketConnection<Data>> {
  const options = readConnectOptions<Data>(given)
  const uri = WebSocketUri.parse(url, { http: options.http })
  const { origin, host, headers, protocols } = options
  const handlers = readHandlers<ConnectionHandlers<Data>>(
    options.handlers === undefined ? {} : options.handlers,
    connectionHandlerTable,
  )
  const handshake = new ClientHandshake(uri, {
    origin,
    host,
    headers,
    protocols,
    extensions: readExtensions('client', options),
  })
  const common = { settings: connectionSettingsOf(options), handlers, reads: options.reads ?? 'plain' }
  const dial = dialSettingsOf(uri, options)
  const open = () =>
    new Promise<WebSocketConnection<Data>>((resolve, reject) => {
      const opened = (stream: Duplex, agreement: ClientAgreement, times: DialTimes): void => {
        const about = openedAs(uri, options, agreement, times)
        const made = new WebSocketConnection<Data>(stream, 'client', common, about)
        made.keepAddresses()
        made.start(agreement.rest, 'later')
        resolve(made)
      }
      new Dial(dial, handshake, { opened, failed: reject }).start()
    })
  // The dial begins within the call wherever it can: a signal may be aborted right behind it.
  return () => sharedReusedReads.triedFor(common.reads)?.then(open) ?? open()
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
  const { limits, deadlines, maskingKeys, text, borrowed = false } = options
  const usual = limits === undefined && deadlines === undefined && maskingKeys === undefined && text !== 'buffer'
  if (usual && !borrowed) return usualSettings
  return connectionSettings(readLimits('client', limits, deadlines), {
    slabs: sharedOutputSlabs,
    ...(maskingKeys !== undefined && { maskingKeys }),
    textAsOctets: text === 'buffer',
    borrowed,
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
