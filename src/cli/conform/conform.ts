/** `framewright conform`: the conformance suite. */
import type { CommandGroup } from '../command.js'
import { conformClient } from './client.js'
import { conformList } from './list.js'
import { conformProxy } from './proxy.js'
import { conformReport } from './report.js'
import { conformServer } from './server.js'

export const conform: CommandGroup = {
  name: 'conform',
  summary: 'judges any WebSocket endpoint by the words of the RFC',
  about: [
    'Puts cases to an endpoint, yours or another, in any language, and says which sentences of RFC 6455 it breaks.\nThe endpoint has to echo: send back every message as it came.',
  ],
  commands: [conformServer, conformClient, conformProxy, conformList, conformReport],
}
