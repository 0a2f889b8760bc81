import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Random } from '@metric-learning/contracts'
import { decodeSample } from '@metric-learning/datasets'
import { InferenceModel, type Neighbour } from '@metric-learning/inference'
import { ConvNet } from '@metric-learning/models'
import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { drawingOf } from './drawing.js'
import { drawingGallery } from './gallery.js'
import { drawingNetworks } from './saved-search.js'
import { searchService } from './search-service.js'

const PICTURES = 100
const decode = (file: Uint8Array) => decodeSample(file, { imageSize: 16, channels: 1 })

interface Answer {
  readonly neighbours?: readonly (Neighbour & { readonly picture: string })[]
  readonly error?: string
  readonly code?: string
}

describe('the search service', () => {
  let app: FastifyInstance
  let url = ''
  let pictures: Buffer[] = []
  const said: string[] = []

  beforeAll(async () => {
    const random = new Random(1)
    const noise = () => Uint8Array.from({ length: 256 }, () => random.int(256))
    const raw = { raw: { width: 16, height: 16, channels: 1 } } as const
    pictures = await Promise.all(Array.from({ length: PICTURES }, (_, i) => (i % 2 ? sharp(noise(), raw).png() : sharp(noise(), raw).jpeg({ quality: 100 })).toBuffer()))
    const model = new InferenceModel({ trunk: new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed: 1 }), normalization: { mean: [0.5], std: [0.3] } })
    for (const [i, picture] of pictures.entries()) await model.add(await decode(picture), { keys: [`noise/${i}`] })
    const gallery = { examples: ['noise/0'], picture: async (key: string) => pictures[Number(/^noise\/(\d+)$/.exec(key)?.[1])] }
    app = await searchService({ model, gallery, decode, fileBytes: 2 ** 16, say: (line) => said.push(line) })
    await app.listen({ port: 0 })
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  })
  afterAll(() => app.close())

  async function search(body: RequestInit['body'], query = '', headers: Record<string, string> = { 'content-type': 'image/png' }): Promise<Answer & { status: number }> {
    const response = await fetch(`${url}/search${query}`, { method: 'POST', ...(body && { body }), headers: body instanceof FormData ? {} : headers })
    return { status: response.status, ...((await response.json()) as Answer) }
  }
  function form(...files: Uint8Array[]): FormData {
    const data = new FormData()
    files.forEach((file, i) => data.append(`image${i}`, new Blob([file as Uint8Array<ArrayBuffer>]), 'x.png'))
    return data
  }

  it('answers 100 concurrent requests, none lost, each with its own neighbours', async () => {
    const answers = await Promise.all(pictures.map((picture, i) => (i % 3 === 0 ? search(form(picture), '?k=3') : search(new Uint8Array(picture), `?k=${1 + (i % 4)}`))))
    answers.forEach(({ status, neighbours }, i) => {
      expect([status, neighbours!.length]).toEqual([200, i % 3 === 0 ? 3 : 1 + (i % 4)])
      expect(neighbours![0]).toEqual({ key: `noise/${i}`, distance: expect.closeTo(0, 5), picture: `/pictures/noise/${i}` })
    })
    expect(said).toEqual([])
  })

  it('answers good requests among bad ones', async () => {
    const answers = await Promise.all(pictures.slice(0, 40).map((picture, i) => search(new Uint8Array(i % 4 === 0 ? picture.subarray(0, 90) : picture))))
    answers.forEach(({ status, neighbours }, i) => {
      if (i % 4 === 0) expect(status).toBe(400)
      else expect([status, neighbours!.length, neighbours![0]!.key]).toEqual([200, 12, `noise/${i}`])
    })
  })

  it('says what is wrong with a request', async () => {
    const picture = new Uint8Array(pictures[1]!)
    const large = new Uint8Array(2 ** 16 + 1)
    const withField = form(picture)
    withField.append('k', '3')
    const cases: readonly (readonly [Promise<Answer & { status: number }>, number, string, string])[] = [
      [search(null, '', {}), 400, 'ML_DATA', 'search: wanted an image, got none. Send its bytes as the body, or a form with one file.'],
      [search(new Uint8Array()), 400, 'ML_DATA', 'wanted an image, got '],
      [search(form()), 400, 'ML_DATA', 'wanted an image, got none'],
      [search(form(picture, picture)), 400, 'ML_DATA', 'search: wanted a form with one file and nothing else, got several files.'],
      [search(withField), 400, 'ML_DATA', 'got the field `k`. Send one image; `k` goes into the address'],
      [search('--x\r\nbroken', '', { 'content-type': 'multipart/form-data; boundary=x' }), 400, 'ML_DATA', 'a form with one file and nothing else, got '],
      [search('x', '', { 'content-type': 'multipart/form-data' }), 400, 'ML_DATA', 'got Multipart: Boundary not found'],
      [search(picture.subarray(0, 100)), 400, 'ML_DATA', 'decodeSample: wanted the bytes of a whole image file, got 100 bytes: '],
      [search(new TextEncoder().encode('no image')), 400, 'ML_DATA', 'got 8 bytes: '],
      [search(large), 413, 'ML_DATA', 'search: wanted an image file of at most 0.0625 MiB, got a larger one. Send a smaller one.'],
      [search(form(large)), 413, 'ML_DATA', 'of at most 0.0625 MiB'],
      [search('text', '', { 'content-type': 'text/plain' }), 415, 'ML_DATA', 'search: wanted an image, as its bytes or as a form with one file, got Unsupported Media Type'],
      [search('{}', '', { 'content-type': 'application/json' }), 415, 'ML_DATA', 'wanted an image'],
      ...['0', '-1', '101', '1.5', 'x', '', '1e1', '2&k=3'].map((k) => [search(picture, `?k=${k}`), 400, 'ML_OPTION', 'search: wanted `k` to be an integer from 1 to 100, got '] as const),
      [search(picture, '?n=3'), 400, 'ML_OPTION', 'no parameter but `k`, got `n`'],
    ]
    for (const [asked, status, code, text] of cases) {
      const answer = await asked
      expect([answer.status, answer.code]).toEqual([status, code])
      expect(answer.error).toContain(text)
    }
    expect(said).toEqual([])
  })

  it('says that there is nothing to search yet, and is well', async () => {
    const model = new InferenceModel({ trunk: new ConvNet({ inputChannels: 1, width: 4, blocks: 2, seed: 1 }), normalization: { mean: [0.5], std: [0.3] } })
    const empty = await searchService({ model, gallery: { examples: [], picture: () => Promise.resolve(undefined) }, decode, say: (line) => said.push(line) })
    onTestFinished(() => empty.close().then(() => { model.dispose() }))
    const answer = await empty.inject({ method: 'POST', url: '/search', payload: pictures[0]!, headers: { 'content-type': 'image/png' } })
    expect([answer.statusCode, answer.json<Answer>().code]).toEqual([503, 'ML_STATE'])
    expect(answer.json<Answer>().error).toContain('wanted references, got none')
    expect((await empty.inject('/health')).json()).toEqual({ status: 'ok', references: 0, dim: 8 })
    expect(said).toEqual([])
  })

  it('has a page, pictures, and tells how it is', async () => {
    const page = await fetch(url)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page.text()).toContain('<title>Image search</title>')
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', references: PICTURES, dim: 8 })
    expect(await (await fetch(`${url}/examples`)).json()).toEqual({ keys: ['noise/0'] })
    expect(Buffer.from(await (await fetch(`${url}/pictures/noise/7`)).arrayBuffer())).toEqual(pictures[7])
    for (const path of ['pictures/noise/x', 'none']) expect((await fetch(`${url}/${path}`)).status).toBe(404)
  })
})

describe('drawings', () => {
  const paper = (strokes: string, side = 300) => sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="#fff"/>${strokes}</svg>`)).png().toBuffer()

  it('are cut to their ink, white on black, wherever they are and however thin', async () => {
    const square = (x: number, y: number, size: number, width: number) => paper(`<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="none" stroke="#333" stroke-width="${width}"/>`)
    for (const file of [await square(20, 20, 200, 12), await square(150, 90, 100, 6), await square(60, 60, 180, 1)]) {
      const { values, shape } = await drawingOf(file)
      expect(shape).toEqual([1, 28, 28, 1])
      expect(Math.max(...values)).toBe(255)
      const edge = Array.from({ length: 28 }, (_, i) => Math.max(values[i * 28]!, values[i * 28 + 1]!))
      expect(Math.min(...edge)).toBeGreaterThan(100)
      expect(values[14 * 28 + 14]).toBe(0)
    }
  })

  it('are not what has no ink, or too many pixels', async () => {
    await expect(drawingOf(await paper(''))).rejects.toThrow('search: wanted a drawing, got an image of one colour')
    const huge = await sharp({ create: { width: 10_000, height: 8_000, channels: 3, background: '#fff' } }).png({ compressionLevel: 9 }).toBuffer()
    await expect(drawingOf(huge)).rejects.toThrow('wanted an image of at most 50 million pixels, got one of 10000 × 8000')
  })
})

describe('npm run search-service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'search-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** The service from its sources, once it listens. */
  async function started(): Promise<{ url: string; child: ChildProcess; ended: Promise<number | null> }> {
    const program = fileURLToPath(new URL('./main.ts', import.meta.url))
    const args = ['--import', import.meta.resolve('tsx'), '--conditions=@metric-learning/source', program, '--model', folder, '--port', '0']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CUDA_VISIBLE_DEVICES: '' } })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    let text = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr!.on('data', (data: Buffer) => {
        const found = /at (http:\S+)/.exec((text += data.toString()))
        if (found) resolve(found[1]!)
      })
      void ended.then(() => reject(new Error(text)))
    })
    return { url, child, ended }
  }

  it('loads a model from its folder, finds each picture, and answers what was asked before it ends', async () => {
    const [gallery, { trunk, embedder }] = [await drawingGallery(1), drawingNetworks()]
    const model = new InferenceModel({ trunk, embedder, normalization: gallery.dataset.normalization! })
    await model.fit(gallery.dataset, { keys: gallery.keys })
    await model.save(folder, { notes: { drawingsPerClass: 1 } })
    model.dispose()
    const { url, child, ended } = await started()
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', references: 345, dim: 64 })
    const ask = async (key: string) => {
      const picture = await (await fetch(`${url}/pictures/${key.split('/').map(encodeURIComponent).join('/')}`)).arrayBuffer()
      return fetch(`${url}/search?k=1`, { method: 'POST', body: picture, headers: { 'content-type': 'image/png' } })
    }
    const [first] = (await ((await ask('The Eiffel Tower/0')).json() as Promise<Answer>)).neighbours!
    expect(first!.key).toBe('The Eiffel Tower/0')
    const body = (await (await fetch(`${url}/pictures/zebra/0`)).arrayBuffer())
    const under = Array.from({ length: 10 }, () => fetch(`${url}/search?k=1`, { method: 'POST', body, headers: { 'content-type': 'image/png' } }))
    await Promise.race(under)
    child.kill('SIGTERM')
    const answers = await Promise.allSettled(under.map(async (asked) => (await asked).status))
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
    for (const answer of answers) if (answer.status === 'fulfilled') expect([200, 503]).toContain(answer.value)
    expect(await ended).toBe(0)
  })
})
