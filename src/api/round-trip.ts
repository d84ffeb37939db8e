/** A Ping as a promise of its round-trip time: RFC 6455 §5.5.2. */
import { TransportError } from '../errors.js'
import type { SocketDriver } from '../transport/socket-driver.js'
import { asBuffer, type BinaryData } from './binary-data.js'
import { rejectionHeard } from './rejection-heard.js'

/** Sends a Ping; rejects when it cannot be sent, or no Pong comes before the end. */
export function roundTrip({ connection, now }: SocketDriver, payload: string | BinaryData): Promise<number> {
  return rejectionHeard(
    new Promise((resolve, reject) => {
      const fail = (message: string) => reject(new TransportError('WS_PING_UNANSWERED', message, { section: '5.5.2' }))
      const sent = connection.sendPing(asBuffer(payload), now, roundTripTime => {
        if (roundTripTime === undefined) fail('the connection ended before the Pong')
        else resolve(roundTripTime)
      })
      if (sent) return
      const open = connection.state === 'open'
      fail(open ? 'too many Pings are unanswered, or too much waits' : 'the connection is closing')
    }),
  )
}
