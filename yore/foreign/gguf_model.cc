#include "yore/foreign/gguf_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/foreign/dequantise.h"
#include "yore/foreign/rotary.h"

namespace yore::foreign {
namespace {

constexpr const char* kArchitecture = "general.architecture";

/// A file and where it came from, for questions that end in messages.
struct Asked {
  const GgufFile& file;
  const std::string& source;

  [[noreturn]] void refuse(const std::string& key, const std::string& expected) const {
    throw base::InputError(source, file.find(key) == nullptr
                                       ? fmt::format("key {} is missing, expected {}", key, expected)
                                       : fmt::format("key {}: expected {}", key, expected));
  }
  std::string text(const std::string& key) const {
    const GgufValue* value = file.find(key);
    if (value == nullptr || !value->is_text()) refuse(key, "a text");
    return std::string(value->text());
  }
  double number(const std::string& key, double fallback) const {
    const GgufValue* value = file.find(key);
    if (value == nullptr) return fallback;
    if (!value->is_number()) refuse(key, "a number");
    // Written as float: the shortest decimal is what was meant (1e-05, not 9.99999974e-06).
    return std::stod(fmt::format("{}", static_cast<float>(value->number())));
  }
};

/// One value in JSON; a list that repeats one number (a value for every block) is that number.
Json json_of(const Asked& asked, const std::string& key, const GgufValue& value) {
  if (value.is_whole()) return value.whole();
  if (value.is_number()) return asked.number(key, 0);
  if (value.is_flag()) return value.flag();
  if (value.is_text()) return std::string(value.text());
  if (!value.is_list_of_numbers() || value.count() == 0) asked.refuse(key, "one value");
  const std::vector<double> numbers = value.numbers();
  for (const double n : numbers)
    if (n != numbers.front()) asked.refuse(key, "the same number for all blocks");
  const auto whole = std::llround(numbers.front());
  if (static_cast<double>(whole) == numbers.front()) return whole;
  return numbers.front();
}

/// Frequencies that the converter divides by numbers of its own are Llama 3's scaling, whose settings it does
/// not write; they are found by trying the published ones. `rope_freqs` are the divisors.
Json llama3_scaling(const Asked& asked, const Tensor& rope_freqs, double base) {
  const NumberType* type = find_number_type(rope_freqs.type);
  if (type == nullptr || type->numbers != 1 || rope_freqs.shape.size() != 1 || rope_freqs.shape[0] < 1)
    throw base::InputError(asked.source, "tensor rope_freqs.weight: expected a list of F32 numbers");
  std::vector<float> divisors(static_cast<std::size_t>(rope_freqs.shape[0]));
  widen(*type, rope_freqs.bytes, divisors.data());
  const double factor = static_cast<double>(*std::max_element(divisors.begin(), divisors.end()));
  mixers::Rotary rotary{2 * rope_freqs.shape[0], base, false, {}};
  rotary.scaling = {mixers::RotaryScaling::Kind::Llama3, factor, 8192, 1, 4};
  const std::vector<double> kept = mixers::rotary_frequency_factors(rotary);
  for (std::size_t c = 0; c < divisors.size(); ++c)
    if (!(std::abs(1 / static_cast<double>(divisors[c]) - kept[c]) < 1e-5))
      throw base::InputError(
          asked.source,
          "tensor rope_freqs.weight: expected the frequencies of Llama 3 (low_freq_factor 1, "
          "high_freq_factor 4, 8192 tokens), the only ones that can be read");
  Json scaling = rope_parameters(rotary);
  scaling.erase("rope_theta");
  return scaling;
}

void add_scaling(const Asked& asked, const std::string& architecture, Json& config) {
  const std::string key = architecture + ".rope.scaling.";
  const Fields fields(config, asked.source);
  const double base = fields.number("rope_theta", 10000.0);
  // As llama.cpp reads them: without a type linear, and 0 is no factor.
  const double factor = asked.number(key + "factor", asked.number(architecture + ".rope.scale_linear", 1));
  const std::string type = asked.file.find(key + "type") == nullptr ? "linear" : asked.text(key + "type");
  const bool plain = type == "none" || (type == "linear" && (factor == 0 || factor == 1));
  if (const auto freqs = asked.file.tensors.find("rope_freqs.weight"); freqs != asked.file.tensors.end()) {
    if (!plain)
      throw base::InputError(
          asked.source,
          fmt::format("key {}*: expected no scaling of positions beside the tensor rope_freqs.weight", key));
    config["rope_scaling"] = llama3_scaling(asked, freqs->second, base);
    return;
  }
  if (plain) return;
  if (type != "linear" && type != "yarn") asked.refuse(key + "type", "none, linear or yarn");
  Json scaling = {{"rope_type", type}, {"factor", factor}};
  if (type == "yarn") {
    scaling["original_max_position_embeddings"] = std::llround(
        asked.number(key + "original_context_length", fields.number("max_position_embeddings", 0)));
    scaling["beta_fast"] = asked.number(key + "yarn_beta_fast", 32);
    scaling["beta_slow"] = asked.number(key + "yarn_beta_slow", 1);
  }
  config["rope_scaling"] = scaling;
}

/// Settings that change what a model computes, with the values at which they do nothing. Those that the
/// family reads are its own business.
struct Setting {
  const char* key;
  std::vector<double> harmless;
};
const std::vector<Setting>& other_settings() {
  static const std::vector<Setting> all = {{"rope.scaling.attn_factor", {1}},
                                           {"rope.scaling.yarn_attn_factor", {1}},
                                           {"rope.scaling.yarn_ext_factor", {1}},
                                           {"attention.scale", {0}},
                                           {"attention.clamp_kqv", {0}},
                                           {"attention.max_alibi_bias", {0}},
                                           {"attention.causal", {1}},
                                           {"logit_scale", {0, 1}},
                                           {"residual_scale", {0, 1}},
                                           {"embedding_scale", {0, 1}},
                                           {"attn_logit_softcapping", {0}},
                                           {"final_logit_softcapping", {0}},
                                           {"use_parallel_residual", {0}},
                                           {"expert_count", {0}}};
  return all;
}
void refuse_other_settings(const Asked& asked, const Family& family, const std::string& architecture) {
  for (const Setting& setting : other_settings()) {
    const std::string key = architecture + setting.key;
    const GgufValue* value = asked.file.find(key);
    const bool read = std::any_of(family.metadata.begin(), family.metadata.end(),
                                  [&](const auto& entry) { return entry.first == setting.key; });
    if (value == nullptr || read) continue;
    const double number = value->is_flag() ? value->flag() : value->is_number() ? value->number() : -1;
    if (std::find(setting.harmless.begin(), setting.harmless.end(), number) == setting.harmless.end())
      asked.refuse(key, fmt::format("{}, since models of this architecture are computed without it here",
                                    fmt::join(setting.harmless, " or ")));
  }
}

}  // namespace

const Family& family_of_gguf(const GgufFile& file, const std::string& source) {
  const Asked asked{file, source};
  const std::string architecture = asked.text(kArchitecture);
  std::vector<std::string> known;
  const Family* unmarked = nullptr;
  for (const Family& family : families()) {
    if (std::find(known.begin(), known.end(), family.gguf) == known.end()) known.push_back(family.gguf);
    if (architecture != family.gguf) continue;
    if (family.gguf_mark.empty())
      unmarked = &family;
    else if (file.find(architecture + "." + family.gguf_mark) != nullptr)
      return family;
  }
  if (unmarked != nullptr) return *unmarked;
  asked.refuse(kArchitecture, fmt::format("one of {}, found {}{}", fmt::join(known, ", "), architecture,
                                          base::did_you_mean(architecture, known)));
}

Fields config_of_gguf(const GgufFile& file, const Family& family, const std::string& source) {
  const Asked asked{file, source};
  const std::string architecture = asked.text(kArchitecture) + ".";
  Json config = {{"model_type", family.model_types.front()}};
  std::map<std::string, std::string> keys;
  for (const auto& [theirs, name] : family.metadata) {
    keys[name] = fmt::format("key {}{}", architecture, theirs);
    if (const GgufValue* value = file.find(architecture + theirs))
      config[name] = json_of(asked, architecture + theirs, *value);
    else if (theirs.ends_with("_epsilon"))  // whose default in config.json is none here
      asked.refuse(architecture + theirs, "a number");
  }
  const auto embedding = file.tensors.find("token_embd.weight"), out = file.tensors.find("output.weight");
  if (embedding == file.tensors.end() || embedding->second.shape.size() != 2)
    throw base::InputError(source, "there is no tensor token_embd.weight of two dimensions");
  config["vocab_size"] = embedding->second.shape[0];
  config["tie_word_embeddings"] = out == file.tensors.end() || same(out->second, embedding->second);
  add_scaling(asked, architecture.substr(0, architecture.size() - 1), config);
  if (const std::string key = architecture + "rope.dimension_count";
      config.contains("head_dim") && file.find(key) != nullptr &&
      json_of(asked, key, *file.find(key)) != config["head_dim"])
    asked.refuse(key, fmt::format("the head's width {}", config["head_dim"].dump()));
  // Biases that the metadata do not speak of.
  config["attention_bias"] = file.tensors.contains("blk.0.attn_q.bias");
  config["mlp_bias"] = file.tensors.contains("blk.0.ffn_up.bias");
  refuse_other_settings(asked, family, architecture);
  if (family.complete_gguf != nullptr) family.complete_gguf(config);
  return {config, source, "", std::move(keys)};
}

}  // namespace yore::foreign
