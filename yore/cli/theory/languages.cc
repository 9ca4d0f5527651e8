// yore languages: the suite of named languages.
#include <fmt/format.h>

#include "yore/api/answers.h"
#include "yore/cli/command.h"
#include "yore/languages/language.h"

namespace yore::cli {
namespace {

using languages::NamedLanguage;

class Languages : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("NAME", name_, "Show this one with its definition and source");
    app.add_flag("--json", json_, "Print JSON");
  }

  int run() override {
    if (!name_.empty()) {
      const NamedLanguage& language = languages::find_named(name_);
      if (json_) {
        fmt::print("{}\n", api::describe(language).dump());
      } else {
        fmt::print(
            "{}\n  definition  {}\n  written as  {}\n  alphabet    {}\n  states      {}\n  class       {}\n  "
            "source      {}\n",
            language.name, language.definition, language.spec, language.alphabet, language.dfa().states,
            language.expected_class, language.source);
      }
      return kOk;
    }
    if (json_) {
      base::Json all = base::Json::array();
      for (const NamedLanguage& language : languages::suite()) all.push_back(api::describe(language));
      fmt::print("{}\n", all.dump());
      return kOk;
    }
    std::size_t width = 0;
    for (const NamedLanguage& language : languages::suite()) width = std::max(width, language.name.size());
    for (const NamedLanguage& language : languages::suite())
      fmt::print("{:<{}}  {:<16}  {}\n", language.name, width, language.expected_class, language.definition);
    return kOk;
  }

 private:
  std::string name_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_languages() {
  return std::make_unique<Languages>();
}

}  // namespace yore::cli
