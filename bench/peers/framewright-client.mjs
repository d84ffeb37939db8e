/** framewright's client, sending back what it is sent: see client.mjs. */
import { connect } from '../../build/src/index.js'
import { clients } from './client.mjs'
import { options } from './serve.mjs'

const handlers = { message: (connection, data) => void connection.send(data) }
clients(url => connect(url, { ...options, handlers }))
