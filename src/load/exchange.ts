/** What goes to and fro on a connection: how messages are made, and how it is known which reply belongs to which. */

/** Whom the end of a message is told. Times are in milliseconds, as they were given. */
export interface ExchangeOwner {
  /** A reply came, and the message needs no more; `sent` is when it left. */
  answered(due: number, sent: number, now: number): void
  /** A reply came, and more are to come. */
  partly(due: number, now: number, isFirst: boolean): void
  /** The first octets of a reply came at a time: told when all of it is here, for then it is known whose it is. */
  began(due: number, at: number): void
  /** A message that goes to many has reached the last of them. */
  reachedAll(due: number, now: number): void
  /** A reply will not come: later ones have. */
  lost(due: number): void
  /** Something else than its reply came. */
  wrong(due: number): void
  /** This is in the place of no reply: nobody asked for it. */
  other(now: number): void
}

/** A connection, as whoever decides by itself when to send sees it. */
export interface Sender extends ExchangeOwner {
  /** Sends what {@link Exchange.next} makes; true when it has left. `late`: by how much, through the generator. */
  send(due: number, sent: number, late: number): boolean
}

/** A connection, as who joins it sees it. */
export interface Outlet extends Sender {
  /** Sends something that is no part of the load, and is not counted; true when it has left. */
  say(message: Buffer | string): boolean
  /** It cannot have a part in the load: it is ended, and may be opened again. Resolves when it has. */
  leave(): Promise<void>
}

/** Told when a message was due whose reply is given up, and what came instead: replies to `later` ones, or something `wrong`. */
export type GivenUp = (due: number, came?: 'later' | 'wrong') => void

export interface Exchange {
  /** Messages of which nothing has come yet: in the closed model, others are sent when they are few. */
  readonly underWay: number
  /** Messages whose reply may still come: waited for at the end. Where it is more than `underWay`. */
  readonly awaited?: number
  /** The connection is open. It counts as open when that resolves. */
  join(connection: Outlet): Promise<void> | void
  /** The next message: to be sent at once, for the same octets become the one after it. */
  next(due: number, now: number): Buffer | string
  /** How many replies {@link next} made wait for. */
  readonly expected: number
  /** A message has come, as text or not. It is only read. */
  receive(message: Buffer, now: number, owner: ExchangeOwner, text: boolean): void
  /** The same for octets[start, end), where no object of its own is needed. */
  receiveInPlace?(octets: Buffer, start: number, end: number, now: number, owner: ExchangeOwner, text: boolean): void
  /** Of messages that nobody replies to: the server has read so many of them, since the first. */
  confirmed?(count: number, now: number, owner: ExchangeOwner): void
  /** A part of the message has come that is told next, and not all of it. */
  arriving?(now: number): void
  /**
   * Gives up the replies to messages that left before a time, and those of which it is known by now that something else has come.
   * What comes of them later, nobody asked for.
   */
  expire?(before: number, each: GivenUp, now: number): void
  /** The connection has ended: gives up all replies that it waits for. */
  giveUp(each: GivenUp): void
}
