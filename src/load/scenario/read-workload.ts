/** What a class of a scenario does that goes through no steps: one of the workloads, with what is said of it. */
import { type BadPeerKind, type BadPeerShares, badPeerKinds } from '../bad-peers.js'
import { most } from '../load-amounts.js'
import type { LoadOptions, Workload } from '../load-options.js'
import { expected, flag, type Located, mapping, octets, plain, share, text, time, whole, wrong } from './located.js'

const workloads = ['echo', 'request', 'broadcast', 'idle', 'connect', 'storm', 'upload', 'download'] as const

/** Those keys of a class that go with a workload. */
export const workloadKeys = [
  'workload',
  'size',
  'random',
  'text',
  'message',
  'replyId',
  'replies',
  'toSender',
  'pipeline',
  'replyTimeout',
  'backoff',
  'cutAll',
] as const

/** Those of a class that goes through steps. */
const stepKeys = ['steps'] as const

type Key = (typeof workloadKeys)[number] | (typeof stepKeys)[number] | 'opening' | 'values'
type Found = Readonly<Partial<Record<Key, Located>>>

/**
 * Understands it.
 *
 * @param found - all keys of the class.
 * @returns undefined where it goes through steps, or does nothing.
 * @throws UsageError that names the place.
 */
export function readWorkload(found: Found): LoadOptions | undefined {
  if (found.workload === undefined) {
    const stray = workloadKeys.find(key => found[key] !== undefined)
    if (stray === undefined) return undefined
    throw wrong(`${found[stray]!.place}: ${stray} is said of a workload, and there is none here`)
  }
  const mixed = stepKeys.find(key => found[key] !== undefined)
  if (mixed !== undefined) throw wrong(`${found[mixed]!.place}: a class has a workload or ${mixed}, and not both`)
  if (found.values !== undefined && found.opening === undefined) {
    throw wrong(`${found.values.place}: values stand in what steps send, and there are none here`)
  }
  return {
    workload: workloadOf(found.workload),
    size: found.size && octets(found.size),
    randomness: found.random && share(found.random),
    text: found.text && flag(found.text),
    request: requestOf(found),
    toSender: found.toSender && flag(found.toSender),
    pipeline: found.pipeline && whole(found.pipeline, 1, most.pipeline),
    replyTimeout: found.replyTimeout && time(found.replyTimeout, 1),
    backoff: found.backoff && backoffOf(found.backoff),
    cutAll: found.cutAll && flag(found.cutAll),
  }
}

/** The shares of its connections that do not behave; undefined where all do. */
export function readBadPeers(
  found: Readonly<Partial<Record<BadPeerKind | 'steps', Located>>>,
): BadPeerShares | undefined {
  const shares = badPeerKinds.flatMap(kind => {
    const node = found[kind]
    return node === undefined ? [] : [[kind, share(node)] as const]
  })
  const { slowWriters, steps } = found
  if (slowWriters !== undefined && steps !== undefined) {
    throw wrong(`${slowWriters.place}: slowWriters write the messages of a workload, and there are steps here`)
  }
  return shares.length === 0 ? undefined : Object.fromEntries(shares)
}

/** Whether it has a part in a rate: the others have nothing that could be due. */
export function hasRate(workload: Workload | undefined): boolean {
  return workload !== 'idle' && workload !== 'storm'
}

function workloadOf(node: Located): Workload {
  const known = workloads.find(name => name === node.value)
  return known ?? expected(node, `one of ${workloads.join(', ')}`)
}

function requestOf({ message, replyId, replies }: Found): LoadOptions['request'] {
  if (message === undefined) return undefined
  // What is no text is JSON.
  const said = typeof message.value === 'string' ? message.value : JSON.stringify(plain(message))
  return { message: said, replyId: replyId && text(replyId), replies: replies && whole(replies, 1, most.replies) }
}

function backoffOf(node: Located): LoadOptions['backoff'] {
  const found = mapping(node, 'first and longest, times')
  const [first, longest] = [found.get('first'), found.get('longest')]
  if (first === undefined || longest === undefined) return expected(node, 'first and longest, times')
  return { first: time(first), longest: time(longest) }
}
