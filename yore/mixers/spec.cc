#include "yore/mixers/spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/base/text.h"

namespace yore::mixers {

#define YORE_MECHANISM(name) const Spec& name##_spec();
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM

const std::vector<const Spec*>& specs() {
  static const std::vector<const Spec*> all = {
#define YORE_MECHANISM(name) &name##_spec(),
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM
  };
  return all;
}

const Spec& find_spec(std::string_view name) {
  std::vector<std::string> known;
  for (const Spec* spec : specs()) {
    if (spec->name() == name) return *spec;
    known.push_back(spec->name());
  }
  throw base::InputError("mixer",
                         fmt::format("there is no mixer \"{}\"{}; yore mixers lists them: {}", name,
                                     base::did_you_mean(std::string(name), known), fmt::join(known, ", ")));
}

bool has_heads(const Spec& spec) {
  const std::vector<base::OptionSpec> options = spec.options();
  return std::any_of(options.begin(), options.end(),
                     [](const base::OptionSpec& option) { return option.name == "heads"; });
}

base::Json describe(const Spec& spec) {
  constexpr std::int64_t kWidth = 64, kFew = 1, kMany = 1024;
  base::Json options = base::Json::array();
  for (const base::OptionSpec& option : spec.options())
    options.push_back({{"name", option.name}, {"default", option.fallback}, {"help", option.help}});
  const MixerSetting setting{kWidth, spec.complete(kWidth, base::Json::object())};
  const auto bytes = [&](std::int64_t tokens) {
    return base::Json{{"tokens", tokens}, {"bytes", spec.state_bytes(setting, tokens)}};
  };
  return {{"name", spec.name()},
          {"summary", spec.summary()},
          {"source", spec.source()},
          {"heads", has_heads(spec)},
          {"options", std::move(options)},
          {"state", {{"width", kWidth}, {"sizes", {bytes(kFew), bytes(kMany)}}}}};
}

std::string describe_text(const Spec& spec) {
  const base::Json d = describe(spec);
  std::string text = fmt::format("{}: {}\n  source: {}\n  heads: {}\n  options:\n", spec.name(),
                                 spec.summary(), spec.source(), has_heads(spec) ? "yes" : "no");
  std::size_t longest = 0;
  const auto head = [](const base::Json& option) {
    return fmt::format("{}={}", option["name"].get<std::string>(),
                       option["default"].is_null() ? "..." : option["default"].dump());
  };
  for (const base::Json& option : d["options"]) longest = std::max(longest, head(option).size());
  for (const base::Json& option : d["options"])
    text += fmt::format("    {:<{}}  {}\n", head(option), longest, option["help"].get<std::string>());
  text += fmt::format("  state of a layer of width {}, with these options:", d["state"]["width"].get<int>());
  for (const base::Json& size : d["state"]["sizes"])
    text += fmt::format(" {} bytes after {}{}", size["bytes"].get<std::int64_t>(),
                        base::counted(size["tokens"].get<int>(), "token"),
                        &size == &d["state"]["sizes"].back() ? "" : ",");
  return text + "\n";
}

}  // namespace yore::mixers
