import { exampleDataset } from './example-dataset.js'

const dataset = exampleDataset({ classes: 20, seed: 1 }) // new Trainer({ …, dataset })
const { values, shape } = await dataset.load(Int32Array.of(0, 1))
console.log(shape, values.subarray(0, 3))
