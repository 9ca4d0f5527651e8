// A model that runs its attention on some of the tokens: in every layer those whose row is unlike all earlier
// ones stand for the rest (selection/math.md). Attention computes on them alone, at their own positions;
// every other token takes what its representative gets. What is chosen, and what choosing cost, is counted.
//
//   TokenSelection selection(model.description(), {0.9});
//   model.hidden(input, selection.context());        // or ask(), with AskOptions::context
//   selection.layers()[3].representatives
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "yore/model/reading.h"
#include "yore/selection/chooser.h"

namespace yore::model {

struct SelectionSetting {
  double tau = 0.9;     ///< least cosine of rows that are alike; at least -1
  bool cascade = true;  ///< a layer validates the layer before's representatives; else each scans anew
  int from = 0;         ///< first layer that selects; those before run on every token
  /// Whether a cascade is held against a scan of the same rows, which nothing is computed from.
  bool against_scan = false;
};

/// One layer, summed over sequences.
struct LayerSelection {
  std::int64_t sequences = 0, tokens = 0, representatives = 0;
  std::int64_t removed = 0, added = 0;  ///< against the layer before
  selection::Pairs pairs;               ///< cosines that were asked for
  std::int64_t all_pairs = 0;           ///< of every token with every earlier one: the whole Gram matrix
  std::int64_t scan_pairs = 0;          ///< those of a scan, where there was one
  /// Sums over the sequences of |A and B| / |A or B|, A being the representatives: B those of the layer
  /// before, and of a scan of the same rows.
  double jaccard_before = 0, jaccard_scan = 0;
  /// Of the rows that came last: which token of their sequence stands for each.
  std::vector<std::int64_t> proxy;

  double share() const { return static_cast<double>(representatives) / static_cast<double>(tokens); }
  /// Of the Gram matrix.
  double saving() const { return all_pairs == 0 ? 0 : 1 - ratio(pairs.all(), all_pairs); }
  /// Of what a scan would have asked for; only where there was one.
  double saving_of_scan() const { return scan_pairs == 0 ? 0 : 1 - ratio(pairs.all(), scan_pairs); }

 private:
  static double ratio(std::int64_t a, std::int64_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
  }
};

/// Not for several threads at once. Copying is not possible: contexts refer to it.
class TokenSelection {
 public:
  /// Throws InputError("--select") for a tau below -1, a first layer that the model lacks, or a mixer that is
  /// not attention from there on, naming it.
  TokenSelection(const arch::Model& model, const SelectionSetting& setting);
  /// A control: in every layer of every sequence as many representatives as `like` had, which has been
  /// through the same sequences in the same order; the first token and others at random.
  TokenSelection(const TokenSelection& like, std::uint64_t seed);
  TokenSelection(const TokenSelection&) = delete;
  TokenSelection& operator=(const TokenSelection&) = delete;

  /// For forward passes, and for a Reading that start_reading() of this class made. Refers to this object.
  Context context();
  /// Nothing read yet: what is read is selected from too, token by token as in a forward pass of the whole.
  /// Representatives alone have keys and values in the state, which cannot be saved or rolled back. At most
  /// `tokens` will be read. Throws InputError("--select") where attention over a state would count rows
  /// instead of positions: for ALiBi, and for windows that are shorter than `tokens`.
  Reading start_reading(const Model& model, std::int64_t tokens);

  /// One a layer of the model; nothing is counted before the first that selects.
  const std::vector<LayerSelection>& layers() const { return layers_; }
  /// What choosing took, and what holding it against a scan took (which is no part of it).
  double choosing_seconds() const { return choosing_seconds_; }
  double measuring_seconds() const { return measuring_seconds_; }

 private:
  at::Tensor mix(const MixCall& call);
  static at::Tensor mix_all(const MixCall& call);
  selection::Choice choose(selection::Chooser& chooser, const float* x, std::int64_t count, std::size_t layer,
                           std::size_t sequence);
  void note(const selection::Choice& choice, std::int64_t first, const float* x, std::int64_t count,
            std::size_t layer, std::size_t sequence);

  SelectionSetting setting_;
  std::int64_t width_ = 0;
  std::vector<LayerSelection> layers_;
  /// Of the pass that is under way: which tokens of each sequence the layer before chose.
  std::vector<std::vector<char>> below_;
  std::vector<std::vector<std::int64_t>> counts_;  ///< [layer][sequence, as they came] representatives
  std::optional<std::uint64_t> control_seed_;      ///< draws as many as counts_ says
  std::vector<std::size_t> drawn_;                 ///< [layer] sequences of counts_ that have been drawn
  double choosing_seconds_ = 0, measuring_seconds_ = 0;
};

}  // namespace yore::model
