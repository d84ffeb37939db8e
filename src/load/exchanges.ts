/** Which messages go to and fro, by workload. */
import { Broadcasts } from './broadcast-messages.js'
import { EchoMessages } from './echo-messages.js'
import type { Exchange } from './exchange.js'
import type { LoadSettings } from './load-settings.js'
import { RequestMessages } from './request-messages.js'
import { UploadMessages } from './upload-messages.js'

const filling = 'The quick brown fox jumps over the lazy dog. '

/** Makes what each connection of a thread exchanges, by its number among all. */
export function exchangesOf(settings: LoadSettings): (connection: number) => Exchange {
  const { workload, request, size, toSender } = settings
  const payload = Buffer.alloc(size, filling)
  if (workload === 'request' || workload === 'download') return connection => new RequestMessages(request, connection)
  if (workload === 'broadcast') {
    const all = new Broadcasts(payload, toSender)
    return () => all.seat()
  }
  if (workload === 'upload') return () => new UploadMessages(payload)
  return () => new EchoMessages(payload)
}
