#include "yore/api/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "yore/api/answers.h"
#include "yore/api/options.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/forward.h"
#include "yore/compiler/picture.h"

namespace yore::api {
namespace {

Language read_from(const Json& json, std::size_t max_states) {
  Keys keys(json, "language");
  std::string kind;
  keys.read("kind", kind);
  const std::string text = keys.required<std::string>("text");
  std::string alphabet;
  keys.read("alphabet", alphabet);
  keys.finish();
  return read(kind, text, json.contains("alphabet") ? std::optional(alphabet) : std::nullopt, max_states);
}

struct Kind {
  const char* name;
  std::vector<const char*> keys;
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {{"languages", {}},
                                        {"read", {"language", "options"}},
                                        {"classify", {"language", "options"}},
                                        {"convert", {"language", "options", "to"}},
                                        {"replay", {"language", "options", "word"}},
                                        {"compile", {"language", "options"}},
                                        {"trace", {"language", "options", "word"}},
                                        {"equivalent", {"first", "second"}}};
  return all;
}

/// What is asked for. Throws InputError for another question, and for keys that it does not have.
std::string kind_of(const Json& question) {
  Keys keys(question, "question");
  std::string what = keys.required<std::string>("ask");
  const auto kind =
      std::find_if(kinds().begin(), kinds().end(), [&](const Kind& one) { return one.name == what; });
  if (kind == kinds().end())
    throw base::InputError(
        "question.ask",
        fmt::format(
            "expected languages, read, classify, convert, replay, compile, trace or equivalent, got \"{}\"",
            what));
  for (const char* key : kind->keys) keys.allow(key);
  keys.finish();
  return what;
}

Json at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? Json::object() : *found;
}

}  // namespace

struct Session::State {
  std::string language_key, model_key;
  std::optional<Language> language;
  std::optional<compiler::Compiled> model;
  std::string note;

  const Language& known_language(const Json& question) {
    std::size_t max_states = automata::kDefaultMaxStates;
    const Json options = at(question, "options");
    Keys(options, "options").read("max_states", max_states);
    const std::string key = fmt::format("{} {}", max_states, at(question, "language").dump());
    if (key != language_key) {
      language_key.clear();
      language = read_from(at(question, "language"), max_states);
      language_key = key;
    }
    return *language;
  }

  Json classify(const Json& question) {
    const expressivity::ClassifyOptions asked = classify_options(at(question, "options"));
    const Language& about = known_language(question);
    const Classification all = expressivity::classify(about.dfa, asked);
    Json replays = Json::object();
    for (const expressivity::ClassVerdict& verdict : all.classes)
      if (verdict.witness)
        replays[expressivity::name(verdict.of)] = {replay(all.dfa, *verdict.witness, false),
                                                   replay(all.dfa, *verdict.witness, true)};
    return {{"json", to_json(all).dump()},
            {"text", to_text(all, false, about.title)},
            {"replays", std::move(replays)}};
  }

  const compiler::Compiled& compiled(const Json& question) {
    const Json given = at(question, "options");
    const CompileQuestion options = compile_options(given);
    const Language& about = known_language(question);
    const std::string key = language_key + " " + given.dump();
    if (key != model_key) {
      model_key.clear();
      note = "";
      model = compiler::compile_language(about, options.compile, options.classify, nullptr,
                                         [this](const std::string& line) { note = line; });
      model_key = key;
    }
    return *model;
  }

  Json compile(const Json& question) {
    const compiler::Compiled& c = compiled(question);
    return {{"json", describe(*language, c).dump()},
            {"explain", compiler::explain(c.plan)},
            {"proof", compiler::to_text(c.proof)},
            {"note", note},
            {"dot", compiler::dot_of(compiler::manifest_of(c.plan), c.file, {.legend = false})}};
  }

  Word word_of(const Json& question) {
    return language->dfa.alphabet.parse_word(Keys(question, "question").required<std::string>("word"));
  }

  Json trace(const Json& question) {
    const compiler::Compiled& c = compiled(question);
    const Word word = word_of(question);
    const compiler::Manifest manifest = compiler::manifest_of(c.plan);
    return describe(compiler::trace(c.file, manifest, word), manifest,
                    language->dfa.alphabet.format_word(word));
  }
};

Session::Session() : state_(std::make_unique<State>()) {}
Session::~Session() = default;

Json Session::ask(const Json& question) {
  const std::string what = kind_of(question);
  if (what == "languages") {
    Json all = Json::array();
    for (const languages::NamedLanguage& named : languages::suite()) all.push_back(describe(named));
    return all;
  }
  if (what == "classify") return state_->classify(question);
  if (what == "compile") return state_->compile(question);
  if (what == "trace") return state_->trace(question);
  if (what == "equivalent") {
    Language a = read_from(at(question, "first"), automata::kDefaultMaxStates);
    Language b = read_from(at(question, "second"), automata::kDefaultMaxStates);
    const std::string note = unify(a, b);
    Json answer = equivalent(a, b);
    answer["note"] = note;
    return answer;
  }
  const Json options = at(question, "options");
  Keys keys(options, "options");
  keys.allow("max_states");
  keys.finish();
  const Language& language = state_->known_language(question);
  if (what == "replay") return replay(language.dfa, state_->word_of(question));
  if (what == "convert") {
    const auto text = convert(language, Keys(question, "question").required<std::string>("to"));
    return {{"text", text ? Json(*text) : Json()}};
  }
  return {{"title", language.title},
          {"note", language.note},
          {"alphabet", language.dfa.alphabet.names()},
          {"dfa", Json::parse(automata::json_from_dfa(language.dfa))},
          {"dot", automata::dot_from_dfa(language.dfa, {.hide_sink = false})}};
}

std::string Session::ask_text(const std::string& question) noexcept try {
  const auto error = [](const char* kind, const std::string& text) {
    return Json{{"kind", kind}, {"text", text}};
  };
  Json answer;
  try {
    answer = {{"answer", ask(base::parse_json(question, "question"))}};
  } catch (const base::InputError& e) {
    Json what = error("input", e.what());
    what["source"] = e.source();
    what["message"] = e.message();
    what["position"] = e.position() ? Json(*e.position()) : Json();
    answer = {{"error", std::move(what)}};
  } catch (const base::BudgetError& e) {
    answer = {{"error", error("budget", e.what())}};
  } catch (const std::bad_alloc&) {
    answer = {{"error", error("budget", "there is not enough memory for this")}};
  } catch (const std::exception& e) {
    answer = {{"error", error("internal", e.what())}};
  }
  // Texts that are no UTF-8 come back with replacement characters.
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
} catch (...) {  // no memory for the answer, which is given back by now
  return R"({"error":{"kind":"budget","text":"there is not enough memory for this"}})";
}

}  // namespace yore::api
