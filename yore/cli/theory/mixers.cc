// yore mixers: the mechanisms that a model's layers can have, and the options of each.
#include <fmt/format.h>

#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/mixers/spec.h"

namespace yore::cli {
namespace {

class Mixers : public Command {
 public:
  void declare(CLI::App& app) override {
    set_words(*app.add_option("MIXER", name_, "Show this one with its options"), mixers::specs(),
              &mixers::Spec::name);
    app.add_flag("--json", json_, "Print JSON: one object, or a list of all");
  }
  int run() override {
    if (!name_.empty()) {
      const mixers::Spec& spec = mixers::find_spec(name_);
      if (json_)
        fmt::print("{}\n", mixers::describe(spec).dump());
      else
        fmt::print("{}", mixers::describe_text(spec));
      return kOk;
    }
    base::Json all = base::Json::array();
    for (const mixers::Spec* spec : mixers::specs()) {
      all.push_back(mixers::describe(*spec));
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
