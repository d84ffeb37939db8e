/** Conditions of a load that is known: what it will never measure is told before it runs, for behind it is too late. */
import { instead, parseCondition, wrong } from './condition.js'
import { isOverTls } from './over-tls.js'
import { type TimeName, timeNames } from './tally.js'
import type { ThreadSettings } from './thread-settings.js'

/** Times that not every load measures. */
const measures: Readonly<Partial<Record<TimeName, (settings: ThreadSettings) => boolean>>> = {
  // A URL has all forms of IPv4 addresses as four numbers, and those of IPv6 in brackets.
  dns: ({ url, connect }) => connect.socketPath === undefined && !/^\[|^[\d.]+$/.test(new URL(url).hostname),
  tls: ({ url }) => isOverTls(url),
  firstMessage: hasRoundTrips,
  rtt: hasRoundTrips,
  rttFromSend: settings => hasRoundTrips(settings) && settings.segments !== undefined,
  ping: ({ workload }) => workload !== 'connect',
  lateness: ({ workload, segments }) => workload === 'connect' || segments !== undefined,
  firstReply: hasSeveralReplies,
  lastReceiver: ({ workload }) => workload === 'broadcast',
  connect: ({ workload }) => workload === 'connect',
  reconnect: ({ workload }) => workload === 'storm',
  firstOctet: ({ workload }) => workload === 'download',
  iteration: ({ workload }) => workload === 'steps',
}

/** Messages with replies; of steps those that are known to answer one. */
function hasRoundTrips({ workload, script }: ThreadSettings): boolean {
  if (workload === 'steps') return script.steps.some(step => step.kind === 'receive' && step.timed)
  return workload !== 'idle' && workload !== 'connect' && workload !== 'storm'
}

/** Something is to come for what is sent, or lost. */
function hasReplies(settings: ThreadSettings): boolean {
  return settings.workload !== 'idle' && (settings.workload !== 'steps' || hasRoundTrips(settings))
}

const ofConnections = ['opened', 'failed', 'dropped', 'unopened']
const ofMessages = ['planned', 'sent', 'missed']

/** To one message. */
function hasSeveralReplies({ workload, request, script }: ThreadSettings): boolean {
  if (workload === 'steps') {
    return script.steps.some(step => step.kind === 'receive' && step.timed && step.count > step.answers.length)
  }
  return (workload === 'request' || workload === 'download') && (request.replies ?? 1) > 1
}

/**
 * Checks conditions.
 *
 * @throws UsageError WS_INVALID_OPTION: one is none, or is of a class or a time that the load has not, or of a server at which nobody looks.
 */
export function checkConditions(conditions: readonly string[], settings: ThreadSettings): void {
  const names = settings.classes.map(({ name }) => name)
  for (const text of conditions) {
    const { className, time, server, counted, unit } = parseCondition(text)
    if (server !== undefined && className !== undefined) wrong(text, 'there is one server, whatever the class')
    if (className !== undefined && !names.includes(className)) {
      const others = names.length === 0 ? 'it has none' : instead(className, names)
      wrong(text, `there is no class ${className} in this load; ${others}`)
    }
    if (server?.ofConnections && settings.shard.count > 1) {
      wrong(text, 'a shard does not know how many connections the others have: one process has to open them all')
    }
    const missing = server?.missing(settings)
    if (missing !== undefined) wrong(text, `this load does not know that of its server; say ${missing}`)
    const classes = settings.classes.filter(({ name }) => className === undefined || name === className)
    const parts = classes.length === 0 ? [settings] : classes.map(({ settings }) => settings)
    const isShare = counted !== undefined && unit === '%' && !ofConnections.includes(counted)
    if (isShare && parts.every(({ workload }) => workload === 'idle')) {
      wrong(text, 'this load only holds connections: nothing is sent, and nothing is to reach anybody')
    }
    if (isShare && !ofMessages.includes(counted) && !parts.some(hasReplies)) {
      wrong(text, 'this load has no step that receives, so no reply is expected')
    }
    const has = (name: TimeName) => parts.some(part => measures[name]?.(part) ?? true)
    if (time !== undefined && !has(time)) {
      wrong(text, `this load never measures ${time}; it measures ${timeNames.filter(has).join(', ')}`)
    }
  }
}
