/**
 * RFC 9112 §3: the head of a request that node:http has read.
 */
import t from 'tap'
import { requestHeadFromNode } from '../../src/http/message-head.js'

t.test('rawHeaders are taken as they are: order, case and repetition', async t => {
  const head = requestHeadFromNode({
    method: 'GET',
    url: '/a?b',
    httpVersion: '1.1',
    rawHeaders: ['Host', 'a', 'X', '1', 'x', '2', '__proto__', 'y'],
  })
  t.equal(head.method, 'GET')
  t.equal(head.target, '/a?b')
  t.equal(head.version, '1.1')
  t.same(
    [...head.fields],
    [
      ['Host', 'a'],
      ['X', '1'],
      ['x', '2'],
      ['__proto__', 'y'],
    ],
  )
})

t.test('what node:http leaves undefined is empty', async t => {
  const head = requestHeadFromNode({ httpVersion: '1.0', rawHeaders: [] })
  t.equal(head.method, '')
  t.equal(head.target, '')
  t.equal(head.fields.size, 0)
})
