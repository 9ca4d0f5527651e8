// yore completion bash: a completion script. Commands, options and the words that may follow an option come
// from the table of commands and from their parsers.
#include <fmt/format.h>

#include <algorithm>

#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/cli/tensor_program.h"
#include "yore/languages/language.h"

namespace yore::cli {
namespace {

std::string option_words(const CLI::App& app) {
  std::string words;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) words += (words.empty() ? "--" : " --") + name;
  return words;
}

// The words that an option takes, "regex json dot", out of how its check shows in the help:
// "TEXT:{regex,..}", or out of what set_words() said.
std::string value_words(CLI::Option& option) {
  if (std::string words = words_of(option); !words.empty()) return words;
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return "";
  std::string words = type.substr(open + 1, close - open - 1);
  std::ranges::replace(words, ',', ' ');
  return words;
}

std::string bash_script() {
  std::string names, cases, values, suite;
  const bool tensor_half = tensor_program().has_value();
  for (const CommandEntry& entry : commands()) {
    if (!entry.here() && !tensor_half) continue;  // it cannot be run
    const std::unique_ptr<Command> command = entry.maker.make();
    const std::unique_ptr<CLI::App> app = make_app(entry, *command);
    names += (names.empty() ? "" : " ") + std::string(entry.name());
    cases += fmt::format("    {}) words=\"{}\" ;;\n", entry.name(), option_words(*app));
    for (CLI::Option* option : app->get_options())
      if (const std::string words = value_words(*option); !words.empty()) {
        // What follows an option, or the command's name for a positional.
        std::vector<std::string> before;
        for (const std::string& name : option->get_lnames()) before.push_back("--" + name);
        for (const std::string& name : option->get_snames()) before.push_back("-" + name);
        if (before.empty()) before.emplace_back(entry.name());
        for (const std::string& word : before)
          values +=
              fmt::format("    \"{} {}\") COMPREPLY=($(compgen -W \"{}\" -- \"$current\")); return ;;\n",
                          entry.name(), word, words);
      }
  }
  for (const languages::NamedLanguage& language : languages::suite())
    suite += (suite.empty() ? "" : " ") + language.name;
  // Words that follow --name come from the suite; after --dfa, --out and the like, and by default, files are
  // offered.
  return fmt::format(R"sh(# bash completion for yore; load with: source <(yore completion bash)
_yore() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{names} --help --version" -- "$current"))
    return
  fi
  case "$previous" in
    --name) COMPREPLY=($(compgen -W "{suite}" -- "$current")); return ;;
    languages) case "$current" in -*) ;; *) COMPREPLY=($(compgen -W "{suite}" -- "$current")); return ;; esac ;;
  esac
  case "${{COMP_WORDS[1]}} $previous" in
{values}  esac
  case "${{COMP_WORDS[1]}}" in
{cases}  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _yore yore
)sh",
                     fmt::arg("names", names), fmt::arg("suite", suite), fmt::arg("cases", cases),
                     fmt::arg("values", values));
}

class Completion : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("SHELL", shell_, "bash")->required()->check(one_of({"bash"}));
  }
  int run() override {
    fmt::print("{}", bash_script());
    return kOk;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion() {
  return std::make_unique<Completion>();
}

}  // namespace yore::cli
