#pragma GCC optimize("fp-contract=off")

#include "exact-scores.h"

namespace neighbours {

namespace {

typedef double Four __attribute__((vector_size(32)));

// Four sums side by side: element i goes to sum i mod 4, what is left at the end to the first.

FORCED_INLINE double squared(const double *query, const float *values, size_t dim, double inverse) {
  Four sums = {};
  size_t i = 0;
  for (; i + 3 < dim; i += 4) {
    const Four q = {query[i], query[i + 1], query[i + 2], query[i + 3]};
    const Four r = {values[i], values[i + 1], values[i + 2], values[i + 3]};
    const Four difference = q - r * inverse;
    const Four square = difference * difference;
    sums = sums + square;
  }
  double first = sums[0];
  for (; i < dim; i++) {
    const double scaled = values[i] * inverse;
    const double difference = query[i] - scaled;
    const double square = difference * difference;
    first = first + square;
  }
  return first + sums[1] + (sums[2] + sums[3]);
}

FORCED_INLINE double product(const double *query, const float *values, size_t dim, double inverse) {
  Four sums = {};
  size_t i = 0;
  for (; i + 3 < dim; i += 4) {
    const Four q = {query[i], query[i + 1], query[i + 2], query[i + 3]};
    const Four r = {values[i], values[i + 1], values[i + 2], values[i + 3]};
    const Four part = q * r;
    sums = sums + part;
  }
  double first = sums[0];
  for (; i < dim; i++) {
    const double part = query[i] * values[i];
    first = first + part;
  }
  return (first + sums[1] + (sums[2] + sums[3])) * inverse;
}

FORCED_INLINE double score(Measure measure, const double *query, const float *values, size_t dim, double inverse) {
  return measure == Measure::squaredEuclidean ? -squared(query, values, dim, inverse) : product(query, values, dim, inverse);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) double wideScore(Measure measure, const double *query, const float *values, size_t dim, double inverse) {
  return score(measure, query, values, dim, inverse);
}
#endif

double narrowScore(Measure measure, const double *query, const float *values, size_t dim, double inverse) {
  return score(measure, query, values, dim, inverse);
}

}  // namespace

double exactScore(Measure measure, const double *query, const Rows &references, size_t row) {
  const float *values = references.values + row * references.dim;
  const double inverse = references.inverse ? references.inverse[row] : 1;
#if defined(__x86_64__)
  static const bool isWide = __builtin_cpu_supports("avx2");
  if (isWide) return wideScore(measure, query, values, references.dim, inverse);
#endif
  return narrowScore(measure, query, values, references.dim, inverse);
}

}  // namespace neighbours
