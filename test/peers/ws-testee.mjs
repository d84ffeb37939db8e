// A client of ws that goes through the loop of `framewright conform client URL`, as anyone would write it.
import { WebSocket } from 'ws'

const [url] = process.argv.slice(2)
const options = { perMessageDeflate: { threshold: 0 }, maxPayload: 64 * 1024 * 1024 }

function open(path, onMessage) {
  return new Promise(resolve => {
    const socket = new WebSocket(url + path, options)
    socket.on('message', (data, isBinary) => onMessage(socket, data, isBinary))
    socket.on('error', () => {})
    socket.on('close', resolve)
  })
}

let count = 0
await open('/getCaseCount', (_, data) => {
  count = Number(data)
})
for (let number = 1; number <= count; number++) {
  await open(`/runCase?case=${number}&agent=ws`, (socket, data, isBinary) => socket.send(data, { binary: isBinary }))
}
await open('/updateReports?agent=ws', () => {})
