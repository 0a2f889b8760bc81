// The kernels, compiled for processors with AVX2 and for all others.

#include "kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "worker-pool.h"

namespace metric_learning {

// Vectors as compilers have them; where a processor's registers are shorter, several stand for one.
typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Integers __attribute__((vector_size(32)));
typedef double Doubles __attribute__((vector_size(32)));
typedef float FourFloats __attribute__((vector_size(16)));
typedef int32_t FourIntegers __attribute__((vector_size(16)));
typedef int16_t FourShorts __attribute__((vector_size(8)));

/** Integers of 16 bits, of any value at first, that begin where a vector may. */
class AlignedIntegers {
public:
  explicit AlignedIntegers(int64_t count) : memory(new int16_t[count + 32]) {}
  int16_t *data() const { return reinterpret_cast<int16_t *>((reinterpret_cast<uintptr_t>(memory.get()) + 63) & ~uintptr_t(63)); }

private:
  std::unique_ptr<int16_t[]> memory;
};

namespace any_processor {
#define METRIC_LEARNING_AVX2 0
#include "panels.h"
#include "rows.h"

#include "distances-at.h"
#include "hardest-pairs.h"
#include "pair-hinges.h"
#undef METRIC_LEARNING_AVX2
} // namespace any_processor

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace with_avx2 {
#define METRIC_LEARNING_AVX2 1
#include "panels.h"
#include "rows.h"

#include "distances-at.h"
#include "hardest-pairs.h"
#include "pair-hinges.h"
#undef METRIC_LEARNING_AVX2
} // namespace with_avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

namespace {

bool useAvx2([[maybe_unused]] bool plainly) {
#if defined(__x86_64__)
  return !plainly && __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

} // namespace

#if !defined(__x86_64__)
namespace with_avx2 = any_processor;
#endif

void findHardestPairs(const PairsOf &pairs, const HardestOf &hardest, bool plainly) {
  if (useAvx2(plainly)) with_avx2::HardestPairs(pairs, hardest).find();
  else any_processor::HardestPairs(pairs, hardest).find();
}

void findPairHinges(const PairsOf &pairs, const HingeMargins &margins, bool ofReferences, bool isOneSet, const HingesOf &into, bool plainly) {
  if (useAvx2(plainly)) with_avx2::PairHinges(pairs, margins, ofReferences).find(into, isOneSet);
  else any_processor::PairHinges(pairs, margins, ofReferences).find(into, isOneSet);
}

void findDistancesAt(const PairsAt &pairs, float *distances, bool plainly) {
  if (useAvx2(plainly)) with_avx2::DistancesAt(pairs).find(distances);
  else any_processor::DistancesAt(pairs).find(distances);
}

void findDistancesAtGradient(const PairsAt &pairs, const float *along, bool ofReferences, bool isOneSet, float *into, bool plainly) {
  if (useAvx2(plainly)) with_avx2::DistancesAt(pairs).gradient(along, ofReferences, isOneSet, into);
  else any_processor::DistancesAt(pairs).gradient(along, ofReferences, isOneSet, into);
}

} // namespace metric_learning
