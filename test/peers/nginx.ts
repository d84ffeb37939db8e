/** Debian's nginx as a reverse proxy in front of a server of ours: plain, and ending TLS. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Site } from './client-peers.js'
import { nginxPath } from './programs.js'

export interface ReverseProxy {
  readonly plain: Site
  readonly tls: Site
  stop(): Promise<void>
}

const certificate = fileURLToPath(new URL('../../../test/certificates/localhost', import.meta.url))

/**
 * Starts nginx on two ports that are free, on 127.0.0.1.
 *
 * @param upstream - `http://127.0.0.1:PORT`
 * @param passHost - with the Host field that the client sent (nginx by itself puts the name of the upstream there).
 */
export async function startNginx(upstream: string, passHost = true): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'framewright-nginx-'))
  for (let attempts = 1; ; attempts++) {
    const [plainPort, tlsPort] = [await freePort(), await freePort()]
    await writeFile(join(folder, 'nginx.conf'), configuration(upstream, passHost, plainPort, tlsPort))
    try {
      const stop = await run(folder)
      return { plain: site('', plainPort), tls: site('s', tlsPort), stop }
    } catch (error) {
      // Somebody else may have taken a port meanwhile.
      if (attempts === 3) throw error
    }
  }
}

function site(s: '' | 's', port: number): Site {
  return { url: `ws${s}://127.0.0.1:${port}`, page: `http${s}://127.0.0.1:${port}` }
}

function configuration(upstream: string, passHost: boolean, plainPort: number, tlsPort: number): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  ${kinds.map(kind => `${kind}_temp_path ${kind};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${plainPort};
    listen 127.0.0.1:${tlsPort} ssl;
    ssl_certificate ${certificate}.pem;
    ssl_certificate_key ${certificate}.key;
    location / {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      ${passHost ? 'proxy_set_header Host $http_host;' : ''}
    }
  }
}
`
}

/** Resolves once it listens; rejects with what it wrote when it ends before. */
async function run(folder: string): Promise<() => Promise<void>> {
  const child = spawn(nginxPath, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let written = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      written += text
      // The first notice behind the opening of its sockets.
      if (written.includes('built by') || written.includes('OS: ')) resolve()
    })
    child.on('error', reject)
    child.on('close', status => reject(new Error(`nginx ended with ${status}: ${written}`)))
  })
  const cleanUp = () => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', cleanUp)
  return async () => {
    process.off('exit', cleanUp)
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
    await rm(folder, { recursive: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
