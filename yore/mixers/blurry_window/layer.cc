// Blurry window attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <map>
#include <mutex>

#include "yore/mixers/blurry_window/options.h"
#include "yore/mixers/common/slot_layer.h"

namespace yore::mixers {

const Spec& blurry_window_spec();

namespace {

class BlurryWindowLayer final : public SlotMixer {
 public:
  explicit BlurryWindowLayer(const MixerSetting& setting)
      : BlurryWindowLayer(setting, read_blurry_window_options(setting)) {}

 private:
  BlurryWindowLayer(const MixerSetting& setting, const BlurryOptions& options)
      : SlotMixer(blurry_window_spec(), setting, options.layer, 0), table_(blurry::table_of(options.blur)) {}

  struct Tensors {
    at::Tensor write, log_decay, filled, bias;  ///< rows of the table, [.., heads, slots]
  };
  const Tensors& tensors() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    Tensors& its = by_type_[type()];
    if (!its.write.defined()) {
      const auto tensor = [&](const std::vector<double>& numbers) {
        return at::tensor(numbers, at::kDouble)
            .to(type())
            .view({-1, layer().slots.heads, layer().slots.slots});
      };
      its = {tensor(table_->write()), tensor(table_->log_decay()), tensor(table_->filled()), {}};
      if (!table_->bias().empty()) its.bias = tensor(table_->bias());
    }
    return its;
  }

  void gates(const at::Tensor&, const PackedRows& rows, SlotInput& input) const override {
    const Tensors& its = tensors();
    const at::Tensor row = at::remainder(rows.position, table_->period());
    const std::int64_t warm = table_->warm();
    const at::Tensor filled = at::where(rows.position < warm, rows.position,
                                        at::remainder(rows.position - warm, table_->period()) + warm);
    input.write = its.write.index_select(0, row);
    if (layer().slots.erase == slots::Erase::Decay) input.log_decay = its.log_decay.index_select(0, row);
    input.filled = its.filled.index_select(0, filled);
    if (its.bias.defined()) input.bias = its.bias.index_select(0, filled);
  }

  std::shared_ptr<const blurry::Table> table_;
  mutable std::mutex mutex_;
  mutable std::map<at::ScalarType, Tensors> by_type_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_blurry_window(const MixerSetting& setting) {
  return std::make_unique<BlurryWindowLayer>(setting);
}

}  // namespace yore::mixers
