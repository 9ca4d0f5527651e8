// What a forward pass may be asked beside its input: factors on heads, and looking at, or replacing, what
// flows from part to part.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "yore/mixers/mixer.h"

namespace yore::model {

/// A place between two parts of the model, where a tensor of rows [rows, width] passes.
enum class Point {
  Embedded,       ///< the embedded tokens with their positions, before block 0
  MixerIn,        ///< what the mixer is given: the stream, after a norm that stands before it
  MixerOut,       ///< what the mixer gives, before it is added
  AfterMixer,     ///< the residual stream after the mixer (after a post-norm)
  FeedForwardIn,  ///< what the feed-forward net is given, as MixerIn
  FeedForward,    ///< what the feed-forward net gives, before it is added
  AfterBlock,     ///< the residual stream after the block's feed-forward net (after a post-norm)
  Final,          ///< after the final norm: what the read-out reads
};

/// A block's mixer about to be run.
struct MixCall {
  int block;
  const mixers::Mixer& mixer;
  mixers::State* state;  ///< what the block remembers, where a model goes on from a state; else null
  const at::Tensor& x;   ///< [N, width]: what enters it
  const mixers::PackedRows& rows;
  const mixers::MixContext& context;
};

struct Context {
  /// One a block: [heads] factors on what each head hands on, differentiable; undefined or missing = all 1.
  std::vector<at::Tensor> head_gates;
  /// Called at every point with its block (-1 for Embedded and Final); what it returns goes on in place of
  /// the rows it was given.
  std::function<at::Tensor(Point point, int block, const at::Tensor& rows)> probe;
  /// Told what each block's attention computes with (mixers::MixContext::observe), in passes over whole
  /// sequences.
  std::function<void(int block, const mixers::HeadsSeen& seen)> observe;
  /// Called in place of every block's mixer; what it returns, [N, width], is what the mixer gives.
  std::function<at::Tensor(const MixCall& call)> mix = {};
};

}  // namespace yore::model
