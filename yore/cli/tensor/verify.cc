// yore verify: a model held against a language.
#include "yore/inspection/verification.h"

#include <fmt/format.h>
#include <unistd.h>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/progress.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor/subject_language.h"
#include "yore/cli/verify_line.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/shape.h"
#include "yore/logic/word_text.h"

namespace yore::cli {
namespace {

using inspection::Verified;

/// What each step found, printed as soon as it is done.
class Printer {
 public:
  explicit Printer(const logic::Alphabet& alphabet) : alphabet_(alphabet) {}

  /// `what` is what the manifest says: a formula, or an automaton.
  void proof(const char* what, const Verified::Proof& found, const compiler::Proof& proof) const {
    if (found.difference)
      fmt::print("  {:<12} is another language: they differ on {}\n", what, shown(*found.difference));
    else
      fmt::print("  {:<12} is the language (decided on automata)\n", what);
    if (found.proven) {
      fmt::print("  weights      {}\n", compiler::to_text(proof));
      return;
    }
    if (found.every_length) {
      fmt::print("  weights      NOT proven: {}\n", found.failure);
      return;
    }
    fmt::print("  weights      NOT proven for {} letters: {}\n", found.length, found.failure);
    const std::int64_t longest = found.longest_proven;
    fmt::print("               {}\n",
               longest == 0 ? std::string("proven for no length")
                            : fmt::format("proven up to {} letters; it fails at {}", longest, longest + 1));
  }

  void short_words(const Verified::Short& found) const {
    if (found.length < 0) return;
    words("short words", fmt::format("all {} words to length {}", found.words, found.length), found);
    if (found.wrong > 0)
      fmt::print("               {}\n", found.right_to_length < 0
                                            ? std::string("wrong from the empty word on")
                                            : fmt::format("right to length {}", found.right_to_length));
  }

  void long_words(const Verified::Long& found, int drawn) const {
    if (found.words == 0) return;
    words("long words",
          fmt::format("{} drawn words and {} witness strings to length {}", drawn, found.witness_strings,
                      found.length),
          found);
    if (const auto& prefix = found.leaves_the_automaton_at)
      fmt::print("               leaves the automaton after {} of its letters: {}\n",
                 alphabet_.parse_word(*prefix).size(), shown(*prefix));
  }

 private:
  std::string shown(const std::string& word) const {
    return logic::shown_word(alphabet_, alphabet_.parse_word(word));
  }

  void words(const char* name, const std::string& which, const Verified::Words& found) const {
    if (found.wrong == 0)
      fmt::print("  {:<12} {}: all right\n", name, which);
    else
      fmt::print("  {:<12} {}: {:.2f} % right, {} wrong; the shortest: {}\n", name, which,
                 100 * found.accuracy(), found.wrong, shown(*found.shortest_wrong));
  }

  const logic::Alphabet& alphabet_;
};

/// A progress display for one step, on a terminal.
class Display {
 public:
  explicit Display(const char* what) : what_(what) {}
  inspection::Verification::Progress update() {
    return [this](std::int64_t done, std::int64_t all) {
      if (all == 0) return;  // the options left no word to ask
      const auto output = ::isatty(STDERR_FILENO) != 0 ? base::Progress::Output::standard_error()
                                                       : base::Progress::Output::silent();
      if (!progress_) progress_.emplace(what_, static_cast<double>(all), 0, output);
      progress_->update(static_cast<double>(done));
    };
  }
  void finish() {
    if (progress_) progress_->finish();
  }

 private:
  const char* what_;
  std::optional<base::Progress> progress_;
};

class Verify : public VerifyLine {
 public:
  int run() override {
    if (options_.random_words == 0 && seed_->count() > 0)
      throw base::InputError("--seed", "does nothing with --random 0: no word is drawn");
    if (options_.length > kLongest)
      throw base::InputError("--length",
                             fmt::format("expected 1 to {}, found {}", kLongest, options_.length));
    const inspection::Subject subject = inspection::read_subject(model_);
    if (!subject.manifest && prove_->count() > 0)
      throw base::InputError("--prove", "the model is not a compiled one: it has no proof (yore compile)");
    if (subject.manifest && prove_->count() > 0 && compiler::is_recurrent(subject.file.model))
      throw base::InputError("--prove", "a recurrence is proven for words of every length, or for none");
    const languages::Language language = language_of(subject, language_);
    base::catch_interrupts();  // not before: reading a language, from a pipe perhaps, looks at no flag
    inspection::Verification verification(subject, language.dfa, options_);
    const Printer print(subject.alphabet());
    if (!json_)
      fmt::print("{}: {} parameters, held against {}\n", model_.string(), subject.model().parameters().size(),
                 language.title);
    if (subject.manifest) {
      const compiler::Proof proof = verification.prove();
      if (!json_)
        print.proof(subject.manifest->automaton ? "automaton" : "formula", *verification.result().proof,
                    proof);
    }
    Display short_words("all short words"), long_words("drawn words");
    verification.ask_short_words(short_words.update());
    short_words.finish();
    if (!json_) print.short_words(verification.result().exhaustive);
    verification.ask_long_words(long_words.update());
    long_words.finish();
    if (!json_) print.long_words(verification.result().drawn, options_.random_words);
    if (json_) fmt::print("{}\n", to_json(verification.result()).dump());
    if (base::interrupted()) {
      complain("verify: stopped by a signal; what was found before stands");
      return base::interrupt_exit_code();
    }
    return verification.result().right() ? kOk : kNo;
  }
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace yore::cli
