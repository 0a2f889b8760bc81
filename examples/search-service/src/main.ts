// `npm run search-service`: image search over HTTP, with a page.
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { isMetricLearningError, OptionError } from '@metric-learning/contracts'
import { Command, InvalidArgumentError } from 'commander'
import { drawingOf } from './drawing.js'
import { drawingGallery } from './gallery.js'
import { openSearch } from './saved-search.js'
import { searchService } from './search-service.js'
import { trainModel } from './train-model.js'

interface Options {
  readonly model: string
  readonly host: string
  readonly port: number
  readonly epochs: number
  readonly drawingsPerClass: number
}

const say = (line: string) => process.stderr.write(`${line}\n`)
const { model: folder, host, port, epochs, drawingsPerClass } = new Command('npm run search-service --')
  .description('Image search over HTTP, with a page: a trained network and an index of drawings (Quick, Draw! by Google, CC BY 4.0).')
  .option('--model <folder>', 'where the model and its index are; trained first where there is none', 'runs/search-service')
  .option('--host <address>', 'where to listen; 0.0.0.0 for all of the network', '127.0.0.1')
  .option('--port <number>', '0 for any that is free', integer(0, 65535), 3000)
  .option('--epochs <count>', 'epochs, where there is no model yet', integer(1), 5)
  .option('--drawings-per-class <count>', 'pictures of each of 345 classes that are searched, where there is no model yet', integer(1, 99), 30)
  .helpOption('-h, --help', 'show this')
  .allowExcessArguments(false)
  .parse()
  .opts<Options>()

try {
  await serve()
} catch (error) {
  if (!isMetricLearningError(error)) throw error
  say(`search-service: ${error.message}`)
  process.exitCode = 1
}

async function serve(): Promise<void> {
  await useBackend('auto', { log: say })
  if (!existsSync(join(folder, 'inference-model.json'))) {
    say(`There is no model in ${folder} yet: training a small one, epochs: ${epochs}, on Quick, Draw! …`)
    await trainModel({ folder, gallery: await drawingGallery(drawingsPerClass), drawingsPerClass, epochs })
    say(`Saved in ${folder}.`)
  }
  const { model, gallery } = await openSearch(folder)
  const app = await searchService({ model, gallery, decode: drawingOf, say })
  await app.listen({ host, port }).catch((cause: Error) => {
    throw new OptionError({ who: 'listening', wanted: `\`--host\` and \`--port\` of an address that is free`, got: cause.message, fix: 'Take another one; `--port 0` is any that is free.' })
  })
  const { port: taken } = app.server.address() as AddressInfo
  say(`Searching ${model.size.toLocaleString('en')} pictures at http://${host.includes(':') ? `[${host}]` : host}:${taken} (Ctrl-C ends it)`)
  const stop = (signal: string): void => {
    say(`${signal}: answering what was asked, then ending`)
    void app.close().then(() => {
      model.dispose()
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop)
}

function integer(min: number, max = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`wanted an integer of at least ${min}${max === Infinity ? '' : ` and at most ${max}`}.`)
  }
}
