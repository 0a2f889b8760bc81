// The k nearest references of each query: scores in float32, and of all that may be among the k nearest by these the order in float64.

#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "comparison.h"

namespace neighbours {

constexpr float NEVER = std::numeric_limits<float>::infinity();

/** Rows of a strip times groups of columns; calls hit(row, column, score) where a score reaches the threshold of the row or of the column. */
struct ScoredPiece {
  const float *strips;
  const float *groups;
  size_t rowCount;
  size_t columnCount;
  size_t dim;
  /** Of each column, -∞ beyond the last. */
  const float *biases;
  /** What a score has to reach to count for its row, ∞ beyond the last. */
  const float *thresholds;
  /** Where columns are queries of the rows as well, the bias of each row, and what score + bias has to reach for the column; else null. */
  const float *rowBiases;
  const float *columnThresholds;
};

struct Hit {
  int32_t row;
  int32_t column;
  float score;
};

template <int BYTES, int ROWS>
FORCED_INLINE void findHitsWith(const ScoredPiece &piece, std::vector<Hit> &hits) {
  using Vector = typename VectorOf<float, BYTES>::type;
  using Piece = typename VectorOf<float, pieceBytes(BYTES)>::type;
  using Mask = typename VectorOf<int32_t, pieceBytes(BYTES)>::type;
  using Words = typename VectorOf<long long, pieceBytes(BYTES)>::type;
  constexpr int COLUMNS = groupColumns<float>(BYTES), LANES = pieceBytes(BYTES) / 4, PIECES = COLUMNS / LANES;
  Mask firstBits;
  for (int lane = 0; lane < LANES; lane++) firstBits[lane] = 1 << lane;
  const bool isMutual = piece.columnThresholds != nullptr;
  for (size_t row = 0; row < piece.rowCount; row += ROWS) {
    const float *strip = piece.strips + row * piece.dim;
    const float *thresholds = piece.thresholds + row;
    for (size_t column = 0; column < piece.columnCount; column += COLUMNS) {
      Vector sums[ROWS][2];
      const Vector *biases = reinterpret_cast<const Vector *>(piece.biases + column);
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        sums[i][0] = biases[0];
        sums[i][1] = biases[1];
      }
      multiply<float, BYTES, ROWS>(strip, piece.groups + column * piece.dim, piece.dim, sums);
      Mask any{};
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
#pragma GCC unroll 4
        for (int part = 0; part < PIECES; part++) any |= pieceOf<Piece>(sums[i], part) >= thresholds[i];
      }
      if (isMutual) {
        const float *others = piece.columnThresholds + column;
#pragma GCC unroll 16
        for (int i = 0; i < ROWS; i++) {
          const float bias = piece.rowBiases[row + i];
#pragma GCC unroll 4
          for (int part = 0; part < PIECES; part++) any |= pieceOf<Piece>(sums[i], part) + bias >= pieceOf<Piece>(others, part);
        }
      }
      const Words words = (Words)any;
      long long isAny = 0;
      for (size_t i = 0; i < pieceBytes(BYTES) / 8; i++) isAny |= words[i];
      if (isAny == 0) continue;
      for (int i = 0; i < ROWS; i++) {
        // A bit of each column whose score is a hit.
        Mask bits{};
#pragma GCC unroll 4
        for (int part = 0; part < PIECES; part++) {
          const Piece scores = pieceOf<Piece>(sums[i], part);
          Mask hit = scores >= thresholds[i];
          if (isMutual) hit |= scores + piece.rowBiases[row + i] >= pieceOf<Piece>(piece.columnThresholds + column, part);
          bits |= hit & (firstBits << (part * LANES));
        }
        const Words halves = (Words)bits;
        uint64_t both = 0;
        for (size_t word = 0; word < pieceBytes(BYTES) / 8; word++) both |= static_cast<uint64_t>(halves[word]);
        const float *scores = reinterpret_cast<const float *>(&sums[i][0]);
        for (uint32_t left = static_cast<uint32_t>(both) | static_cast<uint32_t>(both >> 32); left != 0; left &= left - 1) {
          const int j = __builtin_ctz(left);
          hits.push_back({static_cast<int32_t>(row + i), static_cast<int32_t>(column + j), scores[j]});
        }
      }
    }
  }
}

#define FIND_HITS(BYTES, ROWS, TARGET) \
  TARGET inline void findHits##BYTES(const ScoredPiece &piece, std::vector<Hit> &hits) { findHitsWith<BYTES, ROWS>(piece, hits); }
EACH_UNIT(FIND_HITS)
#undef FIND_HITS

inline void findHits(const ScoredPiece &piece, std::vector<Hit> &hits) {
#define TAKE(BYTES, ROWS, TARGET) \
  if (vectorUnit().bytes == BYTES) return findHits##BYTES(piece, hits);
  EACH_UNIT(TAKE)
#undef TAKE
}

/** What is known of a reference that may be among the nearest. */
struct Candidate {
  /** NaN until it is decided. */
  double exact;
  float score;
  int32_t row;
};

/** Of two that are decided: the nearer one, of equals the lower row. */
inline bool isNearer(const Candidate &a, const Candidate &b) { return a.exact != b.exact ? a.exact > b.exact : a.row < b.row; }

/**
 * A search for the k nearest references of some queries. It is done in steps, pairs of a block of queries and a block of references, in any
 * order, on several threads. Where queries are the references, a block is compared with those after it for both at once.
 */
class NearestSearch {
 public:
  /**
   * @param first of the queries, and how many
   * @param isMutual whether queries are all references
   */
  NearestSearch(std::shared_ptr<const References> references, std::shared_ptr<const Side> queries, size_t first, size_t count, Itself itself, bool isMutual, size_t k)
      : references_(std::move(references)), queries_(std::move(queries)), first_(first), count_(count), itself_(itself), isMutual_(isMutual), k_(k) {
    const size_t size = references_->side.rows.rows;
    queryBlocks_ = (count + BLOCK - 1) / BLOCK;
    referenceBlocks_ = (size + BLOCK - 1) / BLOCK;
    candidates_.resize(count);
    thresholds_.assign(count, -std::numeric_limits<float>::max());
    locks_ = std::vector<std::mutex>(queryBlocks_);
    const size_t columns = groupColumns<float>(vectorUnit().bytes);
    pieceColumns_ = std::max(columns, std::min(BLOCK, PIECE_BYTES / (4 * dim())) / columns * columns);
    if (4 * size * dim() <= PACKED_BYTES && queryBlocks_ > 1) {
      packed_ = std::vector<Aligned<float>>(referenceBlocks_);
      packing_ = std::vector<std::once_flag>(referenceBlocks_);
    }
    if (isMutual) {
      // A block with itself first, which gives thresholds to begin with.
      for (size_t i = 0; i < queryBlocks_; i++) pairs_.push_back({i, i});
      for (size_t i = 0; i < queryBlocks_; i++) for (size_t j = i + 1; j < queryBlocks_; j++) pairs_.push_back({i, j});
    } else {
      for (size_t i = 0; i < queryBlocks_; i++) for (size_t j = 0; j < referenceBlocks_; j++) pairs_.push_back({i, j});
    }
  }

  size_t steps() const { return pairs_.size(); }

  /** How many numbers {@link finish} writes to each. */
  size_t found() const { return count_ * k_; }

  /** Whether scores of float32 can be trusted at all. */
  bool isInRange() const { return queries_->mostLength < 1e15 && references_->side.mostLength < 1e15 && references_->side.mostBias < 1e15; }

  void run(size_t from, size_t to, size_t threads) {
    std::vector<Scratch> scratch(threads);
    shareOut(to - from, threads, [&](size_t item, size_t thread) { compare(pairs_[from + item], scratch[thread]); });
  }

  /** Rows of the nearest, -1 where there are fewer, and their exact scores unless `scores` is null: then only what is in doubt is decided. */
  void finish(int32_t *rows, double *scores, size_t threads) {
    const size_t some = 64;
    shareOut((count_ + some - 1) / some, threads, [&](size_t part, size_t) {
      std::vector<double> query(dim());
      for (size_t at = part * some, end = std::min(count_, at + some); at < end; at++) {
        auto &found = candidates_[at];
        cut(at);
        const size_t kept = std::min(k_, found.size());
        if (scores) {
          decide(at, found.begin(), found.end(), query.data());
          std::partial_sort(found.begin(), found.begin() + kept, found.end(), isNearer);
        } else {
          sort(at, found, query.data());
        }
        for (size_t i = 0; i < k_; i++) {
          rows[at * k_ + i] = i < kept ? found[i].row : -1;
          if (scores) scores[at * k_ + i] = i < kept ? found[i].exact : std::numeric_limits<double>::quiet_NaN();
        }
        Candidates().swap(found);
      }
    });
  }

 private:
  static constexpr size_t BLOCK = 8 * BLOCK_ROWS;
  /** Bytes of a packed piece of references, which is to stay in the second cache. */
  static constexpr size_t PIECE_BYTES = 160 * 1024;
  /** References of so many bytes are packed once, more of them for each block of queries anew. */
  static constexpr size_t PACKED_BYTES = 64 * 1024 * 1024;

  using Candidates = std::vector<Candidate>;

  struct Pair {
    size_t queries;
    size_t references;
  };

  struct Scratch {
    Aligned<float> strips, piece, biases, columnThresholds;
    std::vector<float> thresholds, rowBiases;
    std::vector<double> query;
    std::vector<Hit> hits;
    size_t packed = static_cast<size_t>(-1);
  };

  size_t dim() const { return references_->side.rows.dim; }

  void compare(Pair pair, Scratch &own) {
    const Side &references = references_->side;
    const VectorUnit unit = vectorUnit();
    const size_t columns = groupColumns<float>(unit.bytes);
    const size_t from = pair.queries * BLOCK, rowCount = std::min(BLOCK, count_ - from);
    const size_t begin = pair.references * BLOCK, end = std::min(references.rows.rows, begin + BLOCK);
    const size_t padded = roundedUp(rowCount, unit.stripRows);
    if (own.packed != pair.queries) {
      pack(queries_->rows, first_ + from, rowCount, unit.stripRows, own.strips.room(padded * dim()));
      own.packed = pair.queries;
    }
    const bool isMutual = isMutual_ && pair.queries != pair.references;
    const float *packed = packedBlock(pair.references);
    own.rowBiases.assign(padded, -NEVER);
    for (size_t i = 0; isMutual && i < rowCount; i++) own.rowBiases[i] = static_cast<float>(references.biases[from + i]);
    for (size_t first = begin; first < end; first += pieceColumns_) {
      const size_t count = std::min(pieceColumns_, end - first), wide = roundedUp(count, columns);
      if (!packed) pack(references.rows, first, count, static_cast<int>(columns), own.piece.room(wide * dim()));
      const float *piece = packed ? packed + (first - begin) * dim() : own.piece.at();
      float *biases = own.biases.room(wide);
      for (size_t j = 0; j < wide; j++) biases[j] = j < count ? static_cast<float>(references.biases[first + j]) : -NEVER;
      for (size_t row = 0; row < rowCount; row += BLOCK_ROWS) {
        const size_t some = std::min<size_t>(BLOCK_ROWS, rowCount - row);
        const size_t stripped = roundedUp(some, unit.stripRows);
        own.thresholds.assign(stripped, NEVER);
        {
          std::lock_guard<std::mutex> lock(locks_[pair.queries]);
          std::copy_n(thresholds_.data() + from + row, some, own.thresholds.data());
        }
        float *columnThresholds = nullptr;
        if (isMutual) {
          columnThresholds = own.columnThresholds.room(wide);
          std::lock_guard<std::mutex> lock(locks_[pair.references]);
          for (size_t j = 0; j < wide; j++) columnThresholds[j] = j < count ? thresholds_[first + j] + biases[j] : NEVER;
        }
        own.hits.clear();
        findHits({own.strips.at() + row * dim(), piece, some, wide, dim(), biases, own.thresholds.data(), own.rowBiases.data() + row, columnThresholds}, own.hits);
        if (own.hits.empty()) continue;
        {
          std::lock_guard<std::mutex> lock(locks_[pair.queries]);
          for (const Hit &hit : own.hits) offer(from + row + hit.row, first + hit.column, hit.score, own.query);
        }
        if (!isMutual) continue;
        std::lock_guard<std::mutex> lock(locks_[pair.references]);
        for (const Hit &hit : own.hits) offer(first + hit.column, from + row + hit.row, hit.score + own.rowBiases[row + hit.row] - biases[hit.column], own.query);
      }
    }
  }

  /** All groups of a block of references, which whoever is first has packed; null where they are packed piece by piece. */
  const float *packedBlock(size_t block) {
    if (packed_.empty()) return nullptr;
    Aligned<float> &packed = packed_[block];
    std::call_once(packing_[block], [&] {
      const size_t columns = groupColumns<float>(vectorUnit().bytes), first = block * BLOCK, count = std::min(BLOCK, references_->side.rows.rows - first);
      pack(references_->side.rows, first, count, static_cast<int>(columns), packed.room(roundedUp(count, columns) * dim()));
    });
    return packed.at();
  }

  void offer(size_t query, size_t reference, float score, std::vector<double> &memory) {
    if (!(score >= thresholds_[query]) || static_cast<int64_t>(reference) == itself_.at(first_ + query)) return;
    auto &found = candidates_[query];
    if (found.capacity() == 0) found.reserve(k_ + std::max<size_t>(48, k_));
    found.push_back({std::numeric_limits<double>::quiet_NaN(), score, static_cast<int32_t>(reference)});
    if (found.size() < k_ + std::max<size_t>(48, k_)) return;
    cut(query);
    if (found.size() < k_ + std::max<size_t>(24, k_ / 2)) return;
    // More than can be told apart: they are decided now, so that k are enough.
    memory.resize(dim());
    decide(query, found.begin(), found.end(), memory.data());
    std::nth_element(found.begin(), found.begin() + (k_ - 1), found.end(), isNearer);
    found.resize(k_);
    // Who is as near as the furthest of them has a score that is lower by the window at most.
    float least = NEVER;
    for (const auto &one : found) least = std::min(least, one.score);
    raise(query, least);
  }

  /** Lets go of what is not among the k nearest without doubt. */
  void cut(size_t query) {
    auto &found = candidates_[query];
    if (found.size() <= k_) return;
    std::nth_element(found.begin(), found.begin() + (k_ - 1), found.end(), [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
    raise(query, found[k_ - 1].score);
    const float threshold = thresholds_[query];
    found.erase(std::remove_if(found.begin() + k_, found.end(), [&](const Candidate &one) { return one.score < threshold; }), found.end());
  }

  void raise(size_t query, float score) {
    const double lowest = score - window(query, score);
    // Rounded down.
    const float threshold = std::nextafter(static_cast<float>(lowest), -NEVER);
    thresholds_[query] = std::max(thresholds_[query], threshold);
  }

  /**
   * A reference with a score lower than that of the k-th by more than this is not among the k nearest. A sum of n products errs by at most
   * n · 2^-24 · Σ |products|, in whatever order they are added, and a sum of sums by the length of its longest way.
   *
   * @see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1.
   */
  double window(size_t query, double score) const {
    const size_t width = dim();
    const double chain = static_cast<double>(std::min<size_t>(width, CHUNK) + (width + CHUNK - 1) / CHUNK + 8);
    const double error = 1.1 * chain * 0x1p-24;
    const double length = queries_->lengths[first_ + query];
    const double floor = 0x1p-122 * static_cast<double>(width + 2);
    const double anywhere = 2 * error * (length * references_->side.mostLength + references_->side.mostBias);
    if (references_->measure == Measure::dotProduct) {
      // Scores in float64 round, too, by the lengths of rows that the centre is not taken from.
      const double centre = references_->centreLength;
      return anywhere + static_cast<double>(width + 8) * 0x1p-51 * (length + centre) * (references_->side.mostLength + centre) + floor;
    }
    // A reference at distance d is at most ‖q‖ + d long.
    const double distance = std::max(0.0, length * length - 2 * score);
    return std::min(anywhere, 1.1 * error * (5.25 * length * length + 3.25 * distance)) + floor;
  }

  void decide(size_t query, Candidates::iterator from, Candidates::iterator to, double *memory) const {
    exactQuery(queries_->rows, first_ + query, memory);
    for (auto one = from; one != to; ++one) if (std::isnan(one->exact)) one->exact = exactScore(references_->measure, memory, references_->side.rows, one->row);
  }

  /** By scores, and by exact ones where these are within a window. */
  void sort(size_t query, Candidates &found, double *memory) const {
    std::sort(found.begin(), found.end(), [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
    for (auto begin = found.begin(), end = begin; begin != found.end(); begin = end) {
      for (++end; end != found.end() && (end - 1)->score - end->score <= window(query, end->score); ) ++end;
      if (end - begin == 1) continue;
      decide(query, begin, end, memory);
      std::sort(begin, end, isNearer);
    }
  }

  std::shared_ptr<const References> references_;
  std::shared_ptr<const Side> queries_;
  size_t first_, count_;
  Itself itself_;
  bool isMutual_;
  size_t k_, queryBlocks_, referenceBlocks_, pieceColumns_;
  std::vector<Pair> pairs_;
  std::vector<Candidates> candidates_;
  std::vector<float> thresholds_;
  std::vector<std::mutex> locks_;
  /** Of each block of references, if there is room. */
  std::vector<Aligned<float>> packed_;
  std::vector<std::once_flag> packing_;
};

}  // namespace neighbours
