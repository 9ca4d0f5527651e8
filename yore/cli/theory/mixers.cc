// yore mixers: the mechanisms that a model's layers can have, and the options of each.
#include <fmt/format.h>

#include "yore/cli/command.h"
#include "yore/mixers/spec.h"

namespace yore::cli {
namespace {

// The shape at which sizes are shown.
constexpr std::int64_t kWidth = 64;
constexpr std::int64_t kTokens[] = {1, 1024, 65536};

mixers::MixerSetting example(const mixers::Spec& spec) {
  return {kWidth, spec.complete(kWidth, base::Json::object())};
}

base::Json as_json(const mixers::Spec& spec) {
  base::Json options = base::Json::array(), state = base::Json::object();
  for (const base::OptionSpec& option : spec.options())
    options.push_back({{"name", option.name}, {"default", option.fallback}, {"help", option.help}});
  for (const std::int64_t n : kTokens) state[std::to_string(n)] = spec.state_bytes(example(spec), n);
  return {{"name", spec.name()},
          {"summary", spec.summary()},
          {"source", spec.source()},
          {"options", options},
          {"state_bytes_at_width_64", state}};
}

void print(const mixers::Spec& spec) {
  fmt::print("{}\n  {}\n  source  {}\n  options (--mixer {}:OPTION=VALUE,..):\n", spec.name(), spec.summary(),
             spec.source(), spec.name());
  for (const base::OptionSpec& option : spec.options())
    fmt::print("    {:<20}{}{}\n", option.name, option.help,
               option.fallback.is_null() ? "" : fmt::format("; default {}", option.fallback.dump()));
  fmt::print("  state of one sequence at width {}, with these defaults:\n", kWidth);
  for (const std::int64_t n : kTokens)
    fmt::print("    {:>6} token{}  {} bytes\n", n, n == 1 ? " " : "s", spec.state_bytes(example(spec), n));
}

class Mixers : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MIXER", name_, "Show this one with its options");
    app.add_flag("--json", json_, "Print JSON: one object, or a list of all");
  }
  int run() override {
    if (!name_.empty()) {
      const mixers::Spec& spec = mixers::find_spec(name_);
      if (json_)
        fmt::print("{}\n", as_json(spec).dump());
      else
        print(spec);
      return kOk;
    }
    base::Json all = base::Json::array();
    for (const mixers::Spec* spec : mixers::specs()) {
      all.push_back(as_json(*spec));
      if (!json_) fmt::print("{:<18}{}\n", spec->name(), spec->summary());
    }
    if (json_) fmt::print("{}\n", all.dump());
    return kOk;
  }

 private:
  std::string name_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_mixers() {
  return std::make_unique<Mixers>();
}

}  // namespace yore::cli
