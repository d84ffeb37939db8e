/** Pieces that parsers stumble over: what the generators strew between what is well-formed. */

/** Octets in hexadecimal that mean something to a frame, a Close body or UTF-8. */
// biome-ignore format: a table
export const frameOctets: readonly Buffer[] = [
  '00', '7d', '7e', '7f', '80', '81', '82', '83', '88', '89', '8a', '8b', '8f', 'c1', 'f1', 'fe', 'ff', // first octets, lengths
  '7e007d', '7e007e', '7effff', '7f0000000000010000', '7f000000000000ffff', '7f0000000100000000', // lengths
  '7f001fffffffffffff', '7f0020000000000000', '7f7fffffffffffffff', '7f8000000000000000', '7fffffffffffffffff',
  'fe007d', 'fe007e', 'feffff', 'ff0000000000010000', 'ff000000000000ffff', 'ff001fffffffffffff', 'ff8000000000000000',
  '00000000', 'ffffffff', '37fa213d', // masking-keys
  '03e7', '03e8', '03eb', '03ec', '03ed', '03ee', '03ef', '03f6', '03f7', '07d0', '0bb7', '0bb8', '1387', '1388', 'ffff', // codes
  '8800', '8802', '880203e8', '8900', '8a00', '8100', '0100', '8000', '0000', // whole frames of a server
  '888000000000', '898000000000', '818000000000', '018000000000', '808000000000', // whole frames of a client
].map(hex => Buffer.from(hex, 'hex'))

/** Octets in hexadecimal that are UTF-8, or nearly. */
// biome-ignore format: a table
export const utf8Octets: readonly Buffer[] = [
  '00', '7f', 'c280', 'dfbf', 'e0a080', 'e18080', 'ed9fbf', 'ee8080', 'efbfbf', 'f0908080', 'f48fbfbf', // the edges
  'efbbbf', 'efbfbd', 'efbfbe', 'f09f9880', 'cebae1bdb9cf83cebcceb5', // the mark, U+FFFD, a face, "κόσμε"
  '80', 'bf', 'c0', 'c080', 'c1bf', 'c2', 'e0', 'e080', 'e09fbf', 'e0a0', 'eda080', 'edbfbf', 'eda0bdedb880', // never
  'f0', 'f08080', 'f0808080', 'f08fbfbf', 'f09080', 'f4908080', 'f5808080', 'f8888080', 'fc', 'fe', 'ff', // never
].map(hex => Buffer.from(hex, 'hex'))

/** What ends a line, or might be taken for it. */
export const lineEnds: readonly string[] = ['\r\n', '\n', '\r', '\r\r\n', '\n\r', '\0', '\x0b', '\x85', '\r\n\r\n', '']

/** What stands between words, or must not. */
export const spaces: readonly string[] = [' ', '', '  ', '\t', ' \t ', '\x0b', '\xa0', '\r\n ', ',', ';', '=', ':']

// biome-ignore format: a table
export const methods: readonly string[] = [
  'GET', 'get', 'Get', 'HEAD', 'POST', 'CONNECT', 'OPTIONS', 'PRI', '', 'G ET', 'GET\t', 'M-SEARCH', 'G\x00T', '(GET)',
]

// biome-ignore format: a table
export const targets: readonly string[] = [
  '/', '/chat', '/chat?x=1&y=\\', '//evil.example/', '/\\evil', '/%00', '/a#b', '*', 'http://server.example/', 'example.com:80',
  'http://server.example', 'HTTP://Server.Example:80/a?b', 'https://server.example/', 'http://other.example/', 'http:///x',
  'http://server.example:/', 'http://user@server.example/', '', '/\xe9', '/\x7f', '/ b', '/'.padEnd(300, 'a'), 'ws://server.example/',
]

// biome-ignore format: a table
export const versions: readonly string[] = [
  'HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', 'HTTP/1.', 'HTTP/1,1',
  'HTTP/01.1', '', 'HTTPS/1.1', 'HTTP/1.٠',
]

/** Names that an object has before anything was put into it, and other traps. */
// biome-ignore format: a table
export const treacherousNames: readonly string[] = [
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__', 'length', 'null',
  'undefined', '0', 'x'.repeat(200),
]

/** Values of the fields that a handshake reads, right and wrong. */
// biome-ignore format: a table
export const fieldValues: Readonly<Record<string, readonly string[]>> = {
  Host: [
    'server.example', 'server.example:80', 'SERVER.example', 'localhost:9001', '[::1]:80', '[::ffff:1.2.3.4]', '127.0.0.1',
    '0x7f.1', '127.1', '010.0.0.1', '1.2.3.4.', 'a,b', 'a b', 'a/b', 'user@a', 'a:', ':80', 'a:99999', 'a:-1', '[::1', '[1]', '', 'a:٣',
  ],
  Upgrade: [
    'websocket', 'WebSocket', 'websocket, h2c', 'h2c', 'websocket/13', 'web socket', '', ',websocket,', 'websockets', '"websocket"',
  ],
  Connection: [
    'Upgrade', 'upgrade', 'keep-alive, Upgrade', 'close', 'Upgrade, close', 'UPGRADE,', 'Upgrade;q=1', 'keep-alive', '', 'up grade',
  ],
  'Sec-WebSocket-Key': [
    'dGhlIHNhbXBsZSBub25jZQ==', 'AQIDBAUGBwgJCgsMDQ4PEA==', 'dGhlIHNhbXBsZSBub25jZR==', 'dGhlIHNhbXBsZSBub25jZQ', 'AAAA', '',
    'dGhlIHNhbXBsZSBub25jZQ== ', 'dGhlIHNhbXBsZSBub25jZQ=a', '-_hlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZSEh',
  ],
  'Sec-WebSocket-Version': ['13', '8', '0', '255', '256', '013', '+13', '13, 8', '13.0', '1e1', '', '-1', '٣', '999999999999'],
  Origin: [
    'http://server.example', 'https://server.example', 'http://server.example:80', 'null', 'HTTP://server.example', 'http://evil.example',
    'http://server.example/', 'http://server.example http://evil.example', 'file://', '', 'http://', 'http://[::1]:80',
  ],
  'Sec-WebSocket-Protocol': ['chat', 'chat, superchat', 'chat, chat', ', chat', '', 'ch at', '"chat"', 'constructor', '__proto__'],
  'Sec-WebSocket-Extensions': [
    'permessage-deflate', 'permessage-deflate; client_max_window_bits', 'permessage-deflate; server_max_window_bits=10, x-claim',
    'foo; bar="baz"', 'foo; bar="b\\az"', 'foo; bar="\\', 'foo; bar="', 'foo;', ';', ',', 'foo,,', 'foo; =1', 'x-claim', 'x-claim; a',
    'permessage-deflate; server_max_window_bits="10"', 'foo; bar="two words"', '__proto__; constructor=toString',
  ],
  'Content-Length': ['0', '1', '00', '-1', '+0', '0, 0', '999999999999', '0x0', '', '1e0', '65536', '5'],
  'Transfer-Encoding': ['chunked', 'identity', 'gzip, chunked', 'Chunked', 'chunked, gzip', '', 'chunked;q=1', '\x0bchunked'],
  Expect: ['100-continue', ''],
  'X-Other': ['', 'a', 'a b', ' a', '\t', 'a\x80\xff', 'a\0b', 'a\x7fb', 'a\x01', '"', 'y'.repeat(300), 'a: b'],
}

/** What a server answers beside the fields above. */
// biome-ignore format: a table
export const statusLines: readonly string[] = [
  'HTTP/1.1 101 Switching Protocols', 'HTTP/1.1 101', 'HTTP/1.1 101 ', 'HTTP/1.1 200 OK', 'HTTP/1.1 302 Found', 'HTTP/1.1 401 Unauthorized',
  'HTTP/1.1 100 Continue', 'HTTP/1.1 103 Early Hints', 'HTTP/1.0 101 Switching Protocols', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 x',
  'HTTP/1.1 1010 x', 'HTTP/1.1 10 x', 'HTTP/1.1  101 x', 'HTTP/1.1 000 x', 'HTTP/1.1 999 x', 'HTTP/1.1\t101 x', 'HTTP/2.0 101 x', 'ICY 200 OK',
  'HTTP/1.1 -10 x', 'HTTP/1.1 1e1 x', 'HTTP/1.1 500 \xe9\x80', 'HTTP/1.1 503 a\0b', '', 'HTTP/1.1 101Switching',
]

/** Words of Sec-WebSocket-Extensions and of lists in general. */
// biome-ignore format: a table
export const listWords: readonly string[] = [
  'foo', 'permessage-deflate', 'x-claim', 'x-other', 'client_max_window_bits', 'server_max_window_bits', '10', '8', 'a', '__proto__',
  'constructor', 'toString', ',', ',', ';', ';', '=', '=', '"', '"bar"', '"b\\a\\"r"', '"\\', '""', '"a,b;c"', ' ', '\t', '  ', '\\', '\x7f',
  '\0', '\xe9', '(', '/', '@', '"\xe9"', '\x0b', ':', 'websocket', 'Upgrade',
]

/** What URIs, hosts and origins are made of. */
// biome-ignore format: a table
export const uriWords: readonly string[] = [
  'ws://', 'wss://', 'http://', 'https://', 'ws:', 'WS://', 'wss:/', 'server.example', 'localhost', '[::1]', '[', ']', '::', '1.2.3.4', '127.1',
  '0x7f.1', '256.0.0.1', ':', ':80', ':443', ':0', ':65536', '/', '//', '/a/../b', '?', '?q=1', '#', '#f', '%00', '%', '%2f', '@', 'user:pass@',
  'us%er@', '\\', ' ', '\t', '\n', 'é', '٣', '例え', '.', '..', '-', '_', 'a', 'null', '*', ',', 'xn--', '\u00ad', '\uff0e', '%0d%0a', '{', '|',
]
