import { ExampleSampler } from './example-sampler.js'

const sampler = new ExampleSampler({ labels: [0, 0, 0, 1, 1, 2, 2, 2], batchSize: 4 }) // new Trainer({ …, sampler })
console.log(sampler.batch({ seed: 0, epoch: 1, batch: 0 })) // rows of the first batch
