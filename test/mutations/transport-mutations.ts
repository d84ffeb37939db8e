/** Ways to break §4 and §7 on real streams (`src/transport/`, `src/api/`). */
import type { Mutation } from './mutation.js'

export const transportMutations: readonly Mutation[] = [
  {
    row: '4.1-7',
    file: 'src/transport/connecting-turns.ts',
    find: 'if (queue !== undefined) {',
    replace: 'if (false) {',
  },
  {
    row: '4.1-15',
    file: 'src/transport/tls-client.ts',
    find: 'rejectUnauthorized: this.#options.rejectUnauthorized !== false',
    replace: 'rejectUnauthorized: false',
  },
  {
    row: '4.1-17',
    file: 'src/transport/tls-client.ts',
    find: 'isIP(this.#host) === 0',
    replace: 'false',
  },
  {
    row: '4.2.2-2',
    file: 'src/transport/listen.ts',
    find: 'if (tls === undefined)',
    replace: 'if (true as boolean)',
  },
  {
    row: '4.2.2-7',
    file: 'src/api/server.ts',
    find: 'if (!serves(this.#options, opening.path)) return { refuse: { status: 404 } }',
    replace: '',
  },
  {
    row: '6.1-9',
    file: 'src/transport/socket-driver.ts',
    find: 'if (i < last || this.#is(Fact.copiesAtOnce)) this',
    replace: 'if (i < last) continue\n      else if (this.#is(Fact.copiesAtOnce)) this',
  },
  {
    row: '7.1.1-1',
    file: 'src/transport/socket-driver.ts',
    find: 'this.stream.end()',
    replace: 'this.stream.destroy()',
  },
  {
    row: '7.1.1-2',
    file: 'src/transport/socket-driver.ts',
    find: "if (hangUp === 'cut') this.stream.destroy()",
    replace: "if (hangUp === 'cut') this.stream.end(() => this.stream.destroy())",
  },
  {
    row: '7.2.1-2',
    file: 'src/transport/socket-driver.ts',
    find: 'this.connection.transportEnded(this.now, this.#error)',
    replace: 'this.connection.transportEnded(this.now)',
  },
  {
    row: '7.2.2-1',
    file: 'src/transport/server-opening.ts',
    find: 'this.#wheel.enter(this, Math.min(this.#wheel.clock() + this.#host.closeTimeout, this.#by))',
    replace: '',
  },
  {
    row: '10.6-1',
    file: 'src/transport/tls-client.ts',
    find: "minVersion: 'TLSv1.2'",
    replace: "minVersion: 'TLSv1'",
  },
  {
    row: '10.6-1',
    file: 'src/transport/tls-server.ts',
    find: "minVersion: 'TLSv1.2'",
    replace: "minVersion: 'TLSv1'",
    test: 'test/api/tls-server.test.ts',
  },
]
