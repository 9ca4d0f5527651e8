#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/foreign/family.h"

namespace yore::foreign {

// Each defined in its own file.
Family gpt2_family();
Family mistral_family();
Family llama_family();
Family qwen3_family();
Family gemma3_family();

std::span<const Family> families() {
  // A model that is both Llama's and Mistral's (one without windows) is written as the first.
  static const std::vector<Family> all = {gpt2_family(), llama_family(), mistral_family(), qwen3_family(),
                                          gemma3_family()};
  return all;
}

std::string family_names() {
  std::vector<std::string> names;
  for (const Family& family : families()) names.push_back(family.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

const Family& family_of_model_type(const Fields& config) {
  const std::string type = config.text("model_type");
  std::vector<std::string> types;
  for (const Family& family : families())
    for (const std::string& known : family.model_types) {
      if (known == type) return family;
      types.push_back(known);
    }
  config.refuse("model_type",
                fmt::format("one of {}{}", fmt::join(types, ", "), base::did_you_mean(type, types)));
}

std::pair<const Family*, Json> config_of(const arch::Model& model, const std::string& source) {
  std::vector<std::string> reasons;
  for (const Family& family : families()) {
    try {
      Json config = family.config(model);
      const std::vector<std::string> differ =
          arch::differences(model, family.model(Fields(config, "config.json")));
      if (differ.empty()) return {&family, std::move(config)};
      reasons.push_back(fmt::format("{} ({})", family.name, differ.front()));
    } catch (const base::InputError& e) {
      reasons.push_back(fmt::format("{} ({})", family.name, e.message()));
    }
  }
  throw base::InputError(source, fmt::format("is a model of none of the families that can be written; "
                                             "each with the first thing that it cannot say: {}",
                                             fmt::join(reasons, ", ")));
}

}  // namespace yore::foreign
