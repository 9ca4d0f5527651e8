// yore run: what a model answers, and how a compiled one decides.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "yore/base/error.h"
#include "yore/cli/output.h"
#include "yore/cli/run_line.h"
#include "yore/compiler/trace_text.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/subject.h"
#include "yore/inspection/trace.h"

namespace yore::cli {
namespace {

using logic::Word;

class Run : public RunLine {
 public:
  int run() override {
    const inspection::Subject subject = inspection::read_subject(model_);
    if (trace_ && !subject.manifest)
      throw base::InputError("--trace",
                             "the model is not a compiled one: its coordinates have no names (yore compile)");
    if (words_option_->count() > 0) {
      std::vector<Word> words;
      for (const std::string& text : words_) words.push_back(parse(subject, text, "--words"));
      answer(subject, words_, words);
    } else {
      answer_lines(subject);
    }
    return kOk;
  }

 private:
  static Word parse(const inspection::Subject& subject, const std::string& text, const std::string& place) {
    try {
      return subject.alphabet().parse_word(text);
    } catch (const base::InputError& e) {
      throw base::InputError(place, e.what());
    }
  }

  // A person at a terminal gets an answer a line; what a program sends is answered as a whole.
  void answer_lines(const inspection::Subject& subject) const {
    const bool at_once = ::isatty(STDIN_FILENO) != 0;
    std::vector<std::string> texts;
    std::vector<Word> words;
    std::string line;
    for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      words.push_back(parse(subject, line, fmt::format("standard input, line {}", number)));
      texts.push_back(line);
      if (!at_once) continue;
      answer(subject, texts, words);
      texts.clear();
      words.clear();
    }
    // The stream is the C library's, which alone tells an error from the end.
    if (std::ferror(stdin) != 0) throw base::InputError("standard input", "cannot read");
    answer(subject, texts, words);
  }

  void answer(const inspection::Subject& subject, const std::vector<std::string>& texts,
              const std::vector<Word>& words) const {
    const std::vector<float> logits = inspection::answers(subject.model(), subject.alphabet(), words);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool accepts = logits[i] > 0;
      std::optional<compiler::Trace> trace;
      if (trace_) trace = inspection::trace(subject.model(), *subject.manifest, words[i]);
      if (json_) {
        base::Json json = {{"word", texts[i]}, {"accepts", accepts}, {"logit", logits[i]}};
        if (trace) json["trace"] = compiler::to_json(*trace, *subject.manifest);
        fmt::print("{}\n", json.dump());
      } else {
        fmt::print("{:<8}{:+9.3f}  {}\n", accepts ? "accept" : "reject", logits[i],
                   texts[i].empty() ? "()" : texts[i]);
        if (trace) fmt::print("{}", compiler::to_text(*trace, *subject.manifest, words[i]));
      }
    }
    flush_output();
  }
};

}  // namespace

std::unique_ptr<Command> make_run() {
  return std::make_unique<Run>();
}

}  // namespace yore::cli
