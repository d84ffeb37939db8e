/**
 * npm run test:conformance:peers: the whole conformance suite, profile `all`, put to other people's servers, against the
 * baselines in test/conformance/baselines/all; docs/conformance.md explains each FAIL. It takes a minute, and so is no part
 * of the tests, which have `core`. With FRAMEWRIGHT_WRITE_BASELINES=1 it writes them anew.
 */
import t from 'tap'
import { testWith } from '../peers/installable.js'
import { judgedPeers } from '../peers/judged-peers.js'

const option = process.env['FRAMEWRIGHT_WRITE_BASELINES'] === '1' ? '--update-baseline' : '--baseline'

for (const { name, title, side, needs, judge } of judgedPeers) {
  if (side !== 'server') continue
  void testWith(t, needs, `${title}, profile all`, async t => {
    const file = `test/conformance/baselines/all/${name}.json`
    const { code, stdout } = await judge(['--profile', 'all', option, file], () =>
      Promise.reject(new Error('a server')),
    )
    t.equal(code, 0, stdout)
  })
}
