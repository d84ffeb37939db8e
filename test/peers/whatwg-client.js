// A client on the WHATWG WebSocket class, for a browser's page and for Node 22 alike: a classic script that defines
// globalThis.peerCommand(command), which does what a line of the peers' protocol asks (see peer-process.ts) and resolves
// with the answer. One connection at a time; everything that happens on it is kept until it is asked for.

globalThis.peerCommand = (() => {
  let socket
  /** Messages that came and were not asked for yet, and who waits for one. */
  let messages = []
  let takers = []
  let closed

  const commands = {
    open({ url, protocols }) {
      socket = new WebSocket(url, protocols ?? [])
      socket.binaryType = 'arraybuffer'
      messages = []
      takers = []
      socket.onmessage = ({ data }) => {
        const taker = takers.shift()
        if (taker === undefined) messages.push(data)
        else taker(data)
      }
      closed = new Promise(resolve => {
        socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, clean: wasClean })
      })
      return new Promise(resolve => {
        socket.onopen = () => resolve({ opened: true, protocol: socket.protocol })
        // Not by the close event alone: Node 22 does without it where the server takes no subprotocol of ours.
        socket.onerror = () => resolve({ opened: false })
      })
    },
    async send({ type, payload }) {
      const response = await fetch(payload)
      if (!response.ok) throw new Error(`${payload}: ${response.status}`)
      socket.send(type === 'text' ? await response.text() : await response.arrayBuffer())
      return {}
    },
    async receive() {
      const data = messages.length > 0 ? messages.shift() : await nextMessage()
      const octets = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', octets))
      const sha256 = Array.from(hash, octet => octet.toString(16).padStart(2, '0')).join('')
      return { type: typeof data === 'string' ? 'text' : 'binary', size: octets.length, sha256 }
    },
    close({ code, reason }) {
      if (code === undefined) socket.close()
      else socket.close(code, reason)
      return closed
    },
    closed: () => closed,
  }

  function nextMessage() {
    return new Promise((resolve, reject) => {
      takers.push(resolve)
      closed.then(({ code }) => reject(new Error(`no message: closed with ${code}`)))
    })
  }

  return command => commands[command.do](command)
})()
