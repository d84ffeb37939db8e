/**
 * How JavaScript values become arguments, and how a class gets the shape of an interface: Web IDL, as far as the WebSocket
 * interface needs it. What cannot be converted (a symbol, a BigInt for a number) throws a TypeError, as it does in browsers.
 */

/** DOMString: any value as a string. */
export function domString(value: unknown): string {
  // Not String(value), which has a text for symbols.
  return typeof value === 'string' ? value : `${value}`
}

/** USVString: a string in which each lone surrogate is U+FFFD. */
export function usvString(value: unknown): string {
  return Buffer.from(domString(value)).toString()
}

/** unsigned short: the integer part, modulo 2^16; 0 for what is no finite number. */
export function unsignedShort(value: unknown): number {
  return Uint16Array.of(+(value as number))[0]!
}

/** [Clamp] unsigned short: the nearest integer from 0 to 65535, of two the even one; 0 for NaN. */
export function clampedUnsignedShort(value: unknown): number {
  const number = Math.min(Math.max(+(value as number), 0), 65_535)
  const floor = Math.floor(number)
  if (Number.isNaN(number)) return 0
  if (number - floor === 0.5) return floor + (floor % 2)
  return Math.round(number)
}

/** Gives a class the shape of an interface: members that can be enumerated, its name as a tag, constants on both sides. */
export function defineInterface(
  interfaceObject: { readonly prototype: object },
  name: string,
  constants: Readonly<Record<string, number>> = {},
): void {
  const { prototype } = interfaceObject
  for (const member of Object.getOwnPropertyNames(prototype).filter(member => member !== 'constructor')) {
    Object.defineProperty(prototype, member, { enumerable: true })
  }
  for (const [constant, value] of Object.entries(constants)) {
    Object.defineProperty(interfaceObject, constant, { value, enumerable: true })
    Object.defineProperty(prototype, constant, { value, enumerable: true })
  }
  Object.defineProperty(interfaceObject, 'name', { value: name, configurable: true })
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true })
}
