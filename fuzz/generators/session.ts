/** Sessions: frames of a peer in chunks, and between the chunks whatever application, transport and time may do. */
import fc, { type Arbitrary } from 'fast-check'
import type { Role } from '../../src/framing/frame-header.js'
import { cutAt, cutEverywhere } from '../chunks.js'
import type { Reaction, Session, SessionOptions, Step, Told } from '../session/step.js'
import { frameStream } from './frames.js'

const hex = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map(octets => Buffer.from(octets).toString('hex')),
  fc.constantFrom('', 'c3', 'a9', 'e282', 'ac', '68656c6c6f', 'ff'.repeat(125), '61'.repeat(126), '61'.repeat(1025)),
)

const fin = fc.constantFrom(true, true, true, false)

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '',
    'a',
    '\ud83d',
    '\ude00',
    '\ud83d\ude00',
    'é'.repeat(20),
    'a'.repeat(21),
    '€'.repeat(100),
    'é'.repeat(63),
  ),
  fc.constantFrom('a'.repeat(65_536), 'é'.repeat(65_536), 'a'.repeat(65_537), '€'.repeat(30_000)),
)

const sizes = fc.constantFrom(65_536, 65_537, 66_000, 70_000, 200_000)

/** What the application does. */
export const applicationSteps: Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('text' as const), texts, fin) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('octets' as const), hex, fin) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('binary' as const), hex, fin) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('large' as const), sizes, fin) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('ping' as const),
      hex.map(octets => octets.slice(0, 250)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('pong' as const),
      hex.map(octets => octets.slice(0, 250)),
    ),
  },
)

/** How the application stops and goes. */
const holdSteps: Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>(['pause'], ['resume'], ['settle', true], ['settle', false]),
  fc.tuple(
    fc.constant('on' as const),
    fc.constantFrom<Told>('text', 'binary', 'ping', 'pong', 'closing', 'end', 'drain', 'written', 'close', 'settled'),
    fc.constantFrom<Reaction>(
      'nothing',
      'throw',
      'close',
      'terminate',
      'pause',
      'resume',
      'text',
      'ping',
      'hold',
      'resolve',
      'reject',
    ),
  ),
)

const endSteps: Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.constant('close' as const),
      fc.constantFrom(null, 1000, 1001, 4999),
      fc.constantFrom('', '', 'bye'),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('close' as const), fc.nat({ max: 5100 }), texts) },
  { weight: 3, arbitrary: fc.constantFrom<Step>(['terminate'], ['end'], ['end'], ['dead']) },
)

const transportSteps: Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>(['take']) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constant('drain' as const),
      fc.oneof(fc.constant(1_000_000), fc.nat({ max: 20 }), fc.constantFrom(65_536, 70_000)),
      fc.constantFrom(false, false, true),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('tick' as const), fc.constantFrom(0, 1, 999, 10_000, 20_000, 25_000, 120_000)),
  },
)

const anyStep = fc.oneof(
  { weight: 6, arbitrary: applicationSteps },
  { weight: 5, arbitrary: transportSteps },
  { weight: 3, arbitrary: holdSteps },
  { weight: 1, arbitrary: endSteps },
)

/** Left as it is most of the time. */
function sometimes<Value>(...values: Value[]): Arbitrary<Value | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  )
}

export const sessionOptions: Arbitrary<SessionOptions> = fc
  .record({
    textAsOctets: sometimes(true),
    maxMessageSize: sometimes(64, 300, 5000),
    maxFrameSize: sometimes(126, 1000),
    maxFragments: sometimes(1, 2, 3),
    maxOutgoingFrameSize: sometimes(1, 2, 125, 126, 1000, 65_536, 70_000),
    sendHighWaterMark: sometimes(1, 100, 70_000),
    maxSendBuffer: sometimes(1, 1000, 70_000),
    sendOverflow: sometimes<'close' | 'drop' | 'error'>('close', 'drop', 'error'),
  })
  .map(options => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)))

export const sessions: Arbitrary<Session> = fc
  .constantFrom<Role>('server', 'client')
  .chain(role =>
    fc.tuple(
      fc.constant(role),
      sessionOptions,
      frameStream(role === 'server'),
      fc.oneof(
        { weight: 6, arbitrary: fc.array(fc.nat(), { maxLength: 6 }) },
        { weight: 1, arbitrary: fc.constant('everywhere' as const) },
      ),
      fc.array(fc.tuple(fc.nat(), anyStep), { maxLength: 10 }),
    ),
  )
  .map(([role, options, octets, cuts, others]) => {
    const chunks =
      cuts === 'everywhere' && octets.length <= 200
        ? cutEverywhere(octets)
        : cutAt(octets, cuts === 'everywhere' ? [] : cuts)
    const steps: Step[] = chunks.map(chunk => ['receive', chunk.toString('hex')])
    for (const [place, step] of others) steps.splice(place % (steps.length + 1), 0, step)
    // A million frames are no better than a thousand.
    const huge = steps.some(step => step[0] === 'large' || (step[0] === 'text' && step[1].length > 10_000))
    return { role, options: huge ? coarse(options) : options, steps }
  })

/** Without the sizes that make a million steps of a large message. */
function coarse({
  maxOutgoingFrameSize = 'unlimited',
  sendHighWaterMark = 65_536,
  ...options
}: SessionOptions): SessionOptions {
  const size = maxOutgoingFrameSize === 'unlimited' ? maxOutgoingFrameSize : Math.max(maxOutgoingFrameSize, 125)
  return { ...options, maxOutgoingFrameSize: size, sendHighWaterMark: Math.max(sendHighWaterMark, 1000) }
}
