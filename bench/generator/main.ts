/**
 * The load generator, a process of its own: raw octets over node:net, so that nothing but what is under test knows anything
 * of WebSockets. Told a {@link Load}, it says how far it has come ({@link Stage}), and answers with a {@link Turn} or
 * `{ error }`; first of all it tells the ports that clients under test may dial. It ends with its parent.
 */
import { Acceptor } from './acceptor.js'
import type { Load } from './load.js'
import { run } from './run.js'

const acceptor = await Acceptor.open()
process.on('message', (load: Load) => {
  run(load, acceptor, stage => process.send!({ stage })).then(
    turn => process.send!(turn),
    (error: Error) => process.send!({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send!(acceptor.ports)
