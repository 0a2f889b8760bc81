import { MetricLearningError } from './metric-learning-error.js'

/** Embeddings that hold NaN or infinity: most often a run that diverged. */
export class NonFiniteError extends MetricLearningError {
  readonly code = 'ML_NOT_FINITE'

  /**
   * @param who who was given the tensor: a loss, a miner
   * @param what what the tensor is called there, such as `embeddings`
   * @param when where in a run it happened; absent where that is not known
   * @param where in whose hands it came up; absent where that goes without saying
   */
  constructor(who: string, readonly what: string, readonly when?: string, where?: string) {
    super({
      who,
      wanted: `\`${what}\` of finite numbers`,
      got: `NaN or infinity${when === undefined ? '' : ` in ${when}`}`,
      ...(where !== undefined && { where }),
      fix: 'Lower the learning rate or clip gradients; if the first step fails already, look for NaN in the data.',
    })
  }

  /** The same error, saying when it happened, such as `step 3 of epoch 1`. */
  during(when: string): NonFiniteError {
    return new NonFiniteError(this.parts.who, this.what, when, this.parts.where)
  }
}
