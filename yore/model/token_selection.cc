#include "yore/model/token_selection.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/base/random.h"

namespace yore::model {
namespace {

using base::InputError;

constexpr const char* kSelect = "--select";

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// What a layer remembers of one sequence.
class SelectedLayer final : public mixers::State {
 public:
  SelectedLayer(std::int64_t width, double tau) : chooser(width, tau) {}
  SelectedLayer(const SelectedLayer& other)
      : mixers::State(),
        chooser(other.chooser),
        taken(other.taken),
        inner(other.inner ? other.inner->clone() : nullptr),
        representatives(other.representatives),
        outputs(other.outputs.defined() ? other.outputs.clone() : at::Tensor()) {}

  std::unique_ptr<mixers::State> clone() const override { return std::make_unique<SelectedLayer>(*this); }
  std::int64_t batch() const override { return 1; }
  std::int64_t length(std::int64_t) const override { return taken; }
  std::size_t bytes() const override {
    return (inner ? inner->bytes() : 0) + chooser.bytes() + (outputs.defined() ? outputs.nbytes() : 0) +
           representatives.size() * sizeof(std::int64_t);
  }
  void check_roll_back(std::int64_t, std::int64_t tokens) const override {
    if (tokens != 0) throw std::invalid_argument("token selection: what was chosen cannot be taken back");
  }
  void roll_back(std::int64_t b, std::int64_t tokens) override { check_roll_back(b, tokens); }
  std::vector<std::byte> save() const override { refuse(); }
  void restore(std::span<const std::byte>) override { refuse(); }

  /// Keeps what the next representatives get, rows [count, width].
  void keep(const at::Tensor& rows) {
    const std::int64_t have = std::ssize(representatives) - rows.size(0), need = std::ssize(representatives);
    if (!outputs.defined() || outputs.size(0) < need) {
      const at::Tensor more = at::empty({std::max(need, 2 * have), rows.size(1)}, rows.options());
      if (have > 0) more.narrow(0, 0, have).copy_(outputs.narrow(0, 0, have));
      outputs = more;
    }
    outputs.narrow(0, have, rows.size(0)).copy_(rows);
  }

  selection::Chooser chooser;
  std::int64_t taken = 0;                     ///< tokens
  std::unique_ptr<mixers::State> inner;       ///< keys and values of the representatives
  std::vector<std::int64_t> representatives;  ///< numbers of their tokens
  at::Tensor outputs;                         ///< [at least so many, width] what attention gave them

 private:
  [[noreturn]] static void refuse() {
    throw std::invalid_argument("token selection: the state has no form to be saved in");
  }
};

SelectedLayer& memory_of(mixers::State& state) {
  if (auto* memory = dynamic_cast<SelectedLayer*>(&state)) return *memory;
  throw std::invalid_argument("token selection: the state is not one of TokenSelection::start_reading");
}

/// |A and B| / |A or B|; 1 of two empty sets.
double jaccard(const std::vector<char>& a, const std::vector<char>& b) {
  std::int64_t both = 0, any = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] != 0 && b[i] != 0 ? 1 : 0;
    any += a[i] != 0 || b[i] != 0 ? 1 : 0;
  }
  return any == 0 ? 1 : static_cast<double>(both) / static_cast<double>(any);
}

/// Which of the tokens from `first` on stand for themselves.
std::vector<char> representatives_of(const selection::Choice& choice, std::int64_t first) {
  std::vector<char> marks;
  for (std::size_t i = 0; i < choice.proxy.size(); ++i)
    marks.push_back(choice.proxy[i] == first + static_cast<std::int64_t>(i) ? 1 : 0);
  return marks;
}

/// `count` of `tokens`, the first among them.
std::vector<char> drawn_at_random(std::int64_t tokens, std::int64_t count, base::Random random) {
  std::vector<char> marks(static_cast<std::size_t>(tokens), 0);
  marks[0] = 1;
  std::int64_t wanted = count - 1;
  for (std::int64_t t = 1; t < tokens; ++t)  // each with the chance that leaves `count` in all
    if (static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(tokens - t))) < wanted) {
      marks[static_cast<std::size_t>(t)] = 1;
      --wanted;
    }
  return marks;
}

/// The rows of the representatives, and which of their outputs each token takes.
struct Chosen {
  mixers::PackedRows rows;
  std::vector<std::int64_t> from;   ///< row among those that entered
  std::vector<std::int64_t> place;  ///< place in its sequence
  std::vector<std::int64_t> last, last_position;
};

}  // namespace

TokenSelection::TokenSelection(const arch::Model& model, const SelectionSetting& setting)
    : setting_(setting),
      width_(model.embedding.width),
      layers_(model.blocks.size()),
      counts_(layers_.size()) {
  if (!(setting.tau >= -1) || std::isinf(setting.tau))
    throw InputError(kSelect, fmt::format("tau: expected a number of at least -1, found {}", setting.tau));
  const auto layers = std::ssize(model.blocks);
  if (setting.from < 0 || setting.from >= layers)
    throw InputError(kSelect, fmt::format("from: expected a layer of the model, 0 to {}, found {}",
                                          layers - 1, setting.from));
  for (auto l = static_cast<std::size_t>(setting.from); l < model.blocks.size(); ++l) {
    if (model.blocks[l].mixer.options.contains("mask"))
      throw InputError(kSelect,
                       fmt::format("layer {} has no mask: what stands for a token comes before it", l));
    if (model.blocks[l].mixer.name != "attention")
      throw InputError(kSelect, fmt::format("layer {} mixes by {}, which needs every token; representatives "
                                            "can stand for others in attention only (the model: {})",
                                            l, model.blocks[l].mixer.name, arch::mixer_text(model)));
  }
}

TokenSelection::TokenSelection(const TokenSelection& like, std::uint64_t seed)
    : setting_(like.setting_),
      width_(like.width_),
      layers_(like.layers_.size()),
      counts_(like.counts_),
      control_seed_(seed),
      drawn_(like.layers_.size(), 0) {
  setting_.against_scan = false;
}

Context TokenSelection::context() {
  Context context;
  context.mix = [this](const MixCall& call) { return mix(call); };
  return context;
}

Reading TokenSelection::start_reading(const Model& model, std::int64_t tokens) {
  if (model.description().read_out.kind != arch::ReadOutKind::Vocabulary)
    throw std::invalid_argument("token selection: the model does not predict next tokens");
  const arch::Model& description = model.description();
  std::vector<std::unique_ptr<mixers::State>> states;
  for (std::size_t l = 0; l < description.blocks.size(); ++l) {
    states.push_back(std::make_unique<SelectedLayer>(width_, setting_.tau));
    if (static_cast<int>(l) < setting_.from) continue;
    const base::Json& options = description.blocks[l].mixer.options;
    if (options.at("positions") == "alibi")
      throw InputError(kSelect, fmt::format("layer {} lowers scores by distance (ALiBi), and a state of "
                                            "representatives alone knows none",
                                            l));
    for (const base::Json& lookback : options.at("lookback"))
      if (lookback >= 0 && lookback < tokens - 1)
        throw InputError(kSelect,
                         fmt::format("layer {} has a head with a window of {} keys, and a state of "
                                     "representatives alone counts these, not positions; expected at most so "
                                     "many tokens, prompt and text, found {}",
                                     l, lookback.get<std::int64_t>() + 1, tokens));
  }
  Reading reading{Model::State(std::move(states)), 0, {}, {}, {}};
  reading.context = context();
  return reading;
}

selection::Choice TokenSelection::choose(selection::Chooser& chooser, const float* x, std::int64_t count,
                                         std::size_t layer, std::size_t sequence) {
  if (control_seed_) {
    const std::size_t next = drawn_[layer]++;
    if (next >= counts_[layer].size())
      throw std::logic_error("token selection: the control goes on beyond what it is a control of");
    return chooser.given(
        x, count, width_,
        drawn_at_random(count, counts_[layer][next], base::Random({*control_seed_, layer, next})));
  }
  if (!setting_.cascade || static_cast<int>(layer) == setting_.from) return chooser.scan(x, count, width_);
  return chooser.cascade(x, count, width_, below_[sequence]);
}

void TokenSelection::note(const selection::Choice& choice, std::int64_t first, const float* x,
                          std::int64_t count, std::size_t layer, std::size_t sequence) {
  LayerSelection& sum = layers_[layer];
  const std::vector<char> marks = representatives_of(choice, first);
  const auto chosen = std::count(marks.begin(), marks.end(), 1);
  ++sum.sequences;
  sum.tokens += count;
  sum.representatives += chosen;
  sum.pairs += choice.pairs;
  sum.all_pairs += count * first + count * (count - 1) / 2;
  if (!control_seed_) counts_[layer].push_back(chosen);
  sum.proxy = choice.proxy;
  std::vector<char>& below = below_[sequence];
  const bool begins = static_cast<int>(layer) == setting_.from;
  if (!begins) {
    sum.jaccard_before += jaccard(marks, below);
    for (std::size_t i = 0; i < marks.size(); ++i) {
      sum.added += marks[i] != 0 && below[i] == 0 ? 1 : 0;
      sum.removed += marks[i] == 0 && below[i] != 0 ? 1 : 0;
    }
  }
  below = marks;
  const bool scanned = !control_seed_ && (!setting_.cascade || begins);
  if (scanned) {
    sum.scan_pairs += choice.pairs.all();
    sum.jaccard_scan += 1;
  } else if (setting_.against_scan && first == 0) {
    const auto begun = std::chrono::steady_clock::now();
    const selection::Choice fresh = selection::Chooser(width_, setting_.tau).scan(x, count, width_);
    sum.scan_pairs += fresh.pairs.all();
    sum.jaccard_scan += jaccard(marks, representatives_of(fresh, 0));
    measuring_seconds_ += seconds_since(begun);
  }
}

/// A layer that does not select.
at::Tensor TokenSelection::mix_all(const MixCall& call) {
  if (call.state == nullptr) return call.mixer.forward(call.x, call.rows, call.context);
  auto& memory = memory_of(*call.state);
  if (!memory.inner) memory.inner = call.mixer.start({});
  memory.taken += call.x.size(0);
  return call.mixer.advance(*memory.inner, call.x, call.rows, call.context);
}

at::Tensor TokenSelection::mix(const MixCall& call) {
  const auto layer = static_cast<std::size_t>(call.block);
  const std::size_t sequences = call.rows.starts.size() - 1;
  if (call.state != nullptr && sequences != 1)
    throw std::invalid_argument("token selection: a state is of one sequence");
  if (call.block < setting_.from) return mix_all(call);
  if (call.block == setting_.from) below_.assign(sequences, {});
  const at::Tensor rows = call.x.detach().to(at::kFloat).contiguous();
  SelectedLayer* memory = call.state != nullptr ? &memory_of(*call.state) : nullptr;
  if (memory != nullptr) memory->taken += call.x.size(0);

  Chosen chosen;
  std::vector<std::int64_t> takes;  // [N] row among the representatives', earlier pieces' first
  const std::int64_t earlier = memory != nullptr ? std::ssize(memory->representatives) : 0;
  for (std::size_t b = 0; b < sequences; ++b) {
    const std::int64_t start = call.rows.starts[b], count = call.rows.starts[b + 1] - start;
    const float* x = rows.data_ptr<float>() + start * width_;
    const auto begun = std::chrono::steady_clock::now();
    std::optional<selection::Chooser> own;
    selection::Chooser& chooser = memory != nullptr ? memory->chooser : own.emplace(width_, setting_.tau);
    const std::int64_t first = chooser.tokens();
    const selection::Choice choice = choose(chooser, x, count, layer, b);
    choosing_seconds_ += seconds_since(begun);
    note(choice, first, x, count, layer, b);
    std::vector<std::int64_t> of_sequence;
    std::vector<std::int64_t>& numbers = memory != nullptr ? memory->representatives : of_sequence;
    const std::int64_t before = memory != nullptr ? 0 : std::ssize(chosen.from);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t proxy = choice.proxy[static_cast<std::size_t>(i)];
      if (proxy == first + i) {
        numbers.push_back(proxy);
        chosen.from.push_back(start + i);
        chosen.place.push_back(proxy);
      }
      takes.push_back(before + (std::lower_bound(numbers.begin(), numbers.end(), proxy) - numbers.begin()));
    }
    const bool any = std::ssize(chosen.from) > chosen.rows.starts.back();
    chosen.rows.starts.push_back(std::ssize(chosen.from));
    chosen.last.push_back(any ? std::ssize(chosen.from) - 1 : -1);
    chosen.last_position.push_back(any ? chosen.place.back() : -1);
  }
  chosen.rows.position = at::tensor(chosen.place, at::kLong);
  chosen.rows.last = at::tensor(chosen.last, at::kLong);
  chosen.rows.last_position = at::tensor(chosen.last_position, at::kLong);
  chosen.rows.longest = call.rows.longest;

  const at::Tensor x = call.x.index_select(0, at::tensor(chosen.from, at::kLong));
  const at::Tensor take = at::tensor(takes, at::kLong);
  if (memory == nullptr) return call.mixer.forward_some(x, chosen.rows, call.context).index_select(0, take);
  if (!memory->inner) memory->inner = call.mixer.start({});
  if (std::ssize(memory->representatives) > earlier)
    memory->keep(call.mixer.advance(*memory->inner, x, chosen.rows, call.context));
  return memory->outputs.index_select(0, take);
}

}  // namespace yore::model
