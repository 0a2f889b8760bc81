import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as tf from '@tensorflow/tfjs-core'
import { OptionError, PluginError, Random, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { Trainer, type Evaluation, type Plugin } from '@metric-learning/core'
import sharp from 'sharp'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runRecorder } from '../record/run-recorder.js'
import { liveReport, type LiveReport, type LiveReportOptions } from './live-report.js'

const COUNT = 40
const labels = Int32Array.from({ length: COUNT }, (_, row) => row % 4)
const dataset: Dataset = {
  name: 'points',
  labels,
  classNames: ['cat', 'dog', '<axe>', 'sun'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: new Float32Array(rows.length * 2).fill(1), shape: [rows.length, 2] }),
}
const images = (row: number) => sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 60 * (row % 4), g: 90, b: 120 } } }).png().toBuffer()

/** Finds embeddings around a centre a class, and a precision that grows with the epoch. */
const tester: Plugin = {
  name: 'tester',
  apply({ hooks }) {
    hooks.evaluate.tap({ name: 'tester' }, ({ epoch }): Evaluation => {
      const random = new Random(1)
      const embeddings = Float32Array.from({ length: COUNT * 2 }, (_, i) => 3 * Math.sin(labels[Math.floor(i / 2)]! + (i % 2)) + random.normal())
      return { tester: 'tester', metrics: { val: { precisionAt1: 0.125 * (epoch + 1) } }, splits: [{ name: 'val', dataset, embeddings, labels, dim: 2 }], seconds: 0 }
    })
  },
}

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
  vi.restoreAllMocks()
})

function live(options: LiveReportOptions = {}): LiveReport {
  const report = liveReport({ say: () => undefined, port: 0, ...options })
  open.push(report)
  return report
}

function trainerWith(plugins: readonly Plugin[]): Trainer {
  const weight = tf.variable(tf.scalar(1))
  const trunk: Module = { name: 'trunk', parameters: new Map([['weight', weight]]), buffers: new Map(), outputSize: 2, call: (x) => tf.mul(x, weight), dispose: () => undefined }
  const loss: Loss = { name: 'sum', parameters: new Map(), compute: (x) => tf.mul(tf.sum(x), 0.001) as tf.Scalar }
  const sampler = { name: 'pair', batchSize: 2, batchesPerEpoch: 3, batch: () => Int32Array.of(0, 1) }
  return new Trainer({ trunk, dataset, sampler, objectives: [{ loss }], compile: false, logEverySteps: 1, plugins: [tester, ...plugins] })
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const ask = (url: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    httpRequest(url, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part)).on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body })
      })
    }).on('error', reject).end()
  })

interface Change {
  readonly id: string
  readonly markup: string
}

/** A browser's connection: events as they come. */
class Watching {
  readonly events: { readonly id: string; readonly name: string; readonly data: string }[] = []
  hasEnded = false
  #request

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#request = httpRequest(url, { headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        const frames = text.split('\n\n')
        text = frames.pop()!
        for (const frame of frames) {
          const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(frame)?.[1] ?? ''
          if (field('event') !== '') this.events.push({ id: field('id'), name: field('event'), data: field('data') })
        }
      })
      response.on('close', () => (this.hasEnded = true))
    })
    this.#request.on('error', () => (this.hasEnded = true))
    this.#request.end()
    open.push(this)
  }

  get changes(): Change[] {
    return this.events.flatMap(({ name, data }) => (name === 'changes' ? (JSON.parse(data) as Change[]) : []))
  }

  close(): void {
    this.#request.destroy()
  }
}

const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), { timeout: 20_000, interval: 20 })
const versionOf = (page: string) => /data-version="([^"]+)"/.exec(page)![1]!

/** Takes a run step by step: the page is looked at in between. */
async function steps(trainer: Trainer, epochs: number, at: (step: number) => Promise<void>): Promise<void> {
  for await (const { step } of trainer.steps({ epochs })) await at(step)
}

describe('liveReport', () => {
  it('serves all that the run has been so far: place, loss, metrics, distances, gallery', async () => {
    const report = live({ title: 'Points & lines', images, queries: 2, neighbours: 3, configuration: { seed: 7 } })
    expect(report.url).toBeUndefined()
    const trainer = trainerWith([report])
    await trainer.train({ epochs: 2 })
    const page = await ask(report.url!)
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('<title>Points &amp; lines</title>')
    expect(page.body).toContain('Complete after 2 of 2 epochs')
    for (const id of ['status', 'results', 'curves', 'distances', 'retrieval', 'settings']) expect(page.body).toContain(`<div id="live-${id}">`)
    expect(page.body).toContain('0.375')
    expect(page.body).toContain('aria-label="Chart of P@1. Points &amp; lines ends at 0.375."')
    expect(page.body).toContain('<span class="hit-word">✓ same class</span>')
    expect(page.body).toContain('src="page.js"')
    expect(page.body).not.toMatch(/https?:\/\/|<axe>/)
    expect(page.body).not.toContain('<!--')
    // No colour that would not follow the theme.
    expect(page.body).toContain('prefers-color-scheme: dark')
  })

  it('sends what changes, and to one who comes back what happened in between', async () => {
    const report = live()
    let first: Watching | undefined
    let seen = ''
    const trainer = trainerWith([report])
    await steps(trainer, 3, async (step) => {
      if (step === 2) {
        const page = await ask(report.url!)
        seen = versionOf(page.body)
        first = new Watching(`${report.url!}events?after=${seen}`)
      }
      if (step === 4) {
        // The evaluation after the third step has been.
        await until(() => first!.changes.some(({ id, markup }) => id === 'live-results' && markup.includes('0.250')))
        first!.close()
      }
    })
    const second = new Watching(`${report.url!}events?after=${seen}`, { 'last-event-id': first!.events.at(-1)!.id })
    await until(() => second.changes.some(({ id, markup }) => id === 'live-results' && markup.includes('0.500')))
    expect(second.changes.find(({ id }) => id === 'live-status')!.markup).toContain('Complete after 3 of 3 epochs')
    // It has what a browser sees that was never there before.
    const page = await ask(report.url!)
    const latest = new Map(second.changes.map(({ id, markup }) => [id, markup]))
    for (const [id, markup] of latest) expect(page.body).toContain(`<div id="${id}">${markup}</div>`)
    const third = new Watching(`${report.url!}events?after=${versionOf(page.body)}`)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(third.changes).toEqual([])
  })

  it('has those load the page anew who show another run', async () => {
    const report = live()
    await trainerWith([report]).train({ epochs: 1 })
    const watching = new Watching(`${report.url!}events?after=other.3`)
    await until(() => watching.hasEnded)
    expect(watching.events.map(({ name }) => name)).toEqual(['reload'])
  })

  it('waits at the end of a run until browsers have it', async () => {
    const report = live()
    let watching: Watching | undefined
    await steps(trainerWith([report]), 1, async (step) => {
      if (step !== 1) return
      watching = new Watching(`${report.url!}events?after=${versionOf((await ask(report.url!)).body)}`)
    })
    // As a process does that has nothing more to do.
    await report.close()
    await until(() => watching!.hasEnded)
    expect(watching!.changes.filter(({ id }) => id === 'live-status').at(-1)!.markup).toContain('Complete after 1 of 1 epochs')
    expect(report.url).toBeUndefined()
  })

  it('shows runs that follow one another side by side', async () => {
    const runs = ['Triplet', 'ArcFace'].map((name) => runRecorder({ name }))
    const report = live({ runs })
    await trainerWith([runs[0]!, report]).train({ epochs: 1 })
    const [url, before] = [report.url!, await ask(report.url!)]
    expect(before.body).toContain('Has not begun')
    await trainerWith([runs[1]!, report]).train({ epochs: 1 })
    expect(report.url).toBe(url)
    const { body } = await ask(url)
    expect(body.match(/Complete after 1 of 1 epochs/g)).toHaveLength(2)
    expect(body).not.toContain('data-under-way')
    expect(body).toContain('Triplet ends at 0.25, ArcFace ends at 0.25')
  })

  it('is one page, too, where runs begin at once', async () => {
    const said: string[] = []
    const recorders = ['A', 'B'].map((name) => runRecorder({ name }))
    const page = live({ runs: recorders, say: (line) => said.push(line) })
    await Promise.all(recorders.map((recorder) => trainerWith([recorder, page]).train({ epochs: 1 })))
    expect(said).toEqual([`Live page: ${page.url}`])
  })

  it('has all of a run that is resumed', async () => {
    const first = live()
    const interrupted = trainerWith([first])
    await interrupted.train({ epochs: 1 })
    const state = await interrupted.state()
    const second = live()
    const resumed = trainerWith([second])
    await resumed.restore(state)
    await resumed.train({ epochs: 2 })
    const { body } = await ask(second.url!)
    expect(body).toContain('epoch 0: 0.125')
    expect(body).toContain('epoch 1: 0.25')
    expect(body).toContain('epoch 2: 0.375')
  })

  it('takes the next port where the usual one is taken, and refuses one that was asked for', async () => {
    const said: string[] = []
    const reports = [0, 1].map(() => live({ port: undefined as never, say: (line) => said.push(line) }))
    for (const report of reports) await trainerWith([report]).train({ epochs: 0 })
    expect(reports[0]!.url).not.toBe(reports[1]!.url)
    expect(said).toEqual(reports.map(({ url }) => `Live page: ${url!}`))
    const port = Number(new URL(reports[0]!.url!).port)
    await expect(trainerWith([live({ port })]).train({ epochs: 0 })).rejects.toThrow(
      new RegExp(`liveReport: wanted \`port\` to be one that is free, got ${port} \\(.*EADDRINUSE.*\\)\\. Take another one, leave \`port\` out for the next that is free, or pass 0 for any\\.`),
    )
  })

  it('can only be read, on this machine, under names that are its own', async () => {
    const report = live({ allowedHosts: ['runs.example.org'] })
    await trainerWith([report]).train({ epochs: 0 })
    const { port } = new URL(report.url!)
    expect(report.url).toBe(`http://127.0.0.1:${port}/`)
    const as = async (host: string) => (await ask(report.url!, { headers: { host } })).status
    for (const host of [`localhost:${port}`, 'localhost:9999', 'run.localhost', `127.0.0.1:${port}`, '[::1]:80', 'runs.example.org', 'runs.example.org:8443']) expect(await as(host)).toBe(200)
    for (const host of ['evil.example.org', `evil.example.org:${port}`, 'localhost.evil.org', 'a b', 'runs.example.org.evil.org']) expect(await as(host)).toBe(403)
    const refused = await ask(report.url!, { headers: { host: 'evil.example.org' } })
    expect(refused.body).toContain('have the tunnel send "Host: localhost", or name the host in `allowedHosts`')
    expect((await ask(`${report.url!}events?after=x`, { headers: { host: 'evil.example.org' } })).status).toBe(403)
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask(report.url!, { method })).status).toBe(405)
    expect((await ask(`${report.url!}secret`)).status).toBe(404)
    expect((await ask(`${report.url!}//`)).status).toBe(200)
    const { headers } = await ask(report.url!)
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('works under a path of a proxy', async () => {
    const report = live()
    await trainerWith([report]).train({ epochs: 0 })
    const page = await ask(`${report.url!}user/proxy/7007/`)
    expect(page.status).toBe(200)
    expect((await ask(`${report.url!}user/proxy/7007/page.js`)).body).toContain('new EventSource(`events?after=${version}`)')
    const watching = new Watching(`${report.url!}user/proxy/7007/events?after=none`)
    await until(() => watching.events.length > 0)
  })

  it('is no reason to end a run: what fails in it is one warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const report = live({ images: () => Promise.reject(new Error('no disk')) })
    await trainerWith([report]).train({ epochs: 2 })
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringMatching(/^liveReport: the page is not what it should be\. .*no disk/)])
    expect((await ask(report.url!)).body).toContain('Complete after 2 of 2 epochs')
  })

  it('shows how a run failed', async () => {
    const failing: Plugin = {
      name: 'failing',
      apply: ({ hooks }) => {
        hooks.batchEnd.tap({ name: 'failing' }, ({ step }) => {
          if (step === 2) throw new Error('out of <luck>')
        })
      },
    }
    const report = live()
    await expect(trainerWith([report, failing]).train({ epochs: 1 })).rejects.toThrow('out of <luck>')
    expect((await ask(report.url!)).body).toMatch(/Failed after 0 of 1 epochs: .*out of &lt;luck&gt;/)
  })

  it('refuses what it could not show, and options that are none', () => {
    expect(() => trainerWith([live({ runs: [runRecorder({ name: 'A' })] })])).toThrow(PluginError)
    for (const wrong of [
      { port: 65_536 },
      { port: 1.5 },
      { title: '' },
      { runs: [] },
      { runs: [{ name: 'runRecorder', record: {} }] },
      { runs: [runRecorder({ name: 'A' }), runRecorder({ name: 'A' })] },
      { allowedHosts: ['https://a.b'] },
      { allowedHosts: 'a.b' },
      { queries: 0 },
      { host: '0.0.0.0' },
    ]) {
      expect(() => liveReport(wrong as never), JSON.stringify(wrong)).toThrow(OptionError)
    }
  })
})

describe('a proxy that cuts the connection', () => {
  it('loses nothing', async () => {
    const report = live()
    await trainerWith([report]).train({ epochs: 1 })
    const target = new URL(report.url!)
    const proxy: Server = createServer((request, response) => {
      httpRequest({ host: target.hostname, port: target.port, path: request.url, headers: request.headers }, (upstream) => {
        response.writeHead(upstream.statusCode!, upstream.headers)
        upstream.pipe(response)
      }).end()
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((resolve) => { proxy.closeAllConnections(); proxy.close(resolve) }) })
    const base = `http://localhost:${(proxy.address() as AddressInfo).port}/`
    const version = versionOf((await ask(base)).body)
    const [name] = version.split('.')
    const cut = new Watching(`${base}events?after=${name!}.0`)
    await until(() => cut.changes.length > 0)
    proxy.closeAllConnections()
    await until(() => cut.hasEnded)
    const again = new Watching(`${base}events?after=${name!}.0`)
    await until(() => again.changes.length > 0)
    expect(again.changes).toEqual(cut.changes)
  })
})
