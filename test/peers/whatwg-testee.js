// The WebSocket of browsers and of Node, going through the loop of `framewright conform client`: goThrough(url, agent).
async function goThrough(url, agent) {
  function open(path, onMessage) {
    return new Promise(resolve => {
      const socket = new WebSocket(url + path)
      socket.binaryType = 'arraybuffer'
      socket.onmessage = ({ data }) => onMessage(socket, data)
      socket.onclose = resolve
    })
  }
  let count = 0
  await open('/getCaseCount', (_, data) => {
    count = Number(data)
  })
  for (let number = 1; number <= count; number++) {
    await open(`/runCase?case=${number}&agent=${agent}`, (socket, data) => socket.send(data))
  }
  await open(`/updateReports?agent=${agent}`, () => {})
  return count
}

globalThis.goThrough = goThrough
