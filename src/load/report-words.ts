/** How reports for people call what was timed and counted. */
import type { BadPeerKind } from './bad-peers.js'
import type { LoadSettings } from './load-settings.js'
import type { CountName, TimeName } from './tally.js'

/** In the order in which they are shown; of a load that has a plan. */
const ofPlan: Readonly<Record<TimeName, string>> = {
  rtt: 'round trip, from when it was due',
  rttFromSend: 'round trip, from when it left',
  lateness: 'how late messages left',
  lastReceiver: 'to the last receiver',
  firstReply: 'to the first reply',
  firstOctet: 'to the first octets of the reply',
  connect: 'connection, from when it was due',
  reconnect: 'from the end until open again',
  iteration: 'all steps of a user',
  firstMessage: 'first round trip of each connection',
  ping: 'Ping to Pong',
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  upgrade: 'request to 101',
  close: 'Closing Handshake and end of TCP',
}

/** Nothing is due in the closed model: what is timed from when it left must not be taken for what users see. */
const ofClosedModel: Readonly<Record<TimeName, string>> = {
  ...ofPlan,
  rtt: 'round trip, from when it left (closed model)',
  connect: 'connection, from when it was begun (closed model)',
}

/** In the order in which they are shown. */
export function timeWords({ segments }: Pick<LoadSettings, 'segments'>): Readonly<Record<TimeName, string>> {
  return segments === undefined ? ofClosedModel : ofPlan
}

export const countWords: Readonly<Record<CountName, string>> = {
  opened: 'connections opened',
  failed: 'connections that failed',
  dropped: 'connections dropped',
  unopened: 'connections not open yet when it was over',
  planned: 'planned',
  sent: 'sent',
  missed: 'missed',
  expected: 'replies expected',
  received: 'received',
  lost: 'lost',
  unanswered: 'unanswered',
  wrong: 'wrong',
  other: 'other: nobody asked for them',
  sentOctets: 'octets of payload sent',
  receivedOctets: 'octets of payload received',
  sentWireOctets: 'octets sent on the wire',
  receivedWireOctets: 'octets received on the wire',
  plannedInTime: 'planned before the measured time was over',
  sentInTime: 'sent of those that were due before the measured time was over',
  sentOctetsInTime: 'octets of payload sent in those',
  sentWireOctetsInTime: 'octets sent on the wire until then',
  receivedInTime: 'received before the measured time was over',
  receivedOctetsInTime: 'octets of payload received until then',
  receivedWireOctetsInTime: 'octets received on the wire until then',
}

export const badPeerWords: Readonly<Record<BadPeerKind, string>> = {
  slowReaders: 'slow readers',
  slowWriters: 'slow writers',
  halfOpen: 'half-open',
  resetting: 'resetting',
}
