/** A peer that compresses whatever it sends, each fragment by itself: RFC 7692 §7.2.1, §6.1 (a message in several frames). */
import { constants, deflateRawSync } from 'node:zlib'
import { type FrameShape, NaivePeer } from './naive-peer.js'

const tail = Buffer.from([0, 0, 0xff, 0xff])
const emptyBlock = Buffer.from([0, ...tail])

export class CompressingPeer extends NaivePeer {
  override frame(opcode: number, payload: Buffer | string = '', shape: FrameShape = {}): Buffer {
    const { fin = true, rsv } = shape
    if (opcode > 2 || rsv !== undefined) return super.frame(opcode, payload, shape)
    const blocks = payload.length === 0 ? emptyBlock : deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH })
    const octets = fin ? blocks.subarray(0, blocks.length - tail.length) : blocks
    return super.frame(opcode, octets, opcode === 0 ? shape : { ...shape, rsv: 4 })
  }
}
