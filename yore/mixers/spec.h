// What is known of a mechanism without torch: its options, its parameters, what its state and a token cost.
// From this a model is described, planned, read from and written to files; mixer.h is the
// layer itself. The registry is made when yore is built.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/options.h"

namespace yore::mixers {

/// How a parameter starts.
enum class Start {
  Zero,
  One,
  FanIn,  ///< uniform in +-1/sqrt(last dimension)
  Unit,   ///< uniform with variance 1
  /// The logarithm of a number uniform in (low, high]; 0 <= low <= high, 0 < high.
  LogUniform,
  /// x for which softplus(x) = log(1 + e^x) has a logarithm uniform between those of low and high; 0 < low <=
  /// high.
  SoftplusLogUniform,
};

/// One learnt array.
struct ParameterSpec {
  std::string name;  ///< within its layer: "qkv.weight"
  std::vector<std::int64_t> shape;
  Start start = Start::Zero;
  bool decays = false;  ///< whether weight decay pulls on it: matrices of linear maps, not biases and norms
  double low = 0, high = 0;  ///< of those starts that name them
  bool operator==(const ParameterSpec&) const = default;
};

/// A layer of a model: the width of its rows, and what its mechanism alone understands.
struct MixerSetting {
  std::int64_t width = 0;
  base::Json options = base::Json::object();  ///< as Spec::complete returns them
};

/// One mechanism.
class Spec {
 public:
  Spec() = default;
  Spec(const Spec&) = delete;
  Spec& operator=(const Spec&) = delete;
  virtual ~Spec() = default;

  virtual std::string name() const = 0;     ///< that of its folder
  virtual std::string summary() const = 0;  ///< one line, for `yore mixers`
  virtual std::string source() const = 0;   ///< where it was published

  /// What can be set, with defaults.
  virtual std::vector<base::OptionSpec> options() const = 0;
  /// The options of a layer in full and in one form only, so that equal layers have equal options. Throws
  /// InputError("mixer NAME") for what does not fit together. Complete options pass unchanged.
  virtual base::Json complete(std::int64_t width, const base::Json& given) const = 0;

  /// What a layer learns, in the order in which the layer takes it. No parameter's name begins with "norm",
  /// which the block's own norm has.
  virtual std::vector<ParameterSpec> parameters(const MixerSetting& setting) const = 0;
  /// Bytes that the state of one sequence holds after `tokens` tokens, in float32 and without room for
  /// rolling back: never more than State::bytes() of a state made for so many tokens and so used, and, once
  /// every window is full, less only by its counters, some 16 bytes a head.
  virtual std::int64_t state_bytes(const MixerSetting& setting, std::int64_t tokens) const = 0;
  /// Floating-point operations (an addition or a multiplication each) of the forward pass at the token that
  /// stands at `position`, counted from 0.
  virtual double flops(const MixerSetting& setting, std::int64_t position) const = 0;
};

/// The registry, in the order of the list.
const std::vector<const Spec*>& specs();
/// Throws InputError("mixer") with the nearest names.
const Spec& find_spec(std::string_view name);

/// Whether its layers have heads whose outputs can be gated (MixContext::head_gates): those with an option
/// "heads".
bool has_heads(const Spec& spec);

/// All that is told of a mechanism: {name, summary, source, heads (true or false), options [{name, default,
/// help}], state {width, sizes [{tokens, bytes}]}}, the state that of one sequence of a layer with default
/// options.
base::Json describe(const Spec& spec);
/// The same in lines to read, the last one ended.
std::string describe_text(const Spec& spec);

}  // namespace yore::mixers
