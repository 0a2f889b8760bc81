// Runs in a worker thread: serves the live page of a run, and draws its charts, so that neither costs the run a step. Plain JavaScript, since a
// worker is started from a file that Node runs as it is. Its messages: src/live/live-server.ts.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { isIP } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

/** @type {import('../src/live/live-server.ts').LiveServerOptions} */
const { before, after, slots, allowedHosts } = workerData

const LOOPBACK = '127.0.0.1'
/** Milliseconds from one look for changes to the next, and times that drawing took before the next drawing. */
const [PACE, REST] = [400, 5]
/** Milliseconds between signs of life, by which a browser notices a connection that is dead. */
const BEAT = 10_000

const script = readFileSync(new URL('live-page.js', import.meta.url))
/** Tells this page from one that another run serves at the same address. */
const page = Date.now().toString(36)
/** Counts changes. */
let version = 0
/** What each slot shows: `{ markup, version, charts: [{ spec, label, version, svg }] }`. */
const shown = new Map(slots.map((slot) => [slot, { markup: '', version: 0, charts: [] }]))
const watchers = new Set()

/** Takes what changed; charts are drawn when somebody looks. */
function show(sections) {
  version += 1
  for (const { slot, markup, charts } of sections) {
    const old = shown.get(slot)
    shown.set(slot, {
      markup,
      version: markup === old.markup && charts.length === old.charts.length ? old.version : version,
      charts: charts.map((chart, i) => (old.charts[i]?.spec === chart.spec && old.charts[i].label === chart.label ? old.charts[i] : { ...chart, version, svg: undefined })),
    })
  }
}

async function drawn(chart) {
  const { drawChart } = await import('./draw-chart.mjs')
  return (chart.svg ??= await drawChart(JSON.parse(chart.spec), chart.label))
}

/** A section with its charts in place. */
async function markupOf(slot, { markup, charts }) {
  const drawings = await Promise.all(charts.map(drawn))
  return markup.replace(/<!--chart (\d+)-->/g, (_, i) => `<div id="live-${slot}-${i}">${drawings[i]}</div>`)
}

/** What changed since a version, each with the id of the element that it goes into. */
async function changesSince(since) {
  const changes = []
  for (const [slot, section] of shown) {
    if (section.version > since) changes.push({ id: `live-${slot}`, markup: await markupOf(slot, section) })
    else for (const [i, chart] of section.charts.entries()) if (chart.version > since) changes.push({ id: `live-${slot}-${i}`, markup: await drawn(chart) })
  }
  return changes
}

async function wholePage() {
  const now = version
  const sections = await Promise.all([...shown].map(async ([slot, section]) => `<div id="live-${slot}">${await markupOf(slot, section)}</div>`))
  return `${before}${sections.join('\n')}${after.replace('<!--script-->', `<script src="page.js" data-version="${page}.${now}"></script>`)}`
}

/** Sends a watcher what it has not seen; one that is slow gets the latest when it has taken what was sent. Resolves when the system has it. */
async function send(watcher) {
  if (watcher.busy || watcher.seen === version) return
  watcher.busy = true
  const now = version
  const changes = await changesSince(watcher.seen)
  watcher.seen = now
  await new Promise((resolve) => watcher.response.write(`id: ${page}.${now}\nevent: changes\ndata: ${JSON.stringify(changes)}\n\n`, resolve))
  watcher.busy = false
}

const sendAll = () => Promise.all([...watchers].map(send))

async function pump() {
  const started = performance.now()
  await sendAll()
  setTimeout(pump, Math.max(PACE, REST * (performance.now() - started)))
}

/** Whether a browser may ask under this name. One that was led here by a name of somebody else's, which resolves to this machine, may not. */
function isAllowed(host) {
  if (host === undefined) return true
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : ''
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || allowedHosts.includes(name)
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

function answer(response, status, type, body, headers = {}) {
  response.writeHead(status, { ...HEADERS, 'content-type': `${type}; charset=utf-8`, ...headers })
  response.end(body)
}

const server = createServer((request, response) => {
  respond(request, response).catch((error) => answer(response, 500, 'text/plain', `${error.stack}\n`))
})

async function respond(request, response) {
  const [path, query = ''] = request.url.split('?')
  if (!isAllowed(request.headers.host)) {
    const name = JSON.stringify(request.headers.host)
    return answer(response, 403, 'text/plain', `This page is not served as ${name}. Ask for it as localhost, have the tunnel send "Host: localhost", or name the host in \`allowedHosts\`.\n`)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'text/plain', 'There is nothing to change here.\n', { allow: 'GET, HEAD' })
  // A proxy may leave the path in front that it serves this under.
  if (path.endsWith('/events')) return watch(request, response, request.headers['last-event-id'] ?? new URLSearchParams(query).get('after') ?? '')
  if (path.endsWith('/page.js')) return answer(response, 200, 'text/javascript', script)
  if (path.endsWith('/')) return answer(response, 200, 'text/html', await wholePage(), { 'content-security-policy': POLICY })
  return answer(response, 404, 'text/plain', 'There is nothing here; the page is at the root.\n')
}

function watch(request, response, seen) {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
  if (request.method === 'HEAD') return response.end()
  const [of, at] = seen.split('.')
  if (of !== page) {
    // It shows another run.
    return response.end('event: reload\ndata:\n\n')
  }
  response.write(`retry: 2000\n\n`)
  const watcher = { response, seen: Number(at), busy: false }
  watchers.add(watcher)
  response.on('close', () => watchers.delete(watcher))
  void send(watcher)
}

function beat() {
  for (const { response } of watchers) response.write('event: beat\ndata:\n\n')
}

/** Listens at the first of some ports that is free. */
function listen(ports) {
  const [port, ...others] = ports
  server.once('error', (error) => {
    if (error.code === 'EADDRINUSE' && others.length > 0) listen(others)
    else parentPort.postMessage({ kind: 'failed', code: error.code, message: error.message })
  })
  server.listen(port, LOOPBACK)
}

server.on('listening', () => {
  server.removeAllListeners('error')
  parentPort.postMessage({ kind: 'listening', port: server.address().port })
})

parentPort.on('message', async (message) => {
  if (message.kind === 'listen') listen(message.ports)
  if (message.kind === 'show') show(message.sections)
  if (message.kind === 'flush') {
    while ([...watchers].some(({ busy, seen }) => busy || seen !== version)) {
      await sendAll()
      await pause(10)
    }
    parentPort.postMessage({ kind: 'flushed' })
  }
})

setInterval(beat, BEAT)
void pump()
