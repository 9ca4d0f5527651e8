// What layers of slots have in common: projections, perhaps a short convolution, the slots, norm, gate and
// output; forward, and over a state. The layer of a mechanism says how weights and decays come about.
#pragma once
#include <memory>
#include <string>

#include "yore/mixers/common/slot_options.h"
#include "yore/mixers/common/slots_torch.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

class SlotMixer : public Mixer {
 public:
  at::Tensor forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const final;
  std::unique_ptr<State> start(const StateSetting& setting) const final;
  at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows,
                     const MixContext& context) const final;

 protected:
  /// `own` = parameters that the mechanism has between those of slot_parameters_before and _after.
  SlotMixer(const Spec& spec, MixerSetting setting, SlotLayer layer, std::size_t own);

  const SlotLayer& layer() const { return layer_; }
  /// The mechanism's parameter i.
  const at::Tensor& own(std::size_t i) const { return value((layer_.conv > 0 ? 2 : 1) + i); }

  /// Weights, decays and perhaps fillings, [N, heads, slots], into `input`, whose q, k and v are there.
  virtual void gates(const at::Tensor& x, const PackedRows& rows, SlotInput& input) const = 0;
  /// The same over a state: parts of the mechanism's own follow those of the layer (own_states).
  virtual void gates_on(State*, const at::Tensor& x, const PackedRows& rows, SlotInput& input) const {
    gates(x, rows, input);
  }
  /// A state that gates_on() wants, null = none.
  virtual std::unique_ptr<State> own_state(const StateSetting&) const { return nullptr; }
  const std::string& kind() const { return kind_; }

 private:
  SlotInput input_of(const at::Tensor& qkv) const;
  at::Tensor output(const at::Tensor& x, at::Tensor mixed, const MixContext& context) const;

  SlotLayer layer_;
  std::size_t own_;
  std::string kind_;
};

}  // namespace yore::mixers
