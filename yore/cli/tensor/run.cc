// yore run: what a model answers, and how a compiled one decides.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/tensor/subject.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/trace.h"

namespace yore::cli {
namespace {

using logic::Word;

constexpr std::size_t kLongestShown = 60;

struct RunRequest {
  std::filesystem::path model;
  std::optional<std::vector<std::string>> words;  ///< else lines from standard input
  bool trace = false;
  bool json = false;
};

std::string trace_table(const Subject& subject, const Word& word, const inspection::Trace& t) {
  const compiler::Manifest& manifest = *subject.manifest;
  std::vector<std::string> names;
  std::size_t widest = 8;
  for (const inspection::TraceRow& row : t.rows) {
    logic::Formula part = manifest.formula;
    part.root = row.node;
    std::string name = logic::format_formula(part);
    if (name.size() > kLongestShown) name = name.substr(0, kLongestShown - 4) + " ...";
    widest = std::max(widest, name.size());
    names.push_back(std::move(name));
  }
  std::size_t cell = 1;
  for (const std::string& name : subject.alphabet().names()) cell = std::max(cell, name.size());
  const auto pad = [&](const std::string& text) { return fmt::format(" {:>{}}", text, cell); };
  std::string text = fmt::format("  {:<{}}        ", "", widest);
  for (const logic::Symbol s : word) text += pad(subject.alphabet().name(s));
  text += "  EOS\n";
  for (std::size_t r = 0; r < t.rows.size(); ++r) {
    const inspection::TraceRow& row = t.rows[r];
    text += fmt::format("  {:<{}}  x{:<4} ", names[r], widest, row.coordinate);
    for (std::size_t i = 0; i < row.read.size(); ++i) {
      const std::string mark = row.read[i] != row.truth[i] ? "!" : row.read[i] != 0 ? "1" : ".";
      text += i + 1 == row.read.size() ? "  " + mark : pad(mark);
    }
    text += "\n";
  }
  if (!t.agrees) text += "  ! = the model's number says the opposite of what the formula's definition says\n";
  return text;
}

base::Json trace_json(const Subject& subject, const inspection::Trace& t) {
  base::Json rows = base::Json::array();
  for (const inspection::TraceRow& row : t.rows) {
    logic::Formula part = subject.manifest->formula;
    part.root = row.node;
    rows.push_back({{"formula", logic::format_formula(part)},
                    {"stage", row.stage},
                    {"coordinate", row.coordinate},
                    {"numbers", row.numbers},
                    {"read", std::vector<int>(row.read.begin(), row.read.end())},
                    {"truth", std::vector<int>(row.truth.begin(), row.truth.end())}});
  }
  return rows;
}

/// Answers words one after another, or many at a time.
class Answerer {
 public:
  Answerer(const RunRequest& request, const Subject& subject) : request_(request), subject_(subject) {}

  void answer(const std::vector<std::string>& texts, const std::vector<Word>& words) const {
    const std::vector<float> logits = inspection::answers(subject_.saved.model, words);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool accepts = logits[i] > 0;
      std::optional<inspection::Trace> t;
      if (request_.trace) t = inspection::trace(subject_.saved.model, *subject_.manifest, words[i]);
      if (request_.json) {
        base::Json json = {{"word", texts[i]}, {"accepts", accepts}, {"logit", logits[i]}};
        if (t) json["trace"] = trace_json(subject_, *t);
        fmt::print("{}\n", json.dump());
      } else {
        fmt::print("{:<8}{:+9.3f}  {}\n", accepts ? "accept" : "reject", logits[i],
                   texts[i].empty() ? "()" : texts[i]);
        if (t) fmt::print("{}", trace_table(subject_, words[i], *t));
      }
    }
    std::fflush(stdout);
  }

 private:
  const RunRequest& request_;
  const Subject& subject_;
};

int answer(const RunRequest& request) {
  const Subject subject = read_subject(request.model);
  if (request.trace && !subject.manifest)
    throw base::InputError("--trace",
                           "the model is not a compiled one: its coordinates have no names (yore compile)");
  const Answerer answerer(request, subject);
  const auto parse = [&](const std::string& text, const std::string& place) {
    try {
      return subject.alphabet().parse_word(text);
    } catch (const base::InputError& e) {
      throw base::InputError(place, e.what());
    }
  };
  std::vector<Word> words;
  if (request.words) {
    for (const std::string& text : *request.words) words.push_back(parse(text, "--words"));
    answerer.answer(*request.words, words);
    return kOk;
  }
  const bool at_once = ::isatty(STDIN_FILENO) != 0;
  std::vector<std::string> texts;
  std::string line;
  for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    words.push_back(parse(line, fmt::format("standard input, line {}", number)));
    texts.push_back(line);
    if (!at_once) continue;
    answerer.answer(texts, words);
    texts.clear();
    words.clear();
  }
  answerer.answer(texts, words);
  return kOk;
}

class Run : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    app.add_option("--words", request_.words, "Answer these words instead of lines from standard input");
    app.add_flag("--trace", request_.trace,
                 "Show the truth of every subformula at every position, as the compiled model computed it");
    app.add_flag("--json", request_.json, "Print one JSON object a word");
  }
  int run() override { return answer(request_); }

 private:
  RunRequest request_;
};

}  // namespace

std::unique_ptr<Command> make_run() {
  return std::make_unique<Run>();
}

}  // namespace yore::cli
