import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { Command } from 'commander'
import { LOSSES, NETS, type LossName, type Net } from './nets.js'
import { stepPage, type Row } from './step-page.js'
import { SIDES, type Side, type Turn } from './turn.js'

const here = new URL('..', import.meta.url).pathname
const program = new Command('npm run bench:step --')
  .description('The training step beside PyTorch’s: time and memory.')
  .option('--pairs <count>', 'turns of each side', Number, 5)
  .option('--nets <names>', `comma-separated, out of ${NETS.map(({ name }) => name).join(', ')}`, NETS.map(({ name }) => name).join(','))
  .option('--losses <names>', 'comma-separated, out of triplet, arcface', LOSSES.join(','))
  .option('--python <path>', 'a Python with torch and pytorch-metric-learning (default: an environment made here)')
const options = program.parse().opts<{ pairs: number; nets: string; losses: string; python?: string }>()
const say = (line: string) => process.stderr.write(`${line}\n`)

const python = options.python ?? (await environment())
const rows: Row[] = []
for (const net of NETS.filter(({ name }) => options.nets.split(',').includes(name))) {
  for (const loss of LOSSES.filter((name) => options.losses.split(',').includes(name))) rows.push(await measure(net, loss))
}
const command = `npm run bench:step -- --pairs ${options.pairs} --nets ${options.nets} --losses ${options.losses}`
const machine = `${cpus().length} x ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
const page = stepPage(rows, machine, command)
writeFileSync(new URL('../../docs/step-speed.md', `file://${here}`), page)
process.stdout.write(page)

async function measure(net: Net, loss: LossName): Promise<Row> {
  const turns: Record<Side, Turn[]> = { compiled: [], eager: [], PyTorch: [], 'torch.compile': [] }
  const broken = new Set<Side>()
  for (let pair = 0; pair < options.pairs; pair++) {
    for (const side of SIDES) {
      if (broken.has(side)) continue
      try {
        const turn = await takeTurn(side, net, loss)
        turns[side].push(turn)
        say(`${net.name} ${loss} ${side}: ${turn.milliseconds.toFixed(1)} ms`)
      } catch (error) {
        broken.add(side)
        say(`${net.name} ${loss} ${side} does not work here: ${String(error)}`)
      }
    }
  }
  return { net, loss, turns }
}

async function takeTurn(side: Side, net: Net, loss: LossName): Promise<Turn> {
  if (side === 'compiled' || side === 'eager') {
    const program = ['--import', 'tsx', '--conditions', '@metric-learning/source', `${here}src/our-turn.ts`]
    return JSON.parse(await run(process.execPath, [...program, net.name, loss, side])) as Turn
  }
  const { batch, side: pixels, channels, steps, name } = net
  const shape = ['--batch', String(batch), '--side', String(pixels), '--channels', String(channels), '--steps', String(steps)]
  const compile = side === 'torch.compile' ? ['--compile'] : []
  const printed = await run(python, [`${here}step_peer.py`, '--net', name, '--loss', loss, ...shape, ...compile])
  return JSON.parse(printed.trim().split('\n').at(-1)!) as Turn
}

async function environment(): Promise<string> {
  const path = `${here}.venv/bin/python`
  if (!existsSync(`${here}.venv/ready`)) {
    say('Making a Python environment with PyTorch and PyTorch Metric Learning (some minutes) …')
    await run('python3', ['-m', 'venv', `${here}.venv`])
    await run(path, ['-m', 'pip', 'install', '--quiet', '-r', `${here}requirements.txt`])
    writeFileSync(`${here}.venv/ready`, '')
  }
  return path
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [output, errors] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (errors = (errors + part).slice(-2000)))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve(output)
      else reject(new Error(errors.trim().split('\n').at(-1) ?? `code ${code ?? 'none'}`))
    })
  })
}
