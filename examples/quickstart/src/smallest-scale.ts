/**
 * The smallest scale of a cosine softmax at which an embedding on the vector of its class has at least this probability,
 * with the vectors of the classes as far apart as they can be:
 * (C - 1) / C · ln((C - 1) P / (1 - P)), for C classes and the probability P.
 *
 * @param numClasses at least 2
 * @param probability in (0, 1), above 1 / C
 * @see Wang et al.: CosFace (2018), arXiv:1801.09414, the lower bound of s
 */
export function smallestScale(numClasses: number, probability: number): number {
  const others = numClasses - 1
  return (others / numClasses) * Math.log((others * probability) / (1 - probability))
}
