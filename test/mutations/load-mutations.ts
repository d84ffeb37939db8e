/** Ways to make the load generator (`src/load/`) tell something else than the truth. No RFC has these rules. */
import type { Mutation } from './mutation.js'

const accuracy = {
  file: 'test/load/accuracy.test.ts',
  name: 'each percentile is between those of the log of a server that stalls, and its stall is seen by all who were due in it',
}
const refused = {
  file: 'test/load/load.test.ts',
  name: 'a server that refuses is one that was not reached, and its status is told',
}
const unread = {
  file: 'test/load/load.test.ts',
  name: 'a server that does not read: what cannot leave is not sent, and told',
}
const overdue = {
  file: 'test/load/pacer.test.ts',
  name: 'what is overdue is done at once, but no more than 32 in a turn',
}
const exits = { file: 'test/cli/load/load-command.test.ts', name: 'exit codes' }

export const loadMutations: readonly Mutation[] = [
  {
    row: 'latency is from the plan',
    proof: accuracy,
    file: 'src/load/load-connection.ts',
    find: 'times.rtt.record(now - due)',
    replace: 'times.rtt.record(now - sent)',
  },
  {
    row: 'the warm-up is in no figure',
    proof: {
      file: 'test/load/load.test.ts',
      name: 'each second is told, and all of them and the rest are the whole',
    },
    file: 'src/load/due-parts.ts',
    find: 'due >= this.#from && due < this.#to ? this.#measured',
    replace: 'due >= 0 ? this.#measured',
  },
  {
    row: 'what waits in a stall is timed all the same',
    proof: overdue,
    file: 'src/load/pacer.ts',
    find: 'this.#paced.due(this.#take())',
    replace: '{ this.#take(); this.#paced.due(now) }',
  },
  {
    row: 'missed plans are counted',
    proof: unread,
    file: 'src/load/load-connection.ts',
    find: 'tally.counts.missed++',
    replace: '',
  },
  {
    row: 'what failed is told with its status',
    proof: refused,
    file: 'src/load/failure-kind.ts',
    find: "error.code === 'WS_REFUSED'",
    replace: 'false',
  },
  {
    row: 'merging adds',
    proof: {
      file: 'test/load/merge-reports.test.ts',
      name: 'merging is associative and commutative, and the same as one run of everything',
    },
    file: 'src/load/merge-reports.ts',
    find: 'all.add(tallyOf(report).take())',
    replace: 'all.add(tallyOf(first).take())',
  },
  {
    row: 'nobody reached is exit code 4',
    proof: exits,
    file: 'src/cli/load/conclude.ts',
    find: "counts.opened === 0 || interruptedBy === 'disconnected'",
    replace: "counts.opened < 0 && interruptedBy === 'disconnected'",
  },
  {
    row: 'a condition that falls is exit code 1',
    proof: exits,
    file: 'src/cli/load/conclude.ts',
    find: 'conditions.some(({ failed }) => failed) ? ExitCode.failed : ExitCode.ok',
    replace: 'ExitCode.ok',
  },
  {
    row: 'what was never measured fails',
    proof: { file: 'test/load/condition.test.ts', name: 'what was never measured fails, whatever was asked' },
    file: 'src/load/condition.ts',
    find: 'const failed = value === undefined || condition.holds(value)',
    replace: 'const failed = value !== undefined && condition.holds(value)',
  },
  {
    row: 'generator-bound is exit code 3',
    proof: {
      file: 'test/cli/load/load-command.test.ts',
      name: 'generator-bound: said in red, and with --strict an exit code',
    },
    file: 'src/cli/load/conclude.ts',
    find: "given.has('strict') && verdict.generatorBound",
    replace: "given.has('strict') && false",
  },
  {
    row: 'shards are the whole plan',
    proof: { file: 'test/load/schedule.test.ts', name: 'all shares together are the whole plan, in every model' },
    file: 'src/load/schedule.ts',
    find: 'this.number % this.#share.count !== this.#share.index',
    replace: 'false',
  },
  {
    row: 'seeds that are neighbours have nothing in common',
    proof: {
      file: 'test/load/schedule.test.ts',
      name: 'poisson: whatever the seed, so many messages as the rate says, from the first gap on',
    },
    file: 'src/load/random.ts',
    find: '{seed} ',
    replace: '{seed >> 1} ',
  },
  {
    row: 'a reply that does not come is lost',
    proof: { file: 'test/load/echo-messages.test.ts', name: 'more overtaken ones than are kept' },
    file: 'src/load/echo-messages.ts',
    find: 'owner.lost(due)',
    replace: '',
  },
  {
    row: 'who finds all connections busy has waited',
    proof: {
      file: 'test/load/scenario/scenario.test.ts',
      name: 'who finds all connections busy waits, and that counts',
    },
    file: 'src/load/scenario/script-load.ts',
    find: 'visitor.begin(due, since)',
    replace: 'visitor.begin(now, since)',
  },
  {
    row: 'a reply is timed from the message that it answers',
    proof: {
      file: 'test/load/scenario/visitor.test.ts',
      name: 'replies are timed from the message that they answer, in whatever order they come',
    },
    file: 'src/load/scenario/visitor.ts',
    find: 'answers[0]!',
    replace: 'Math.max(...this.#sent.keys())',
  },
  {
    row: 'what follows a think is due by the own clock of the user',
    proof: {
      file: 'test/load/scenario/alarms.test.ts',
      name: 'behind a stall each is told his own time',
    },
    file: 'src/load/scenario/alarms.ts',
    find: 'alarm.ring(alarm.time)',
    replace: 'alarm.ring(now)',
  },
  {
    row: 'shares of replies are of those expected',
    proof: { file: 'test/load/condition.test.ts', name: 'lost > 2.5%' },
    file: 'src/load/condition.ts',
    find: 'lost: ({ expected }) => expected',
    replace: 'lost: ({ planned }) => planned',
  },
  {
    row: 'a rate at which many are not answered does not hold',
    proof: {
      file: 'test/load/find-rate.test.ts',
      name: 'a server that answers every second connection holds no rate',
    },
    file: 'src/load/find-rate.ts',
    find: "'unanswered <= 0.1%', ",
    replace: '',
  },
  {
    row: 'shards that did not run together are not believed',
    proof: {
      file: 'test/load/merge-reports.test.ts',
      name: 'shards that did not run together: what they add up to never was',
    },
    file: 'src/load/shards.ts',
    find: 'start + parts[i]!.apart',
    replace: 'start',
  },
  {
    row: 'a reply is of the phase in which its message was due',
    proof: {
      file: 'test/load/scenario/scenario.test.ts',
      name: 'what a rush has done stands under the rush, however late it comes',
    },
    file: 'src/load/due-parts.ts',
    find: 'this.#from = this.#phases[present]?.from',
    replace: 'this.#from = this.#phases[0]?.from',
  },
  {
    row: 'a message is of the phase in which it was due, also before a second of that is counted',
    proof: {
      file: 'test/load/due-parts.test.ts',
      name: 'what users send in the next phase, before the last second of theirs is ended, is of the next',
    },
    file: 'src/load/due-parts.ts',
    find: 'due >= this.#from && due < this.#to',
    replace: 'due >= this.#from',
  },
  {
    row: 'a slow collector has one push under way',
    proof: {
      file: 'test/load/export/exporters.test.ts',
      name: 'OTLP: a collector that is slow: one push at a time, and the last one has all',
    },
    file: 'src/load/export/push-exporter.ts',
    find: 'underWay ??= push(false)',
    replace: 'underWay = push(false)',
  },
]
