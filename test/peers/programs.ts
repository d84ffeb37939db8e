/** Whom the tests talk to, where they are found, and what installs them. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromiumInstallCommand, hasChromium } from './chromium.js'
import { firefoxInstallCommand, hasFirefox } from './firefox.js'
import type { Installable } from './installable.js'

/** The sources of the peers; this file runs from build/test/peers. */
const sources = new URL('../../../test/peers/', import.meta.url)

/** A file of this folder, as a path. */
export function peerFile(name: string): string {
  return fileURLToPath(new URL(name, sources))
}

/** Debian's own; the first on the PATH may be another one, without Debian's packages. */
export const pythonPath = '/usr/bin/python3'
export const node22Path = peerFile('node_modules/.bin/node')
export const nginxPath = '/usr/sbin/nginx'

const npmInstall = 'npm ci --prefix test/peers'

export const chromium: Installable = { name: 'Chromium', installed: hasChromium, install: chromiumInstallCommand }
export const firefox: Installable = { name: 'Firefox', installed: hasFirefox, install: firefoxInstallCommand }

export const node22: Installable = {
  name: 'Node 22',
  installed: () => existsSync(node22Path),
  install: npmInstall,
}

export const pythonWebsockets: Installable = {
  name: "Python's websockets",
  installed: once(() => spawnSync(pythonPath, ['-c', 'import websockets']).status === 0),
  install: 'sudo apt-get install python3-websockets',
}

export const ws = packaged('ws', 'ws')
export const express = packaged('express', 'Express')
export const fastify = packaged('fastify', 'Fastify')

export const nginx: Installable = {
  name: 'nginx',
  installed: () => existsSync(nginxPath),
  install: 'sudo apt-get install nginx-light',
}

function packaged(folder: string, name: string): Installable {
  return { name, installed: () => existsSync(peerFile(`node_modules/${folder}/package.json`)), install: npmInstall }
}

function once(find: () => boolean): () => boolean {
  let found: boolean | undefined
  return () => {
    found ??= find()
    return found
  }
}
