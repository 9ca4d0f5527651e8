// Attention with bounded-memory control as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/abc/options.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/positions.h"
#include "yore/mixers/common/slot_layer.h"
#include "yore/mixers/common/tensor_checks.h"

namespace yore::mixers {

const Spec& abc_spec();

namespace {

class AbcLayer final : public SlotMixer {
 public:
  explicit AbcLayer(const MixerSetting& setting) : AbcLayer(setting, read_abc_options(setting)) {}

 private:
  AbcLayer(const MixerSetting& setting, const AbcOptions& options)
      : SlotMixer(abc_spec(), setting, options.layer, 1), options_(options) {}

  /// e^s [N, heads * slots], of the slot logits s.
  at::Tensor raised(const at::Tensor& x) const {
    return at::exp(at::clamp(linear_map(x, own(0)), -options_.clamp, options_.clamp));
  }
  at::Tensor split(const at::Tensor& x) const {
    return x.view({-1, layer().slots.heads, layer().slots.slots});
  }

  /// From e^s, and the sums up to each token without and with it: a token's share of what a slot has been
  /// given, and the share of all before it.
  void share(const at::Tensor& e, const at::Tensor& before, const at::Tensor& with, const PackedRows& rows,
             SlotInput& input) const {
    input.write = split(e / with);
    input.log_decay = split(at::log(before) - at::log(with));
    if (!options_.rotary) return;
    const RotaryTable table = table_.at_least(rows.longest, options_.turns, type());
    input.q = rotate(input.q, table, rows.position, options_.turns.adjacent);
    input.k = rotate(input.k, table, rows.position, options_.turns.adjacent);
  }

  void gates(const at::Tensor& x, const PackedRows& rows, SlotInput& input) const override {
    const at::Tensor e = raised(x);
    std::vector<at::Tensor> before, with;
    for (std::size_t b = 0; b + 1 < rows.starts.size(); ++b) {
      const std::int64_t tokens = rows.starts[b + 1] - rows.starts[b];
      if (tokens == 0) continue;
      with.push_back(e.narrow(0, rows.starts[b], tokens).cumsum(0));
      before.push_back(at::zeros({1, e.size(1)}, e.options()));
      before.push_back(with.back().narrow(0, 0, tokens - 1));
    }
    if (with.empty()) return share(e, e, e, rows, input);
    share(e, at::cat(before), at::cat(with), rows, input);
  }

  /// Sums in double whatever the type, as cumsum has them inside: of a million tokens in float they would be
  /// a hundredth off.
  std::unique_ptr<State> own_state(const StateSetting& setting) const override {
    const std::int64_t size = std::int64_t{layer().slots.heads} * layer().slots.slots;
    const auto replay = [size](double* state, const double* rows, std::int64_t tokens) {
      for (std::int64_t t = 0; t < tokens; ++t)
        for (std::int64_t i = 0; i < size; ++i) state[i] += rows[t * size + i];
    };
    return std::make_unique<RecurrentState<double>>(
        RecurrentSetting{kind() + " sums", setting.batch, size, size, setting.rollback, setting.max_tokens},
        replay);
  }

  void gates_on(State* state, const at::Tensor& x, const PackedRows& rows, SlotInput& input) const override {
    const at::Tensor e = raised(x).contiguous(), before = at::empty_like(e), with = at::empty_like(e);
    const std::int64_t size = e.size(1);
    typed(e, [&]<class T>() {
      const T* from = e.data_ptr<T>();
      T *b = before.data_ptr<T>(), *w = with.data_ptr<T>();
      dynamic_cast<RecurrentState<double>&>(*state).advance(
          rows.starts.data(),
          [&](std::int64_t batch, const std::int64_t* starts, double* sums) {
            for (std::int64_t s = 0; s < batch; ++s, sums += size)
              for (std::int64_t at = starts[s] * size; at < starts[s + 1] * size; ++at) {
                double& sum = sums[at % size];
                b[at] = static_cast<T>(sum);
                sum += static_cast<double>(from[at]);
                w[at] = static_cast<T>(sum);
              }
          },
          [&](std::int64_t t, double* row) { std::copy(from + t * size, from + (t + 1) * size, row); });
    });
    share(e, before, with, rows, input);
  }

  AbcOptions options_;
  RotaryPositions table_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_abc(const MixerSetting& setting) {
  return std::make_unique<AbcLayer>(setting);
}

}  // namespace yore::mixers
