/** Loads ws from bench/peers, where it is installed by itself and only for this. */
import { createRequire } from 'node:module'
import type { Ws } from './question.js'

/** Installs what is measured beside framewright. */
export const installCommand = 'npm ci --prefix bench/peers'

/**
 * Undefined when it is not installed.
 *
 * @param native with bufferutil, which ws takes where it finds it; `npm install ws` does not install it.
 */
export function loadWs(native = false): Ws | undefined {
  // From build/bench, where this runs, to bench/peers, which is not compiled.
  const require = createRequire(new URL('../../bench/peers/index.js', import.meta.url))
  // ws decides when it is loaded: each kind is loaded by itself.
  for (const file of Object.keys(require.cache)) if (file.includes('/node_modules/ws/')) delete require.cache[file]
  if (native) delete process.env['WS_NO_BUFFER_UTIL']
  else process.env['WS_NO_BUFFER_UTIL'] = '1'
  try {
    if (native) require.resolve('bufferutil')
    const { PerMessageDeflate, Receiver, Sender, WebSocket, WebSocketServer } = require('ws') as Ws
    const { mask, unmask } = require('./node_modules/ws/lib/buffer-util.js') as Ws
    const { isValidUTF8 } = require('./node_modules/ws/lib/validation.js') as Ws
    return { PerMessageDeflate, Receiver, Sender, WebSocket, WebSocketServer, mask, unmask, isValidUTF8 }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error
    return undefined
  }
}
