/**
 * Text of a peer as it may stand on a terminal: control characters, which could move the cursor, clear the screen or
 * rename the window, become their escapes (ECMA-48: C0 and C1; and the marks that turn the direction of writing). Tabs and
 * line feeds stay.
 */
export function visibleText(text: string): string {
  return text.replace(controls, character => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
