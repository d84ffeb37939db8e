/** Requests from a template, and which messages are their replies. */
import t from 'tap'
import { RequestMessages, type RequestTemplate } from '../../src/load/request-messages.js'
import { Told } from './told.js'

const json: RequestTemplate = { message: '{"id":"{id}","of":{connection},"n":{number},"x":{}}' }

t.test('the template is filled in', async t => {
  const messages = new RequestMessages(json, 7)
  t.equal(messages.next(0, 0), '{"id":"7-0","of":7,"n":0,"x":{}}')
  t.equal(messages.next(0, 0), '{"id":"7-1","of":7,"n":1,"x":{}}')
  t.equal(new RequestMessages({ message: 'ping' }, 0).next(0, 0), 'ping')
})

const stories: [
  string,
  RequestTemplate,
  requests: number,
  replies: [string, number][],
  told: string[],
  left: number,
][] = [
  [
    'in any order',
    json,
    3,
    [
      ['{"id":"0-2","ok":true}', 5],
      ['{"ok":true,"id" : "0-0"}', 6],
    ],
    ['answered 2 2.5 5', 'answered 0 0.5 6'],
    1,
  ],
  [
    'several replies to one',
    { ...json, replies: 3 },
    2,
    [
      ['{"id":"0-1"}', 5],
      ['{"id":"0-0"}', 6],
      ['{"id":"0-1"}', 7],
      ['{"id":"0-1"}', 8],
    ],
    ['first 1 5', 'first 0 6', 'partly 1 7', 'answered 1 1.5 8'],
    1,
  ],
  [
    'a reply twice, and what has no id: nobody asked for it',
    json,
    1,
    [
      ['{"id":"0-0"}', 5],
      ['{"id":"0-0"}', 6],
      ['{"event":"tick"}', 7],
    ],
    ['answered 0 0.5 5', 'other', 'other'],
    0,
  ],
  [
    'an id of another kind',
    { message: 'get {id}', replyId: '^ok (\\S+)' },
    1,
    [['ok 0-0 done', 5]],
    ['answered 0 0.5 5'],
    0,
  ],
  [
    'without an id: in their order',
    { message: 'x', replies: 2 },
    2,
    [
      ['a', 5],
      ['b', 6],
      ['c', 7],
    ],
    ['first 0 5', 'answered 0 0.5 6', 'first 1 7'],
    1,
  ],
  ['without an id, and nothing asked', { message: 'x' }, 0, [['a', 5]], ['other'], 0],
]
for (const [name, template, requests, replies, told, left] of stories) {
  t.test(name, async t => {
    const messages = new RequestMessages(template, 0)
    messages.join()
    t.equal(messages.expected, template.replies ?? 1)
    for (let i = 0; i < requests; i++) messages.next(i, i + 0.5)
    const owner = new Told()
    for (const [text, now] of replies) messages.receive(Buffer.from(text), now, owner)
    t.same(owner.lines, told)
    t.equal(messages.underWay, left)
  })
}

t.test('what is given up: every reply that is missing', async t => {
  const messages = new RequestMessages({ ...json, replies: 2 }, 0)
  for (let i = 0; i < 2; i++) messages.next(i, i)
  messages.receive(Buffer.from('{"id":"0-0"}'), 5, new Told())
  const due: number[] = []
  messages.giveUp(time => due.push(time))
  t.same(due, [0, 1, 1])
  t.equal(messages.underWay, 0)
})

t.test(
  'what was waited for too long: every reply that is missing, and nobody asked for those that come late',
  async t => {
    const owner = new Told()
    const messages = new RequestMessages({ ...json, replies: 2 }, 0)
    for (let i = 0; i < 3; i++) messages.next(i, i + 0.5)
    messages.receive(Buffer.from('{"id":"0-1"}'), 5, owner)
    const due: number[] = []
    messages.expire(2, time => due.push(time))
    t.same([due, messages.underWay], [[0, 0, 1], 1])
    owner.take()
    for (const id of ['0-0', '0-1', '0-2']) messages.receive(Buffer.from(`{"id":"${id}"}`), 6, owner)
    t.same(owner.take(), ['other', 'other', 'first 2 6'])
  },
)

t.test('a large reply begins with its own first octets, and not with those of what is pushed before it', async t => {
  const owner = new Told()
  const messages = new RequestMessages({ message: '{"id":"{id}"}', replies: 2 }, 0, true)
  const receive = (text: string, now: number) => messages.receive(Buffer.from(text), now, owner)
  messages.next(1, 1)
  messages.next(2, 2)
  messages.arriving(3)
  receive('{"event":"tick"}', 4)
  t.same(owner.take(), ['other'])
  messages.arriving(5)
  messages.arriving(6)
  receive('{"id":"0-1"}', 7)
  t.same(owner.take(), ['began 2 5', 'first 2 7'])
  // In one piece; and the second reply to a request says nothing of when the first one began.
  receive('{"id":"0-0"}', 8)
  messages.arriving(9)
  receive('{"id":"0-1"}', 10)
  t.same(owner.take(), ['began 1 8', 'first 1 8', 'answered 2 2 10'])
})

t.test('a push that nobody has asked for, while nothing is asked', async t => {
  const owner = new Told()
  const messages = new RequestMessages({ message: 'get' }, 0, true)
  messages.arriving(1)
  messages.receive(Buffer.from('news'), 2, owner)
  messages.next(3, 3)
  messages.receive(Buffer.from('all of it'), 4, owner)
  t.same(owner.take(), ['other', 'began 3 4', 'answered 3 3 4'])
})
