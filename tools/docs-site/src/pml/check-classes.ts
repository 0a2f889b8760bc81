import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { pythonWith, runForJson } from '@metric-learning/peer'
import { root } from '../root.js'
import type { PeerClasses } from './coming-from-pml.js'

const usage = `Usage: npm run check:coming-from-pml [-- --python PATH]

Lists the classes of the PyTorch Metric Learning that is installed with their arguments, and compares them with those of which
docs/coming-from-pml.md is made. Makes a Python environment with the pinned version, unless it is given one.`

const { values } = parseArgs({ options: { python: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
if (values.help) console.log(usage)
else {
  const python = await pythonWith('pytorch', { modules: ['pytorch_metric_learning'], python: values.python, say: console.log })
  const installed = await runForJson<PeerClasses>(python, [fileURLToPath(new URL('list_classes.py', import.meta.url))])
  const kept = JSON.parse(readFileSync(`${root}tools/docs-site/data/pytorch-metric-learning.json`, 'utf8')) as PeerClasses
  if (isDeepStrictEqual(installed, kept)) {
    const classes = Object.values(kept.classes).flatMap((ofModule) => Object.values(ofModule))
    console.log(`PyTorch Metric Learning ${kept.version}: ${classes.length} classes and ${classes.flat().length} arguments, all of them in docs/coming-from-pml.md`)
  } else {
    console.error(`PyTorch Metric Learning ${installed.version} has other classes or arguments than data/pytorch-metric-learning.json of version ${kept.version}.`)
    process.exitCode = 1
  }
}
