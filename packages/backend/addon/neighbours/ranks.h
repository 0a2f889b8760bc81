// Where the matches of queries stand among all references: products in float64, so that next to nothing is in doubt, and scores kept in
// float32, of which only those that may be among the k nearest are sorted.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "comparison.h"

namespace neighbours {

constexpr float FURTHEST = std::numeric_limits<float>::infinity();

/** Rows of a strip times groups of columns, in float64; a key is float32: ascending, the nearest first. */
struct KeyedPiece {
  const double *strips;
  const double *groups;
  size_t rowCount;
  size_t columnCount;
  size_t dim;
  const double *biases;
  /** Of each row: a key is shift - scale · (product + bias). */
  const double *shifts;
  const double *scales;
  /** Where the keys of a row go, and how far apart rows are. Whole groups are written. */
  float *keys;
  size_t stride;
};

template <int BYTES, int ROWS>
FORCED_INLINE void findKeysWith(const KeyedPiece &piece) {
  using Vector = typename VectorOf<double, BYTES>::type;
  using Key = typename VectorOf<float, BYTES / 2>::type;
  constexpr int COLUMNS = groupColumns<double>(BYTES);
  for (size_t row = 0; row < piece.rowCount; row += ROWS) {
    for (size_t column = 0; column < piece.columnCount; column += COLUMNS) {
      Vector sums[ROWS][2];
      const Vector *biases = reinterpret_cast<const Vector *>(piece.biases + column);
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        sums[i][0] = biases[0];
        sums[i][1] = biases[1];
      }
      multiply<double, BYTES, ROWS>(piece.strips + row * piece.dim, piece.groups + column * piece.dim, piece.dim, sums);
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        const double shift = piece.shifts[row + i], scale = piece.scales[row + i];
        float *to = piece.keys + (row + i) * piece.stride + column;
        const Key first = __builtin_convertvector(shift - scale * sums[i][0], Key);
        const Key second = __builtin_convertvector(shift - scale * sums[i][1], Key);
        std::memcpy(to, &first, sizeof first);
        std::memcpy(to + COLUMNS / 2, &second, sizeof second);
      }
    }
  }
}

#define FIND_KEYS(BYTES, ROWS, TARGET) \
  TARGET inline void findKeys##BYTES(const KeyedPiece &piece) { findKeysWith<BYTES, ROWS>(piece); }
EACH_UNIT(FIND_KEYS)
#undef FIND_KEYS

inline void findKeys(const KeyedPiece &piece) {
#define TAKE(BYTES, ROWS, TARGET) \
  if (vectorUnit().bytes == BYTES) return findKeys##BYTES(piece);
  EACH_UNIT(TAKE)
#undef TAKE
}

/** What is asked for: of each query the classes that match it. */
struct Matching {
  /** Classes that match query i are matching[offsets[i]] to matching[offsets[i + 1]]. */
  const int32_t *offsets;
  const int32_t *matching;
};

/** Ranks of the matches among the k nearest references, in memory that is used again from one tile of queries to the next. */
class RankSearch {
 public:
  RankSearch(std::shared_ptr<const References> references, const int32_t *classOf, size_t classes, size_t k, size_t blockRows)
      : references_(std::move(references)), classOf_(classOf), classes_(classes), k_(k), blockRows_(blockRows) {}

  bool isOf(const References &references) const { return references_.get() == &references; }

  /**
   * @param first of the queries, and how many
   * @param matching by query from the first
   * @returns ranks from 1, ascending, of each query
   */
  std::vector<std::vector<int32_t>> run(const Side &queries, size_t first, size_t count, Itself itself, const Matching &matching, size_t threads) {
    std::vector<std::vector<int32_t>> ranks(count);
    const size_t some = std::min(blockRows_, (count + threads - 1) / threads);
    if (scratch_.size() < threads) scratch_.resize(threads);
    shareOut((count + some - 1) / some, threads, [&](size_t block, size_t thread) {
      Scratch &own = scratch_[thread];
      const size_t from = block * some, rowCount = std::min(some, count - from);
      score(queries, first + from, rowCount, own);
      own.isMatch.assign(classes_, 0);
      for (size_t row = 0; row < rowCount; row++) {
        const size_t query = from + row;
        const int32_t *begin = matching.matching + matching.offsets[query], *end = matching.matching + matching.offsets[query + 1];
        for (const int32_t *one = begin; one < end; one++) if (static_cast<size_t>(*one) < classes_) own.isMatch[*one] = 1;
        rank(queries, first + query, itself.at(first + query), own.keys.data() + row * own.stride, own, ranks[query]);
        for (const int32_t *one = begin; one < end; one++) if (static_cast<size_t>(*one) < classes_) own.isMatch[*one] = 0;
      }
    });
    return ranks;
  }

 private:
  static constexpr size_t PIECE_BYTES = 192 * 1024;
  /** Of so many keys one is looked at to guess: a prime, which is in step with no order of classes. */
  static constexpr size_t STRIDE = 37;
  static constexpr size_t FULL = 64;

  /** A reference by its key: keys that ascend as integers in the upper half, in the lower one the row and, last, whether it matches. */
  using Entry = uint64_t;

  struct Scratch {
    Aligned<double> strips, piece, biases;
    std::vector<double> query, shifts, scales;
    std::vector<float> keys, sample;
    size_t stride = 0;
    std::vector<Entry> entries, sorted;
    std::vector<uint32_t> rows, places, starts;
    std::vector<uint8_t> isMatch;
    std::vector<std::pair<double, uint32_t>> run;
  };

  /** Fills `keys` of the thread: [rowCount][stride]. */
  void score(const Side &queries, size_t first, size_t rowCount, Scratch &own) const {
    const Side &references = references_->side;
    const VectorUnit unit = vectorUnit();
    const size_t dim = references.rows.dim, size = references.rows.rows, columns = groupColumns<double>(unit.bytes);
    const size_t padded = roundedUp(rowCount, unit.stripRows);
    own.stride = roundedUp(size, columns) + 16;
    own.keys.resize(std::max(own.keys.size(), padded * own.stride));
    pack(queries.rows, first, rowCount, unit.stripRows, own.strips.room(padded * dim));
    own.shifts.assign(padded, 0);
    own.scales.assign(padded, 0);
    for (size_t i = 0; i < rowCount; i++) {
      const double length = queries.lengths[first + i];
      const double by = 1 / std::max(1.0, length + references.mostBias);
      const bool isSquared = references_->measure == Measure::squaredEuclidean;
      own.scales[i] = isSquared ? 2 * by : by;
      // Squared distances, which are precise where they are small; of a query far off all are large, and only differences count.
      own.shifts[i] = isSquared && length <= 2 ? by * length * length : 0;
    }
    const size_t pieceColumns = std::max(columns, std::min<size_t>(512, PIECE_BYTES / (8 * dim)) / columns * columns);
    for (size_t at = 0; at < size; at += pieceColumns) {
      const size_t count = std::min(pieceColumns, size - at), wide = roundedUp(count, columns);
      pack(references.rows, at, count, static_cast<int>(columns), own.piece.room(wide * dim));
      double *biases = own.biases.room(wide);
      for (size_t j = 0; j < wide; j++) biases[j] = j < count ? references.biases[at + j] : 0;
      findKeys({own.strips.at(), own.piece.at(), padded, wide, dim, biases, own.shifts.data(), own.scales.data(), own.keys.data() + at, own.stride});
    }
  }

  void rank(const Side &queries, size_t query, int64_t itself, float *keys, Scratch &own, std::vector<int32_t> &ranks) const {
    const size_t size = references_->side.rows.rows;
    if (itself >= 0) keys[itself] = FURTHEST;
    const double base = windowBase(queries, query);
    const size_t wanted = std::min(k_, size);
    const float most = guess(keys, own);
    size_t count = pick(keys, most, own);
    sort(count, own);
    const bool isEnough = count >= wanted && keyOf(own.entries[wanted - 1]) + window(base, keyOf(own.entries[wanted - 1])) < most;
    if (!isEnough && most < FURTHEST) {
      count = pick(keys, std::numeric_limits<float>::max(), own);
      sort(count, own);
    }
    decide(queries, query, base, count, own);
    ranks.clear();
    for (size_t i = 0, depth = std::min(k_, count); i < depth; i++) if (isMatch(own.entries[i])) ranks.push_back(static_cast<int32_t>(i + 1));
  }

  /** As a rule, k keys and a few more are no larger. */
  float guess(const float *keys, Scratch &own) const {
    const size_t size = references_->side.rows.rows, count = size / STRIDE;
    const double share = static_cast<double>(k_) / STRIDE;
    // Three standard deviations of how many of a sample are below the key of the k-th.
    const size_t place = static_cast<size_t>(std::ceil(share + 3 * std::sqrt(share) + 2));
    if (place >= count) return std::numeric_limits<float>::max();
    own.sample.resize(count);
    for (size_t i = 0; i < count; i++) own.sample[i] = keys[i * STRIDE];
    std::nth_element(own.sample.begin(), own.sample.begin() + place, own.sample.end());
    return std::min(own.sample[place], std::numeric_limits<float>::max());
  }

  size_t pick(const float *keys, float most, Scratch &own) const {
    const size_t size = references_->side.rows.rows;
    own.rows.resize(std::max(own.rows.size(), size + 1));
    uint32_t *rows = own.rows.data();
    size_t count = 0;
    // Without branches, for nobody could foresee which way one would go.
    for (size_t row = 0; row < size; row++) {
      rows[count] = static_cast<uint32_t>(row);
      count += keys[row] <= most;
    }
    own.entries.resize(std::max(own.entries.size(), count));
    for (size_t i = 0; i < count; i++) own.entries[i] = entryOf(keys[rows[i]], rows[i], own.isMatch[classOf_[rows[i]]]);
    return count;
  }

  static Entry entryOf(float key, uint32_t row, uint8_t isMatch) {
    uint32_t bits;
    std::memcpy(&bits, &key, sizeof bits);
    bits = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return static_cast<Entry>(bits) << 32 | row << 1 | isMatch;
  }

  static float keyOf(Entry entry) {
    uint32_t bits = static_cast<uint32_t>(entry >> 32);
    bits = bits & 0x80000000u ? bits & 0x7fffffffu : ~bits;
    float key;
    std::memcpy(&key, &bits, sizeof key);
    return key;
  }

  static size_t rowOf(Entry entry) { return static_cast<uint32_t>(entry) >> 1; }
  static bool isMatch(Entry entry) { return entry & 1; }

  /** Into buckets of equal width, which leaves little to sort. */
  static void sort(size_t count, Scratch &own) {
    Entry *entries = own.entries.data();
    if (count < 256) return std::sort(entries, entries + count);
    float least = FURTHEST, most = -FURTHEST;
    for (size_t i = 0; i < count; i++) {
      const float key = keyOf(entries[i]);
      least = std::min(least, key);
      most = std::max(most, key);
    }
    size_t buckets = 1024;
    while (buckets < count && buckets < (size_t{1} << 20)) buckets *= 2;
    const float scale = static_cast<float>(buckets - 1) / (most - least);
    if (!(scale < std::numeric_limits<float>::max())) return std::sort(entries, entries + count);
    own.places.resize(std::max(own.places.size(), count));
    own.sorted.resize(std::max(own.sorted.size(), count));
    own.starts.assign(buckets + 1, 0);
    uint32_t fullest = 0;
    for (size_t i = 0; i < count; i++) {
      const uint32_t bucket = std::min<uint32_t>(buckets - 1, static_cast<uint32_t>((keyOf(entries[i]) - least) * scale));
      own.places[i] = bucket;
      fullest = std::max(fullest, ++own.starts[bucket + 1]);
    }
    if (fullest > FULL) return std::sort(entries, entries + count);
    for (size_t bucket = 0; bucket < buckets; bucket++) own.starts[bucket + 1] += own.starts[bucket];
    for (size_t i = 0; i < count; i++) own.sorted[own.starts[own.places[i]]++] = entries[i];
    Entry *sorted = own.sorted.data();
    for (size_t i = 1; i < count; i++) {
      const Entry one = sorted[i];
      size_t at = i;
      for (; at > 0 && sorted[at - 1] > one; at--) sorted[at] = sorted[at - 1];
      sorted[at] = one;
    }
    std::memcpy(entries, sorted, count * sizeof(Entry));
  }

  /** Puts in order by exact scores what may stand otherwise, as far as matches and others are among it, up to the k-th. */
  void decide(const Side &queries, size_t query, double base, size_t count, Scratch &own) const {
    Entry *entries = own.entries.data();
    bool isReady = false;
    float above = 0;
    const auto isNear = [&](size_t at) {
      const float key = keyOf(entries[at]);
      const bool isWithin = key - above <= window(base, key);
      above = key;
      return isWithin;
    };
    for (size_t begin = 0, end = 1; begin < std::min(count, k_); begin = end++) {
      size_t matches = isMatch(entries[begin]);
      above = keyOf(entries[begin]);
      for (; end < count && isNear(end); end++) matches += isMatch(entries[end]);
      if (matches == 0 || matches == end - begin) continue;
      if (!isReady) {
        own.query.resize(references_->side.rows.dim);
        exactQuery(queries.rows, query, own.query.data());
        isReady = true;
      }
      own.run.clear();
      for (size_t at = begin; at < end; at++) {
        const size_t row = rowOf(entries[at]);
        own.run.emplace_back(-exactScore(references_->measure, own.query.data(), references_->side.rows, row), static_cast<uint32_t>(entries[at]));
      }
      std::sort(own.run.begin(), own.run.end());
      for (size_t at = begin; at < end; at++) entries[at] = own.run[at - begin].second;
    }
  }

  /** What keys may lose besides being rounded to float32: the products of float64, and the exact scores that they are to be told by. */
  double windowBase(const Side &queries, size_t query) const {
    const double length = queries.lengths[query], by = 1 / std::max(1.0, length + references_->side.mostBias);
    const double most = references_->side.mostLength;
    const double centre = references_->measure == Measure::dotProduct ? references_->centreLength : 0;
    return static_cast<double>(references_->side.rows.dim + 16) * 0x1p-50 * by * (length + most + centre) * (length + most + centre) + 0x1p-140;
  }

  /** Of two references whose keys are further apart than this, the one with the lower key is nearer without doubt. */
  static double window(double base, double key) { return base + 0x1.01p-23 * std::abs(key); }

  std::shared_ptr<const References> references_;
  const int32_t *classOf_;
  size_t classes_;
  size_t k_;
  /** Queries that a thread scores at once. */
  size_t blockRows_;
  std::vector<Scratch> scratch_;
};

}  // namespace neighbours
