// Node's own WebSocket client (undici), as it comes with Node 22.
import './whatwg-client.js'
import { answerCommands } from './line-protocol.mjs'

answerCommands(globalThis.peerCommand)
