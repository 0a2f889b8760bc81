// Before a package is packed: what it ships is built, and is of the sources that are there.
import { spawnSync } from 'node:child_process'
import { root } from './installed-packages.mjs'
import { vendorTfjsNode } from './vendor-tfjs-node.mjs'

vendorTfjsNode()
const { status } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '--build', 'tsconfig.lib.json'], { stdio: 'inherit' })
process.exitCode = status ?? 1
