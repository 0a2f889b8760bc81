import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DataError } from '@metric-learning/contracts'
import { runProcess } from '@metric-learning/peer'
import { root } from './published-packages.js'

const require = createRequire(import.meta.url)

/** A registry on this machine: what is published there, and for all else the one that npm is set up for. */
export interface LocalRegistry {
  readonly url: string
  /** Publishes packages from their folders, as a release does. */
  publish(folders: readonly string[]): Promise<void>
  stop(): void
}

/** Starts one, whose files are in a folder. */
export async function localRegistry(folder: string): Promise<LocalRegistry> {
  mkdirSync(folder, { recursive: true })
  const upstream = (await runProcess('npm', ['config', 'get', 'registry'])).trim()
  const port = await freePort()
  const url = `http://localhost:${port}/`
  const ours = { access: '$all', publish: '$all', unpublish: '$all' }
  const configuration = {
    storage: join(folder, 'storage'),
    uplinks: { upstream: { url: upstream, cache: true, timeout: '120s', maxage: '1h' } },
    packages: { '@metric-learning/*': ours, 'metric-learning': ours, '*metric-learning*': ours, 'tensorboard-logger-ts': ours, '**': { access: '$all', proxy: 'upstream' } },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
    max_body_size: '200mb',
  }
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(configuration)) // JSON is YAML
  // npm wants to be somebody to publish; anybody may.
  writeFileSync(join(folder, '.npmrc'), `//localhost:${port}/:_authToken=anybody\n`)
  const program = join(require.resolve('verdaccio/package.json'), '../bin/verdaccio')
  const server = spawn(process.execPath, [program, '--config', join(folder, 'config.yaml'), '--listen', `localhost:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const stop = () => server.kill()
  process.once('exit', stop)
  for (const end = Date.now() + 60_000; !(await answers(url)); await wait(200)) {
    if (server.exitCode !== null || Date.now() > end) {
      stop()
      throw new DataError({ who: 'local registry', wanted: 'verdaccio to answer', got: said.trim() || 'nothing', fix: 'Run `npm run setup`; see what it says above.' })
    }
  }
  return {
    url,
    async publish(folders) {
      await runProcess('npm', ['publish', ...folders.flatMap((one) => ['-w', one]), '--registry', url, '--userconfig', join(folder, '.npmrc'), '--provenance=false', '--tag=latest'], { cwd: root })
    },
    stop,
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}-/ping`)).ok
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })
}
