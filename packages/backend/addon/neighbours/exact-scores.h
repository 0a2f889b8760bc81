// Scores in float64, bit for bit those of exact-scores.ts in @metric-learning/evaluation: the same operations in the same order, none of
// them fused.

#pragma once

#include <cstddef>

#include "products.h"

namespace neighbours {

/** What is compared, and how: larger = nearer. */
enum class Measure { squaredEuclidean, dotProduct };

/** A query as it is compared: its values times its inverse norm. */
inline void exactQuery(const Rows &queries, size_t row, double *into) {
  const float *from = queries.values + row * queries.dim;
  const double inverse = queries.inverse ? queries.inverse[row] : 1;
  for (size_t i = 0; i < queries.dim; i++) into[i] = queries.inverse ? from[i] * inverse : from[i];
}

/** -‖q - r‖² or q · r. */
double exactScore(Measure measure, const double *query, const Rows &references, size_t row);

}  // namespace neighbours
