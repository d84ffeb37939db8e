/**
 * Who is there: a set whose members know their place in it. A Set of connections that come and go keeps the dead alive: V8
 * makes a new table of it time and again, and the old ones, which hold whoever was there then, lie among old objects until
 * the next major collection. Opening and closing a connection cost a quarter less without (bench:peers, point handshake).
 */

/** What a member of a roster has room for. */
export interface Listed {
  /** Owned by the roster. */
  place: number
}

/** A set; its order is none in particular. Who leaves or comes while it is iterated over may be met or not, nobody twice. */
export class Roster<Member extends Listed> implements ReadonlySet<Member> {
  /** It never gets shorter: what is free is taken again. */
  readonly #members: (Member | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#members.length - this.#free.length
  }

  has(member: Member): boolean {
    return this.#members[member.place] === member
  }

  /** Who is in no roster comes into this one. */
  add(member: Member): void {
    member.place = this.#free.pop() ?? this.#members.length
    this.#members[member.place] = member
  }

  delete(member: Member): void {
    if (!this.has(member)) return
    this.#members[member.place] = undefined
    this.#free.push(member.place)
  }

  *values(): SetIterator<Member> {
    for (const member of this.#members) if (member !== undefined) yield member
  }

  keys(): SetIterator<Member> {
    return this.values()
  }

  *entries(): SetIterator<[Member, Member]> {
    for (const member of this.values()) yield [member, member]
  }

  [Symbol.iterator](): SetIterator<Member> {
    return this.values()
  }

  forEach(call: (value: Member, key: Member, roster: ReadonlySet<Member>) => void, self?: unknown): void {
    for (const member of this.#members) if (member !== undefined) call.call(self, member, member, this)
  }
}
