import { describeDistance } from '@metric-learning/plugin-testkit'
import { CosineSimilarity } from './cosine-similarity.js'
import { DotProductSimilarity } from './dot-product-similarity.js'
import { LpDistance } from './lp-distance.js'
import { SNRDistance } from './snr-distance.js'

const infinitelyFar = 'a signal without variance is infinitely far from all others'

describeDistance('LpDistance', { create: () => new LpDistance() })
describeDistance('LpDistance, raw and squared', { create: () => new LpDistance({ normalizeEmbeddings: false, power: 2 }) })
describeDistance('LpDistance, p = 1', { create: () => new LpDistance({ p: 1 }) })
describeDistance('LpDistance, p = 3', { create: () => new LpDistance({ p: 3 }) })
describeDistance('LpDistance, maximum norm', { create: () => new LpDistance({ p: Infinity }) })
describeDistance('CosineSimilarity', { create: () => new CosineSimilarity() })
describeDistance('DotProductSimilarity, raw', { create: () => new DotProductSimilarity({ normalizeEmbeddings: false }) })
describeDistance('SNRDistance', { create: () => new SNRDistance(), skip: { zeroVectors: infinitelyFar } })
