/** Which messages go to and fro, by workload. */
import { Broadcasts } from './broadcast-messages.js'
import { EchoMessages } from './echo-messages.js'
import type { Exchange } from './exchange.js'
import type { LoadSettings } from './load-settings.js'
import { payloadsOf } from './payloads.js'
import { RequestMessages } from './request-messages.js'
import { UploadMessages } from './upload-messages.js'

/** Makes what each connection of a thread exchanges, by its number among all. */
export function exchangesOf(settings: LoadSettings): (connection: number) => Exchange {
  const { workload, request, size, text, randomness, toSender } = settings
  if (workload === 'request') return connection => new RequestMessages(request, connection)
  if (workload === 'download') return connection => new RequestMessages(request, connection, true)
  if (workload === 'broadcast') {
    const all = new Broadcasts(payloadsOf(size, 0, text)[0]!, toSender, text)
    return () => all.seat()
  }
  const payloads = payloadsOf(size, randomness, text)
  if (workload === 'upload') return () => new UploadMessages(...payloads)
  return () => new EchoMessages(text, ...payloads)
}
