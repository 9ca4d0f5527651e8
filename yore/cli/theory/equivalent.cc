// yore equivalent: are two languages the same?
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/api/answers.h"
#include "yore/base/text.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"

namespace yore::cli {
namespace {

using languages::Language;

class Equivalent : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FIRST", first_, kLanguageHelp)->required();
    app.add_option("SECOND", second_, "The language to compare with, written the same way")->required();
    app.add_option("--alphabet", alphabet_, "The alphabet of both; default: the letters of both together");
    app.add_option("--max-states", max_states_, "Give up when an automaton grows past this")
        ->check(CLI::PositiveNumber);
    app.add_flag("--json", json_, "Print one JSON object");
  }

  int run() override {
    Language a = languages::read_language(first_, alphabet_, max_states_);
    Language b = languages::read_language(second_, alphabet_, max_states_);
    if (const std::string note = api::unify(a, b, max_states_); !note.empty())
      fmt::print(stderr, "yore: note: {}; --alphabet fixes it\n", note);
    const std::optional<logic::Word> word = automata::difference(a.dfa, b.dfa);
    const logic::Alphabet& alphabet = a.dfa.alphabet;
    if (json_) {
      fmt::print("{}\n", api::equivalent(a, b).dump());
    } else if (!word) {
      fmt::print("the same language over {{{}}}: {}\n", fmt::join(alphabet.names(), ", "),
                 base::counted(a.dfa.states, "state"));
    } else {
      const bool in_first = a.dfa.accepts(*word);
      fmt::print("different: {} is in {} but not in {}\n",
                 word->empty() ? "the empty word" : "\"" + alphabet.format_word(*word) + "\"",
                 in_first ? a.title : b.title, in_first ? b.title : a.title);
    }
    return word ? kNo : kOk;
  }

 private:
  std::string first_, second_;
  std::optional<std::string> alphabet_;
  std::size_t max_states_ = automata::kDefaultMaxStates;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_equivalent() {
  return std::make_unique<Equivalent>();
}

}  // namespace yore::cli
