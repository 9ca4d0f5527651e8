// Blurry window attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "yore/mixers/blurry_window/options.h"
#include "yore/mixers/common/slot_layer.h"

namespace yore::mixers {

const Spec& blurry_window_spec();

namespace {

/// A table's rows as tensors, [.., heads, slots].
struct BlurryTensors {
  std::shared_ptr<const blurry::Table> table;
  at::ScalarType type;
  at::Tensor write, log_decay, filled, bias;
};

/// The same tensors for all layers of one table and type.
std::shared_ptr<const BlurryTensors> blurry_tensors(const std::shared_ptr<const blurry::Table>& table,
                                                    at::ScalarType type) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<const BlurryTensors>> known;
  const std::lock_guard<std::mutex> lock(mutex);
  std::erase_if(known, [](const auto& one) { return one.expired(); });
  for (const auto& weak : known)
    if (auto one = weak.lock(); one && one->table == table && one->type == type) return one;
  const blurry::Setting& s = table->setting();
  const auto tensor = [&](const std::vector<double>& numbers) {
    at::Tensor rows = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kDouble);
    std::copy(numbers.begin(), numbers.end(), rows.data_ptr<double>());
    return rows.to(type).view({-1, static_cast<std::int64_t>(s.heads.size()), s.slots});
  };
  auto made = std::make_shared<BlurryTensors>(BlurryTensors{table, type, {}, {}, {}, {}});
  made->write = tensor(table->write());
  if (s.erase == slots::Erase::Decay) made->log_decay = tensor(table->log_decay());
  made->filled = tensor(table->filled());
  if (!table->bias().empty()) made->bias = tensor(table->bias());
  known.push_back(made);
  return made;
}

class BlurryWindowLayer final : public SlotMixer {
 public:
  explicit BlurryWindowLayer(const MixerSetting& setting)
      : BlurryWindowLayer(setting, read_blurry_window_options(setting)) {}

 private:
  BlurryWindowLayer(const MixerSetting& setting, const BlurryOptions& options)
      : SlotMixer(blurry_window_spec(), setting, options.layer, 0), table_(blurry::table_of(options.blur)) {}

  const BlurryTensors& tensors() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<const BlurryTensors>& its = by_type_[type()];
    if (!its) its = blurry_tensors(table_, type());
    return *its;
  }

  void gates(const at::Tensor&, const PackedRows& rows, SlotInput& input) const override {
    const BlurryTensors& its = tensors();
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
  mutable std::map<at::ScalarType, std::shared_ptr<const BlurryTensors>> by_type_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_blurry_window(const MixerSetting& setting) {
  return std::make_unique<BlurryWindowLayer>(setting);
}

}  // namespace yore::mixers
