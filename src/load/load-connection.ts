/** One connection of a load: opened, timed, and counted in the tally of its thread. */
import type { Connector } from '../api/connector.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { CloseRecord } from '../connection/close-record.js'
import type { HandshakeError, TransportError } from '../errors.js'
import { type TcpOctets, tcpOctets } from '../transport/tcp-octets.js'
import type { Counted, DueParts } from './due-parts.js'
import type { Exchange, ExchangeOwner, GivenUp } from './exchange.js'
import { failureExample } from './failure-example.js'
import { failureKind } from './failure-kind.js'
import type { LoadSettings } from './load-settings.js'
import { noConnection } from './no-connection.js'
import { NumberedPings } from './numbered-pings.js'
import type { Tally } from './tally.js'

/** What the connections of a thread have in common. */
export interface LoadScope {
  readonly settings: LoadSettings
  /** Where messages are counted, by when they were due. */
  readonly parts: DueParts
  /** What TCP carries now is counted there. */
  readonly carried: Tally
  /** And the measured time is not over. */
  readonly inTime: boolean
  /** Opens its connections. */
  readonly connector: Connector<LoadConnection>
  readonly now: () => number
  /** In the closed model: until when messages are sent as others are answered. */
  readonly until: number
  /** Behind that, and in the open model: a message was answered or lost. */
  readonly settled: () => void
  /** An open connection has ended before it was to end. */
  readonly dropped: (connection: LoadConnection) => void
}

/** Octets that wait to leave, above which no more are added: the server does not read. */
const mostBuffered = 4 * 1024 * 1024

export class LoadConnection implements ExchangeOwner {
  readonly #scope: LoadScope
  readonly #messages: Exchange
  readonly #localAddress: string | undefined
  readonly #pings = new NumberedPings(count => this.#read(count))
  #connection: WebSocketConnection<LoadConnection> | undefined
  #open = false
  /** The last message was not sent at once: more may be waiting than should. */
  #queued = false
  #answered = false
  #closing = false
  /** So many messages are to be under way, in the closed model. */
  #depth = 0
  /** We have cut it ourselves. */
  #dropped = false
  #wasCut = false
  /** Where what becomes of it is counted. */
  #tally: Tally
  /** What TCP has carried of it, and is counted. */
  #carried: TcpOctets = { sent: 0, received: 0 }

  /** @param localAddress - where it connects from, if that matters. */
  constructor(scope: LoadScope, exchange: Exchange, localAddress?: string) {
    this.#scope = scope
    this.#localAddress = localAddress ?? scope.settings.connect.localAddress
    this.#messages = exchange
    this.#tally = scope.parts.measured.tally
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** It is, or has been, and has not left. */
  get wasOpen(): boolean {
    return this.#connection !== undefined
  }

  /** It is open, and what waits in its socket is not too much. */
  get takesMore(): boolean {
    return this.#open && !(this.#queued && this.#connection!.bufferedAmount > mostBuffered)
  }

  /** Counts what TCP has carried of it since this was done last. */
  countCarried(): void {
    if (this.#connection === undefined) return
    const { counts } = this.#scope.carried
    const carried = tcpOctets(this.#connection.stream)
    const sent = carried.sent - this.#carried.sent
    counts.sentWireOctets += sent
    const received = carried.received - this.#carried.received
    counts.receivedWireOctets += received
    if (this.#scope.inTime) {
      counts.sentWireOctetsInTime += sent
      counts.receivedWireOctetsInTime += received
    }
    this.#carried = carried
  }

  /** Octets that wait in its socket. */
  get buffered(): number {
    return this.#connection?.bufferedAmount ?? 0
  }

  /** Something may still come that was asked for. */
  get waits(): boolean {
    const { awaited, underWay } = this.#messages
    return (awaited ?? underWay) > 0
  }

  /**
   * Connects; what goes wrong is counted. Resolves when it is open or has failed, or with false, and nothing is counted, where the
   * signal came before. An ended one may be opened again.
   *
   * @param tally - counts what becomes of the connection: by default that of the thread.
   */
  async open(signal: AbortSignal, tally = this.#scope.parts.measured.tally): Promise<boolean> {
    const { settings, connector } = this.#scope
    this.#tally = tally
    try {
      const connection = await connector.openWith({ data: this, signal, localAddress: this.#localAddress })
      this.#connection = connection
      this.#carried = { sent: 0, received: 0 }
      this.#open = connection.state === 'open'
      if (settings.workload === 'download') this.#lookAt(connection)
      tally.counts.opened++
      const { dns, tcp, tls, upgrade } = connection.times!
      if (dns !== undefined) tally.times('dns').record(dns)
      tally.times('tcp').record(tcp! - (dns ?? 0))
      if (tls !== undefined) tally.times('tls').record(tls - tcp!)
      tally.times('upgrade').record(upgrade - (tls ?? tcp!))
      await this.#messages.join(this)
    } catch (error) {
      if (signal.aborted) return false
      tally.counts.failed++
      // What the caller could have done wrong was looked for before.
      const failure = error as HandshakeError | TransportError
      tally.error(failureKind(failure), failureExample(failure))
    }
    return true
  }

  /**
   * Sends a message that was due at a time; or it is missed.
   *
   * @param sent - the time.
   * @param late - how long after it was due, or could leave, through the generator.
   * @returns whether it has left.
   */
  send(due: number, sent: number, late = sent - due): boolean {
    const { settings, parts } = this.#scope
    const { tally, times } = parts.plan(due)
    if (!this.takesMore) {
      tally.counts.missed++
      tally.error(this.isOpen ? 'not sent: the server does not read' : noConnection, '')
      return false
    }
    const message = this.#messages.next(due, sent)
    const { core } = this.#connection!
    const text = settings.text || typeof message === 'string'
    const verdict = text ? core.sendText(message) : core.sendBinary(message)
    this.#queued = verdict !== 'sent'
    if (this.#messages.confirmed !== undefined) this.#pings.follow(this.#connection!)
    parts.sent(due, typeof message === 'string' ? Buffer.byteLength(message) : message.length)
    tally.counts.expected += this.#messages.expected
    if (settings.segments !== undefined) times.lateness.record(late)
    return true
  }

  /** Where that is counted which was due at a time, or comes then without being asked for. */
  #of(due: number): Counted {
    return this.#scope.parts.of(due)
  }

  /** Outlet */
  async leave(): Promise<void> {
    // That may have been why; or it is closed with all others.
    if (!this.isOpen || this.#closing) return
    this.#closing = true
    this.#connection!.terminate()
    await this.#connection!.closed
    this.#closing = false
    this.#connection = undefined
  }

  /** Outlet */
  say(message: Buffer | string): boolean {
    if (!this.takesMore) return false
    const { core } = this.#connection!
    const verdict = typeof message === 'string' ? core.sendText(message) : core.sendBinary(message)
    this.#queued = verdict !== 'sent'
    return true
  }

  /**
   * When messages begin to come. Nothing tells of that but the stream, if it is not read into memory of ours; this is asked
   * behind the connection, which knows by then whether what it has read was of a message.
   */
  #lookAt({ stream, core }: WebSocketConnection<LoadConnection>): void {
    stream.on('data', () => {
      if (core.withinMessage) this.#messages.arriving?.(this.#scope.now())
    })
  }

  /** So many messages have been read, since the first. */
  #read(count: number): void {
    const now = this.#scope.now()
    this.#messages.confirmed!(count, now, this)
    this.#settled(now)
  }

  /** A Ping, timed where it belongs by when it left. */
  ping(): void {
    const { tally } = this.#of(this.#scope.now())
    if (this.#connection === undefined) return
    this.#pings.ping(this.#connection).then(
      time => tally.times('ping').record(time),
      () => {},
    )
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    const now = this.#connection!.core.receivedAt
    this.#scope.parts.came(data.length, now)
    this.#messages.receive(data, now, this, !isBinary)
    this.#settled(now)
  }

  /** A binary message that is octets[start, end). */
  onInPlace(octets: Buffer, start: number, end: number, now: number): void {
    const messages = this.#messages
    this.#scope.parts.came(end - start, now)
    if (messages.receiveInPlace === undefined) messages.receive(octets.subarray(start, end), now, this, false)
    else messages.receiveInPlace(octets, start, end, now, this, false)
    this.#settled(now)
  }

  /** A message was answered or lost: in the closed model others may be sent. */
  #settled(now: number): void {
    if (now < this.#scope.until) this.#keepUnderWay(now)
    else this.#scope.settled()
  }

  /** Gives up what something else has come for, and in the closed model what takes too long, for nothing would follow it. */
  expire(): void {
    const { segments, replyTimeout } = this.#scope.settings
    const patience = segments === undefined ? replyTimeout : Number.POSITIVE_INFINITY
    const now = this.#scope.now()
    let expired = 0
    const each: GivenUp = (due, came) => {
      expired++
      if (came === 'wrong') this.wrong(due)
      else this.lost(due)
      if (came === undefined) this.#of(due).tally.error('no reply', `none within ${patience} ms`)
    }
    this.#messages.expire?.(now - patience, each, now)
    if (expired > 0) this.#settled(now)
  }

  /** From now on so many messages are to be under way. */
  deepen(depth: number, now: number): void {
    this.#depth = depth
    this.#keepUnderWay(now)
  }

  /** Sends until as many messages are under way as should be; in bursts, once none is. */
  #keepUnderWay(now: number): void {
    const { underWay } = this.#messages
    if (this.#scope.settings.burst && underWay > 0) return
    for (let free = this.#depth - underWay; free > 0 && this.takesMore; free--) this.send(now, now)
  }

  /** ExchangeOwner */
  answered(due: number, sent: number, now: number): void {
    const { settings, parts } = this.#scope
    if (!this.#answered) {
      this.#answered = true
      // Once on each connection, as what dialling has taken: it is told whenever that was.
      parts.measured.tally.times('firstMessage').record(now - due)
    }
    const { tally, times } = this.#of(due)
    tally.counts.received++
    parts.replied(now)
    times.rtt.record(now - due)
    if (settings.segments !== undefined) times.rttFromSend.record(now - sent)
  }

  /** ExchangeOwner */
  partly(due: number, now: number, isFirst: boolean): void {
    const { tally } = this.#of(due)
    tally.counts.received++
    this.#scope.parts.replied(now)
    if (isFirst) tally.times('firstReply').record(now - due)
  }

  /** ExchangeOwner */
  began(due: number, at: number): void {
    this.#of(due)
      .tally.times('firstOctet')
      .record(at - due)
  }

  /** ExchangeOwner */
  reachedAll(due: number, now: number): void {
    this.#of(due)
      .tally.times('lastReceiver')
      .record(now - due)
  }

  /** ExchangeOwner */
  other(now: number): void {
    this.#of(now).tally.counts.other++
  }

  /** ExchangeOwner */
  lost(due: number): void {
    this.#of(due).tally.counts.lost++
  }

  /** ExchangeOwner */
  wrong(due: number): void {
    const { tally } = this.#of(due)
    tally.counts.wrong++
    tally.error('wrong reply', 'a reply that is not what was sent')
  }

  /** Nothing more can be sent. */
  onClosing(): void {
    this.#open = false
  }

  onClose(record: CloseRecord): void {
    const { now } = this.#scope
    const tally = this.#tally
    this.#open = false
    this.countCarried()
    tally.closeCode(record.code)
    this.#messages.giveUp((due, came) => (came === 'wrong' ? this.wrong(due) : this.lost(due)))
    if (!this.#closing) {
      if (!this.#dropped) {
        tally.counts.dropped++
        tally.error(`closed with ${record.code}`, String(record.error ?? record.reason))
      }
      this.#dropped = false
      this.#scope.dropped(this)
    }
    this.#settled(now())
  }

  /** The run is over: what is still under way is unanswered. */
  settle(): void {
    this.#messages.giveUp((due, came) => {
      if (came === 'wrong') this.wrong(due)
      else if (came === 'later') this.lost(due)
      else this.#of(due).tally.counts.unanswered++
    })
    if (this.isOpen) this.#closing = true
  }

  /** The Closing Handshake, timed. Resolves when it has ended. */
  async close(code: 1000 | 1001): Promise<void> {
    const { now } = this.#scope
    if (!this.isOpen) return
    this.#closing = true
    const began = now()
    this.#connection!.close(code)
    const { error, received } = await this.#connection!.closed
    if (this.#wasCut) return
    // That took as long as we wait, and says nothing of the server but that.
    if ((error as TransportError | undefined)?.code === 'WS_CLOSE_TIMEOUT') {
      this.#tally.error('not closed', `no Closing Handshake and end of TCP within ${this.#scope.settings.drain} ms`)
    } else if (received === undefined) this.#tally.error('no Close frame', String(error))
    else this.#tally.times('close').record(now() - began)
  }

  /** Cuts it where it is open, as the network might: it may come back. */
  drop(): void {
    if (!this.isOpen) return
    this.#dropped = true
    this.#connection!.terminate()
  }

  /** Cuts it. */
  cut(): void {
    this.#wasCut = true
    this.#closing = true
    this.#connection?.terminate()
  }
}
