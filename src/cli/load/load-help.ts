/** Parts of the help of `framewright load`. */

export const conditionLines: readonly string[] = [
  'TIME.FIGURE > VALUE        rtt.p99 > 20ms, rtt.max >= 1s, lateness.p99.9 > 500us, upgrade.mean > 5ms, ping.p50 > 1ms',
  '                           TIME: rtt, firstMessage, ping, dns, tcp, tls, upgrade, close; with a --rate rttFromSend,',
  '                           lateness; of some workloads: lastReceiver (broadcast), connect (connect), reconnect',
  '                           (storm), firstOctet (download), firstReply (where a request has several replies),',
  '                           iteration (all steps of a user of a scenario);',
  '                           FIGURE: p50, p99.9 or any other percentile, mean, min, max, count',
  'COUNT > VALUE              lost > 0, missed > 1%, failed > 0: of opened, failed, dropped, unopened (connections; in',
  '                           per cent of all attempts), planned, sent, missed (messages; of those planned), received,',
  '                           lost, unanswered, wrong (replies; of those expected); sentOctets, receivedOctets (of',
  '                           payload), sentWireOctets, receivedWireOctets (as TCP carries them)',
  'reach < PERCENT            replies that came, of those expected: reach < 99.9%; of a broadcast one for each receiver',
  'rate.received < VALUE      messages a second; also rate.sent, rate.planned',
  'errors > VALUE             all errors together',
  'server.FIGURE > VALUE      server.eventLoopDelay.p99 > 50ms (also .mean, .p50, .p90, .max), server.cores > 0.9,',
  '                           server.memory > 1GiB, .memoryPerConnection, .threads; server.NAME.max of a --server-metric',
  'CLASS: CONDITION           of one class of a scenario: writers: rtt.p99 > 20ms',
  'There are >, >=, < and <=. What was never measured fails; what never can be is refused before it runs.',
]

export const workloadLines: readonly string[] = [
  'echo       every message comes back as it was sent',
  'request    text from --message, where {id} is an id of its own, {connection} and {number} count; what comes back with',
  '           that id is its reply; without {id}, each message that comes is the reply to the oldest request',
  'broadcast  the server sends each message on to all connections; timed at each receiver and at the last one',
  'idle       connections are only held: each has a Ping within half a minute',
  'connect    connections themselves: each is closed as soon as it is open; --rate counts them',
  'storm      all connections are cut behind the warm-up and come back, each with a backoff of its own',
  'upload     large messages, each over when a Ping behind it has been answered: then the server has read it',
  'download   text from --message, and one large message in reply; timed to its first and to its last octets',
  "mixed      several of echo, request, upload and download: --mix '80 echo 128' --mix '20 upload 1MiB'",
]

export const scenarioLines: readonly string[] = [
  'Phases with rates that change, and classes of users who send, receive, think, check replies, and keep what they need:',
  '  url: ws://127.0.0.1:9001',
  '  phases: [{ duration: 30s, rate: 0..500/s }, { duration: 2min, rate: 500/s }]   # users a second',
  '  classes:',
  '    writers:',
  '      connections: 100',
  '      opening: [{ send: { user: "u{connection}" } }, { receive: { capture: { token: /token } } }]',
  '      steps:',
  '        - send: { id: "{id}", token: "{token}", say: hello }',
  '        - receive: { match: { /id: "{id}" }, check: { /status: ok }, within: 2s }',
  '        - think: 1s..3s',
  '    uploads: { workload: upload, size: 1MiB, connections: 5 }   # instead of steps: any workload but mixed',
  '    watchers: { workload: broadcast, connections: 50, opening: [{ send: subscribe }], slowReaders: 10% } # or halfOpen',
  'All of it: docs/load-testing.md. A URL behind the file stands for those in it.',
]

export const shardLines: readonly string[] = [
  'Each process is told the same, but for its share: of connections and of the messages of the plan it has every n-th.',
  'framewright load merge puts their reports together, without loss:',
  '  framewright load URL --connections 9000 --rate 90000/s --shard 1/3 --start-at 2026-01-31T12:00:00Z --json 1.json',
]
