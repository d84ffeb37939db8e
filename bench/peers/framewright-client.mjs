/** framewright's client, sending back what it is sent: see client.mjs. */
import { connect } from '../../build/src/index.js'
import { clients } from './client.mjs'
import { options } from './serve.mjs'

const handlers = { message: (connection, data) => void connection.send(data) }
const given = { ...options, handlers }
const secure = { ...given, tls: { rejectUnauthorized: false } }
clients(
  url => connect(url, url.startsWith('wss:') ? secure : given),
  connection => {
    connection.close()
    return connection.closed
  },
)
