#include "yore/compiler/verified.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/base/fields.h"

namespace yore::compiler {
namespace {

using base::Json;

// JSON has no infinity: null.
Json finite(double x) {
  return std::isfinite(x) ? Json(x) : Json();
}

Json text(const std::optional<std::string>& x) {
  return x ? Json(*x) : Json();
}

Json words_json(const Verified::Words& w) {
  return {{"words", w.words},
          {"wrong", w.wrong},
          {"accuracy", w.accuracy()},
          {"shortest_wrong", text(w.shortest_wrong)},
          {"least_accepting_logit", finite(w.least_accepting_logit)},
          {"largest_rejecting_logit", finite(w.largest_rejecting_logit)}};
}

Json proof_json(const Verified::Proof& p) {
  Json json;
  json["formula_is_the_language"] = p.formula_is_the_language;
  if (p.difference) json["difference"] = *p.difference;
  json["proven"] = p.proven;
  if (p.every_length) json["every_length"] = true;
  json["length"] = p.length;
  json["error"] = p.error;
  if (p.proven) {
    json["least_accepting_logit"] = finite(p.least_accepting_logit);
    json["largest_rejecting_logit"] = finite(p.largest_rejecting_logit);
  } else {
    json["failure"] = p.failure;
    json["longest_proven"] = p.longest_proven;
  }
  return json;
}

/// The values of one object; `key` is where it stands, for messages.
class Object {
 public:
  Object(const Json& json, std::string key, const std::string& source)
      : json_(json), key_(std::move(key)), source_{source} {
    if (!json.is_object()) base::fields::refuse(source_, key_, "an object", json);
  }

  template <class T>
  void read(const char* name, T& value) const {
    if (!json_.contains(name)) throw base::InputError(source_.name, path(name) + ": missing");
    base::fields::read(json_.at(name), value, source_, path(name));
  }
  /// Leaves the value as it is where there is none, or null.
  template <class T>
  void read_if_there(const char* name, T& value) const {
    if (json_.contains(name) && !json_.at(name).is_null()) read(name, value);
  }
  void read_if_there(const char* name, std::optional<std::string>& value) const {
    if (json_.contains(name) && !json_.at(name).is_null()) read(name, value.emplace());
  }
  Object at(const char* name) const {
    if (!json_.contains(name)) throw base::InputError(source_.name, path(name) + ": missing");
    return Object(json_.at(name), path(name), source_.name);
  }

 private:
  std::string path(const std::string& name) const { return key_.empty() ? name : key_ + "." + name; }

  const Json& json_;
  std::string key_;
  base::fields::Source source_;
};

void read_words(const Object& object, Verified::Words& w) {
  object.read("words", w.words);
  object.read("wrong", w.wrong);
  object.read_if_there("shortest_wrong", w.shortest_wrong);
  object.read_if_there("least_accepting_logit", w.least_accepting_logit);
  object.read_if_there("largest_rejecting_logit", w.largest_rejecting_logit);
}

Verified::Proof read_proof(const Object& object) {
  Verified::Proof p;
  object.read("formula_is_the_language", p.formula_is_the_language);
  object.read_if_there("difference", p.difference);
  object.read("proven", p.proven);
  object.read_if_there("every_length", p.every_length);
  object.read("length", p.length);
  object.read("error", p.error);
  object.read_if_there("failure", p.failure);
  object.read_if_there("longest_proven", p.longest_proven);
  object.read_if_there("least_accepting_logit", p.least_accepting_logit);
  object.read_if_there("largest_rejecting_logit", p.largest_rejecting_logit);
  return p;
}

}  // namespace

bool Verified::right() const {
  return exhaustive.wrong == 0 && drawn.wrong == 0 &&
         (!proof || (proof->formula_is_the_language && proof->proven));
}

Json to_json(const Verified& verified) {
  Json json = Json::object();
  if (verified.proof) json["proof"] = proof_json(*verified.proof);
  json["exhaustive"] = words_json(verified.exhaustive);
  json["exhaustive"]["length"] = verified.exhaustive.length;
  json["exhaustive"]["right_to_length"] = verified.exhaustive.right_to_length;
  json["drawn"] = words_json(verified.drawn);
  json["drawn"]["length"] = verified.drawn.length;
  json["drawn"]["witness_strings"] = verified.drawn.witness_strings;
  if (verified.drawn.leaves_the_automaton_at)
    json["drawn"]["leaves_the_automaton_at"] = *verified.drawn.leaves_the_automaton_at;
  json["right"] = verified.right();
  return json;
}

Verified verified_from_json(const Json& json, const std::string& source) {
  const Object object(json, "", source);
  Verified v;
  if (json.contains("proof")) v.proof = read_proof(object.at("proof"));
  const Object all = object.at("exhaustive"), drawn = object.at("drawn");
  read_words(all, v.exhaustive);
  all.read("length", v.exhaustive.length);
  all.read_if_there("right_to_length", v.exhaustive.right_to_length);
  read_words(drawn, v.drawn);
  drawn.read("length", v.drawn.length);
  drawn.read("witness_strings", v.drawn.witness_strings);
  drawn.read_if_there("leaves_the_automaton_at", v.drawn.leaves_the_automaton_at);
  bool right = v.right();
  object.read_if_there("right", right);
  if (right != v.right())
    throw base::InputError(source, fmt::format("right: is {}, which its other values contradict", right));
  return v;
}

}  // namespace yore::compiler
